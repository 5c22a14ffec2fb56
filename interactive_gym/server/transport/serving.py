"""Serves the application over TCP: as many connections as there are descriptors, each limited."""

from __future__ import annotations

import functools
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.event import Event

from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.transport.connections import CLOSING, Connections
from interactive_gym.server.transport.handover import ChannelFor, answer_all_here
from interactive_gym.server.transport.http import HEAD_S, STALLED_S, LimitedHttp

SWEEP_S = 1.0
"""How often connections that take too long are looked for, in seconds."""


class TcpServer:
    """Serves a WSGI application.

    Args:
        app: the application.
        listener: accepts connections, and notes them in `connections`.
        connections: the open connections.
        channel_for: tells which process answers a request; all are answered here otherwise.
        keeps_alive: whether several requests may come over one connection.
    """

    def __init__(
        self,
        app: Any,
        listener: Any,
        connections: Connections,
        channel_for: ChannelFor = answer_all_here,
        *,
        keeps_alive: bool = True,
    ) -> None:
        self._app = app
        self._listener = listener
        self._connections = connections
        self._channel_for = channel_for
        self._keeps_alive = keeps_alive
        self._left = Event()

    def run(self) -> None:
        """Serve until `leave` is called, or an interrupt comes.

        Connections end with the process: those of participants are open for as long as they want.
        """
        eventlet.spawn(_sweep, self._connections)
        serving = eventlet.spawn(
            wsgi.server,
            self._listener,
            self._app,
            protocol=functools.partial(
                LimitedHttp, self._connections, self._channel_for, RejectedInput()
            ),
            keepalive=self._keeps_alive,
            # Those that are being closed count as well.
            max_size=self._connections.limit + 2 * CLOSING,
            socket_timeout=STALLED_S,
            # Request lines contain recruitment ids and addresses.
            log_output=False,
            debug=False,
        )
        serving.link(lambda ended: self.leave())
        self._left.wait()
        if serving.dead:
            serving.wait()

    def leave(self) -> None:
        """Let `run` return."""
        if not self._left.ready():
            self._left.send()


def _sweep(connections: Connections) -> None:
    while True:
        eventlet.sleep(SWEEP_S)
        connections.close_overdue(HEAD_S)
