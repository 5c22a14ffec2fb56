"""A socket pair between two processes, over which lines go in both directions."""

from __future__ import annotations

import contextlib
import socket
from collections import deque
from collections.abc import Iterator

import eventlet
from eventlet import greenio
from eventlet.event import Event


class Channel:
    """One end of the pair. Whoever sends never waits.

    Args:
        end: a connected stream socket.
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = greenio.GreenSocket(end)
        self._waiting: deque[bytes] = deque()
        self._news = Event()
        eventlet.spawn(self._write)

    def send(self, line: bytes) -> None:
        """Send a line after those before; it is lost if the other process has ended."""
        self._waiting.append(line)
        if not self._news.ready():
            self._news.send()

    def lines(self) -> Iterator[bytes]:
        """What the other process sends, until it has ended or this end is closed."""
        with contextlib.suppress(OSError), self._socket.makefile("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                yield line
        self._socket.close()

    def close(self) -> None:
        """End the channel; the other process sees it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.send(b"")

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._news.wait()
                self._news = Event()
                data = b"".join(self._waiting)
                self._waiting.clear()
                if not data:
                    return
                self._socket.sendall(data)
