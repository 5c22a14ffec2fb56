"""The TCP connections that are open, and which of them may go when there are too many.

Pure bookkeeping: how a connection is closed is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(eq=False)
class Connection:
    """One TCP connection."""

    close: Callable[[], None]
    """Ends it, so that whoever reads from it goes on to the end."""

    waiting_since_s: float
    """Since when nothing whole has come, in seconds of the clock; or when the present request
    began."""

    is_waiting: bool = True
    """Whether it waits for the head of a request."""

    is_shed: bool = False
    """Whether it is being closed."""


class Connections:
    """All open connections.

    Args:
        limit: how many there may be.
        clock: monotonic seconds.
    """

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        self.limit = limit
        self._clock = clock
        self._open: dict[Connection, None] = {}
        self._shed = 0

    def __len__(self) -> int:
        """How many there are, without those that are being closed."""
        return len(self._open) - self._shed

    def add(self, close: Callable[[], None]) -> Connection:
        """Note a new connection."""
        connection = Connection(close, self._clock())
        self._open[connection] = None
        return connection

    def remove(self, connection: Connection) -> None:
        """Note that a connection is closed."""
        if connection in self._open:
            del self._open[connection]
            self._shed -= connection.is_shed

    def wait_for_head(self, connection: Connection) -> None:
        """Note that a connection waits for a request."""
        # At the end, so that the connection that waits longest comes first.
        self._open[connection] = self._open.pop(connection, None)
        connection.is_waiting, connection.waiting_since_s = True, self._clock()

    def begin_request(self, connection: Connection) -> None:
        """Note that the head of a request is complete."""
        connection.is_waiting, connection.waiting_since_s = False, self._clock()

    def make_room(self) -> bool:
        """Close the connection that waits longest for a request, if there are too many.

        Returns:
            Whether there is room now for one more.
        """
        if len(self) < self.limit:
            return True
        for connection in self._open:
            if connection.is_waiting and not connection.is_shed:
                connection.is_shed = True
                self._shed += 1
                connection.close()
                return True
        return False

    def overdue(self, limit_s: float) -> list[Connection]:
        """Return the connections that have waited for a request for longer than `limit_s`."""
        latest_s = self._clock() - limit_s
        return [
            each
            for each in self._open
            if each.is_waiting and not each.is_shed and each.waiting_since_s < latest_s
        ]
