"""The listening socket: survives whatever happens at `accept`."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
from functools import partial
from typing import Any

import eventlet
from eventlet import greenio

from interactive_gym.server.messages.rejections import is_worth_a_line
from interactive_gym.server.transport.connections import Connections

logger = logging.getLogger(__name__)

EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Errors that pass when others close their connections."""

PAUSE_S = 0.02
"""How long to wait then, in seconds. Clients wait meanwhile, in the queue of the system."""


BACKLOG = 1024
"""How many connections the system keeps until they are accepted."""


def listen(host: str, port: int, connections: Connections) -> PatientListener:
    """Listen at an address; raises OSError if that is not possible."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return PatientListener(eventlet.listen(address, family, backlog=BACKLOG), connections)


class PatientListener:
    """A listening socket whose `accept` never fails.

    Args:
        listening: the socket.
        connections: makes room for a new connection.
    """

    def __init__(self, listening: Any, connections: Connections) -> None:
        self._listening = listening
        self._connections = connections
        self._exhausted = 0

    def __getattr__(self, name: str) -> Any:
        """Be the socket in everything else."""
        return getattr(self._listening, name)

    def accept(self) -> tuple[Any, Any]:
        """Return the next connection and its address, as soon as there is room for it.

        The connection is among the open ones then, until whoever serves it removes it.
        """
        while True:
            # Those who were accepted go first, however many wait to be.
            eventlet.sleep(0)
            if not self._connections.make_room():
                eventlet.sleep(PAUSE_S)
                continue
            try:
                connection, address = self._listening.accept()
            except OSError as error:
                if error.errno in EXHAUSTED:
                    self._note(error)
                eventlet.sleep(PAUSE_S)
                continue
            # Else a message waits until the one before it is acknowledged, which takes the client's
            # RTT, and 40 ms and more besides if it has nothing to say.
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.add(address, partial(greenio.shutdown_safe, connection))
            return connection, address

    def _note(self, error: OSError) -> None:
        self._exhausted += 1
        if is_worth_a_line(self._exhausted):
            logger.warning(
                "No connection can be accepted (%s), so newcomers wait until others have left.",
                error.strerror,
            )
