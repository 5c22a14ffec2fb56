"""Puts the guards before a Socket.IO server: sessions, packets, polling and WebSockets."""

from __future__ import annotations

import logging
import time
from typing import Any

from flask import Flask
from flask_socketio import SocketIO

from interactive_gym.server.transport.allowance import SIGNED_IN
from interactive_gym.server.transport.gate import Gate
from interactive_gym.server.transport.packets import CheckedPacket
from interactive_gym.server.transport.polling import PollingGuard
from interactive_gym.server.transport.quiet_logs import OncePerPlace, library_logger
from interactive_gym.server.transport.sessions import Sessions

logger = logging.getLogger(__name__)

SWEEP_S = 2.0
"""How often sessions that are to end are looked for, in seconds."""

HEARTBEAT_INTERVAL_S = 5
"""How often the server pings every socket."""

HEARTBEAT_TIMEOUT_S = 10
"""How long it waits for the answer before the connection counts as lost."""

SOCKET_IO_OPTIONS: dict[str, Any] = {
    "max_http_buffer_size": SIGNED_IN.max_message,
    "serializer": CheckedPacket,
    # One event of a client after the other, each before the next is read.
    "async_handlers": False,
    "logger": library_logger("socketio"),
    "engineio_logger": library_logger("engineio"),
}
"""What the Socket.IO server must be made with."""


def guard(app: Flask, sio: SocketIO) -> Sessions:
    """Let what clients send through the guards from now on; returns the open sessions."""
    app.logger.addFilter(OncePerPlace(only_failures=True))
    sessions = Sessions(time.monotonic)
    gate = Gate(sio.server, sessions)
    engine = sio.server.eio
    app.wsgi_app = PollingGuard(  # type: ignore[method-assign]
        app.wsgi_app, "/socket.io", sessions, sio.sleep
    )
    if engine.async_mode == "eventlet":
        # Imported here, as importing eventlet without serving with it would be of no use.
        from interactive_gym.server.transport.websocket import websocket_app

        # Engine.IO has no other way to choose how WebSockets are read.
        timeout_s = engine.ping_interval + engine.ping_timeout
        engine._async = {**engine._async, "websocket": websocket_app(sessions, timeout_s)}

    def sweep() -> None:
        while True:
            sio.sleep(SWEEP_S)
            try:
                gate.sweep()
            except Exception:
                logger.exception("Ending idle sessions failed; it is tried again.")

    sio.start_background_task(sweep)
    return sessions
