"""Hands open connections on to another process of this machine, which answers what they ask.

A request line tells which process is meant. The connection's descriptor goes to it through a socket
pair, with all bytes that were read so far. So all processes are reached at one port, and whatever
stands before the server passes their requests on like any other.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import eventlet
from eventlet import greenio
from eventlet.hubs import trampoline

from interactive_gym.server.transport.connections import Connections
from interactive_gym.server.transport.listener import PAUSE_S

MOST_BYTES = 2**17
"""More than can have been read of a connection when its first line is complete."""

ChannelFor = Callable[[bytes], "socket.socket | None"]
"""Returns the socket of a pair at whose other end a request is answered, by its first line;
`None` if it is answered here."""


def answer_all_here(line: bytes) -> None:
    """Hand nothing on."""


def new_pair() -> tuple[socket.socket, socket.socket]:
    """Make a pair of sockets that connections are handed over by."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        ours.setsockopt(socket.SOL_SOCKET, option, 2 * MOST_BYTES)
    return ours, theirs


def hand_over(channel: socket.socket, connection: Any, data: bytes) -> bool:
    """Hand a connection over; returns whether the other process can take it now.

    Args:
        channel: our end of the pair.
        connection: the connection, which stays open here, too.
        data: what was read of it.
    """
    try:
        # Without waiting: who does not take connections would keep others from theirs.
        socket.send_fds(channel, [data], [connection.fileno()])
    except OSError:
        return False
    return True


class GoneConnection:
    """Stands for a connection that was handed over, which this process must not shut down."""

    def shutdown(self, how: int) -> None:
        """Leave it open."""

    def close(self) -> None:
        """Do nothing, as this process's descriptor is closed."""


class ReadAhead(greenio.GreenSocket):  # type: ignore[misc]
    """A connection of which some bytes were read by another process.

    Args:
        connection: the connection.
        data: the bytes.
    """

    def __init__(self, connection: socket.socket, data: bytes) -> None:
        super().__init__(connection)
        self._data = memoryview(data)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Receive into a buffer, first what was read already."""
        if not self._data:
            return int(super().recv_into(buffer, nbytes, flags))
        count = min(nbytes or len(buffer), len(self._data))
        buffer[:count] = self._data[:count]
        self._data = self._data[count:]
        return count


class HandedOver:
    """A listener whose connections come from the process that has accepted them.

    Args:
        channel: the other end of the pair.
        connections: makes room for a new connection.
    """

    family = socket.AF_UNIX

    def __init__(self, channel: socket.socket, connections: Connections) -> None:
        channel.setblocking(False)
        self._channel = channel
        self._connections = connections

    def accept(self) -> tuple[Any, Any]:
        """Return the next connection and its address, as soon as there is room for it."""
        while True:
            # Those who were accepted go first, however many wait to be.
            eventlet.sleep(0)
            if not self._connections.make_room():
                eventlet.sleep(PAUSE_S)
                continue
            received = self._receive()
            if received is None:
                # Nothing more will come, but those that are open go on.
                eventlet.sleep(3600)
                continue
            data, descriptors = received
            for descriptor in descriptors:
                connection = ReadAhead(socket.socket(fileno=descriptor), data)
                with contextlib.suppress(OSError):
                    address = connection.getpeername()
                    self._connections.add(address, partial(greenio.shutdown_safe, connection))
                    return connection, address
                connection.close()

    def getsockname(self) -> str:
        """The name that requests see of this server."""
        return "recorder"

    def close(self) -> None:
        """Take no more connections."""
        self._channel.close()

    def _receive(self) -> tuple[bytes, list[int]] | None:
        """A connection's descriptor and bytes; `None` when the other process has ended."""
        while True:
            try:
                data, descriptors, _, _ = socket.recv_fds(self._channel, MOST_BYTES, 1)
            except BlockingIOError:
                trampoline(self._channel, read=True)
                continue
            except OSError:
                # Without descriptors left, the one that came is lost: its client tries again.
                eventlet.sleep(PAUSE_S)
                continue
            return (data, descriptors) if data else None
