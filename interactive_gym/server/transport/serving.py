"""Serves the application over TCP: as many connections as there are descriptors, each limited."""

from __future__ import annotations

import functools
import time
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.event import Event

from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.transport.connections import CLOSING, Connections
from interactive_gym.server.transport.descriptors import Descriptors
from interactive_gym.server.transport.http import HEAD_S, STALLED_S, LimitedHttp
from interactive_gym.server.transport.listener import PatientListener

SWEEP_S = 1.0
"""How often connections that take too long are looked for, in seconds."""

BACKLOG = 1024
"""How many connections the system keeps until they are accepted."""


class TcpServer:
    """Serves a WSGI application.

    Args:
        app: the application.
        address: where to listen.
        family: the family of the address.
        descriptors: how many connections there may be.
    """

    def __init__(self, app: Any, address: Any, family: int, descriptors: Descriptors) -> None:
        self._app = app
        self._connections = Connections(descriptors.connections, time.monotonic)
        self._listening = eventlet.listen(address, family, backlog=BACKLOG)
        self._left = Event()

    def run(self) -> None:
        """Serve until `leave` is called, or an interrupt comes.

        Connections end with the process: those of participants are open for as long as they want.
        """
        eventlet.spawn(_sweep, self._connections)
        serving = eventlet.spawn(
            wsgi.server,
            PatientListener(self._listening, self._connections),
            self._app,
            protocol=functools.partial(LimitedHttp, self._connections, RejectedInput()),
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
