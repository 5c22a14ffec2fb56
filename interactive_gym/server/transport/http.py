"""HTTP connections with limits of time and rate, on eventlet's WSGI server.

Neither slow requests nor many idle connections keep others out, and no client makes the server
write a traceback.
"""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any

import eventlet
from eventlet import wsgi

from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.transport.allowance import Allowance, Limits, Rate
from interactive_gym.server.transport.connections import CONNECTION, Connections
from interactive_gym.server.transport.handover import ChannelFor, GoneConnection, hand_over

HEAD_S = 20.0
"""How long a connection may take to send the head of its next request, in seconds."""

STALLED_S = 60.0
"""How long a client may take to send or to read anything within a request, in seconds."""

REQUESTS = Limits(Rate(200, 50), Rate(float("inf"), 1), max_message=0)
"""How many requests may come over one connection. A page needs about ten."""


class LimitedHttp(wsgi.HttpProtocol):  # type: ignore[misc]
    """One connection.

    Args:
        connections: is told what the connection waits for.
        channel_for: tells which process answers a request.
        faults: counts what goes wrong.
        conn_state: eventlet's record of the connection.
        server: eventlet's server.
    """

    connection: Any
    """The client's TCP connection, an eventlet socket, until it is handed over."""

    def __init__(
        self,
        connections: Connections,
        channel_for: ChannelFor,
        faults: RejectedInput,
        conn_state: list[Any],
        server: Any,
    ) -> None:
        self._connections = connections
        self._channel_for = channel_for
        self._faults = faults
        self._connection = connections.at(conn_state[0])
        self._allowance = Allowance(REQUESTS, time.monotonic())
        try:
            super().__init__(conn_state, server)
        except OSError:
            pass  # The client is gone.
        except Exception as error:
            faults.note(None, "a request", repr(error))
        finally:
            connections.remove(conn_state[0])

    def get_environ(self) -> Any:
        """Return what the application is given of a request whose head is complete."""
        self._connections.begin_request(self._connection)
        delay_s = self._allowance.charge(time.monotonic(), messages=1)
        if delay_s > 0:
            eventlet.sleep(delay_s)
        environ = super().get_environ()
        environ[CONNECTION] = self._connection
        return environ

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Log nothing: request lines contain recruitment ids."""

    def log_error(self, format: str, *args: Any) -> None:
        """Count a malformed request, without its address and what it says."""
        self._faults.note(None, "a request", f"it was answered with {args[0]}" if args else format)

    def finish(self) -> None:
        """Close the connection, also if what is left to send cannot be sent."""
        try:
            with contextlib.suppress(OSError):
                super().finish()
        finally:
            # Else the descriptor would stay open until the next garbage collection.
            self.rfile.close()
            self.connection.close()

    def _read_request_line(self) -> Any:
        self._connections.wait_for_head(self._connection)
        # Others may go first, since the next request may be there already.
        eventlet.sleep(0)
        line = super()._read_request_line()
        channel = self._channel_for(line) if line else None
        if channel is not None and self._hand_over(channel, line):
            # As if the client had closed the connection.
            return b""
        return line

    def _hand_over(self, channel: socket.socket, line: bytes) -> bool:
        """Hand the connection over, with a request of which only the first line is looked at."""
        self.connection.settimeout(0)
        try:
            is_gone = hand_over(channel, self.connection, line + self.rfile.peek())
        except OSError:
            is_gone = False
        self.connection.settimeout(STALLED_S)
        if is_gone:
            self.connection.close()
            self.connection = self.conn_state[1] = GoneConnection()
        return is_gone
