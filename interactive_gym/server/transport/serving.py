"""Serves the application over TCP: as many connections as there are descriptors, each limited."""

from __future__ import annotations

import functools
import time
from typing import Any

import eventlet
from eventlet import wsgi

from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.transport.connections import Connections
from interactive_gym.server.transport.descriptors import Descriptors
from interactive_gym.server.transport.http import HEAD_S, STALLED_S, LimitedHttp
from interactive_gym.server.transport.listener import PatientListener

SWEEP_S = 1.0
"""How often connections that take too long are looked for, in seconds."""

BACKLOG = 1024
"""How many connections the system keeps until they are accepted."""


def serve(app: Any, address: Any, family: int, descriptors: Descriptors) -> None:
    """Serve a WSGI application until interrupted.

    Args:
        app: the application.
        address: where to listen.
        family: the family of the address.
        descriptors: how many connections there may be.
    """
    connections = Connections(descriptors.connections, time.monotonic)
    listening = eventlet.listen(address, family, backlog=BACKLOG)
    eventlet.spawn(_sweep, connections)
    wsgi.server(
        PatientListener(listening, connections),
        app,
        protocol=functools.partial(LimitedHttp, connections, RejectedInput()),
        # One more than ever come, as those that are being closed count as well.
        max_size=2 * connections.limit,
        socket_timeout=STALLED_S,
        # Request lines contain recruitment ids and addresses.
        log_output=False,
        debug=False,
    )


def _sweep(connections: Connections) -> None:
    while True:
        eventlet.sleep(SWEEP_S)
        for connection in connections.overdue(HEAD_S):
            connection.close()
