"""The TCP connections that are open, and which of them may go when there are too many.

Pure bookkeeping: how a connection is closed is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

CONNECTION = "interactive_gym.connection"
"""The key of a request's `Connection` in the WSGI environment."""

IDLE_S = 1.0
"""After how long without a request a connection goes before others, in seconds."""

CLOSING = 32
"""How many connections may be closing while more are accepted."""


@dataclass(eq=False)
class Connection:
    """One TCP connection."""

    close: Callable[[], None]
    """Ends it, so that whoever reads from it goes on to the end."""

    waiting_since_s: float
    """Since when it waits for the head of a request, in seconds of the clock."""

    is_waiting: bool = True
    """Whether it waits for the head of a request."""

    is_of_participant: Callable[[], bool] = lambda: False
    """Tells whether a participant uses it, who is there. Then it stays open."""

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
        self._by_address: dict[Any, Connection] = {}
        self._shed = 0

    def __len__(self) -> int:
        """How many there are, without those that are being closed."""
        return len(self._open) - self._shed

    def add(self, address: Any, close: Callable[[], None]) -> None:
        """Note a connection that was accepted from this address and port."""
        connection = Connection(close, self._clock())
        self._open[connection] = None
        self._by_address[address] = connection

    def at(self, address: Any) -> Connection:
        """Return the open connection from this address and port."""
        return self._by_address[address]

    def remove(self, address: Any) -> None:
        """Note that a connection is closed."""
        connection = self._by_address.pop(address)
        del self._open[connection]
        self._shed -= connection.is_shed

    def wait_for_head(self, connection: Connection) -> None:
        """Note that a connection waits for a request."""
        # At the end, so that the connection that waits longest comes first.
        self._open[connection] = self._open.pop(connection, None)
        connection.is_of_participant = lambda: False
        connection.is_waiting, connection.waiting_since_s = True, self._clock()

    def begin_request(self, connection: Connection) -> None:
        """Note that the head of a request is complete."""
        connection.is_waiting = False

    def make_room(self) -> bool:
        """Close a connection, if there are too many: the oldest of those that nobody misses.

        Those that have waited for a request for a while come first, then all that no participant
        uses, so that a newcomer has the time to say what they want.

        Returns:
            Whether one more may be accepted now.
        """
        if len(self) >= self.limit:
            idle = self._idle_for(IDLE_S)
            connection = idle or next(filter(_is_dispensable, self._open), None)
            if connection is None:
                return False
            self._close(connection)
        return self._shed <= CLOSING

    def close_overdue(self, limit_s: float) -> None:
        """Close the connections that have waited for a request for longer than `limit_s`."""
        while (connection := self._idle_for(limit_s)) is not None:
            self._close(connection)

    def _idle_for(self, limit_s: float) -> Connection | None:
        """The connection that waits longest for a request, if that is longer than `limit_s`."""
        latest_s = self._clock() - limit_s
        for connection in self._open:
            if connection.is_waiting and not connection.is_shed:
                return connection if connection.waiting_since_s < latest_s else None
        return None

    def _close(self, connection: Connection) -> None:
        connection.is_shed = True
        self._shed += 1
        connection.close()


def _is_dispensable(connection: Connection) -> bool:
    return not connection.is_shed and not connection.is_of_participant()


def keep_for(environ: Mapping[str, Any], is_of_participant: Callable[[], bool]) -> None:
    """Let the connection of a request stay open while a participant uses it."""
    connection = environ.get(CONNECTION)
    if connection is not None:
        connection.is_of_participant = is_of_participant
