"""The WebSocket of one session, read fairly.

The protocol is that of the `websockets` library, without its I/O. What a client sends is read in
small pieces, charged to its allowance, and handed on one message at a time, with a turn for
everyone else in between. Whoever sends more than allowed is not read for a while, so that TCP slows
them.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.semaphore import Semaphore
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import SEND_EOF
from websockets.server import ServerProtocol

from interactive_gym.server.transport.allowance import BEFORE_SIGN_IN
from interactive_gym.server.transport.connections import keep_for
from interactive_gym.server.transport.packets import is_frame
from interactive_gym.server.transport.sessions import Session, Sessions

logger = logging.getLogger(__name__)
logger.setLevel(logging.ERROR)

READ_BYTES = 4096
"""How much is read at once: so little that no frames in it take long."""

LINGER_S = 1.0
"""How long a client that is disconnected may still send, in seconds, before the connection closes
without the reason having reached it."""

_DEFLATE = ServerPerMessageDeflateFactory(
    # A quarter of the memory of the defaults, and the same ratio for messages of some kB.
    server_max_window_bits=13,
    client_max_window_bits=13,
    compress_settings={"memLevel": 6},
)
_HANDSHAKE_HEADERS = ("connection", "upgrade", "sec-websocket-")


class FairWebSocket:
    """A WebSocket as Engine.IO uses it: `wait()`, `send()` and `close()`.

    Args:
        connection: the client's TCP connection, an eventlet socket.
        protocol: with the handshake behind it.
        session: what is charged.
        sessions: charges it.
    """

    def __init__(
        self, connection: Any, protocol: ServerProtocol, session: Session, sessions: Sessions
    ) -> None:
        self._connection = connection
        self._protocol = protocol
        self._session = session
        self._sessions = sessions
        self._sending = Semaphore(1)
        self._parts: list[bytes | bytearray | memoryview] = []
        self._messages: deque[str] = deque()
        self._closed = False
        self._blocked = True
        self._unfinished = 0

    def begin(self) -> None:
        """Send the answer to the handshake; raises OSError if the client cannot be reached."""
        with self._sending:
            self._write()

    def wait(self) -> str | None:
        """Return the next message, or `None` once the connection is closed."""
        while not (self._messages or self._closed or self._session.end_reason is not None):
            self._receive()
        if self._end_if_told() or not self._messages:
            return None
        if not self._blocked:
            # Others may go first, since this client has sent several messages at once.
            eventlet.sleep(0)
        self._blocked = False
        return self._messages.popleft()

    def send(self, message: str) -> None:
        """Send a message; raises OSError if the client cannot be reached."""
        with self._sending:
            if not self._closed:
                self._protocol.send_text(message.encode())
                self._write()

    def close(self) -> None:
        """Say farewell, with the reason that the session has. Whoever waits is woken by the answer.

        Called by whoever sends, as only one may read.
        """
        reason = self._session.end_reason or self._session.farewell
        code = CloseCode.NORMAL_CLOSURE if reason is None else CloseCode.POLICY_VIOLATION
        with self._sending, contextlib.suppress(OSError):
            self._protocol.fail(code, reason or "")
            self._write()

    def hang_up(self) -> None:
        """End the connection. Called by whoever reads."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _receive(self) -> None:
        """Read a piece of what the client sends."""
        self._protocol.max_message_size = self._session.limits.max_message
        data = self._read()
        if not data:
            self.hang_up()
            return
        self._protocol.receive_data(data)
        frames = [each for each in self._protocol.events_received() if isinstance(each, Frame)]
        for frame in frames:
            self._take(frame)
        with self._sending, contextlib.suppress(OSError):
            # Answers to pings, and what a fault or the client's farewell is answered with.
            self._write()
        if self._protocol.close_expected():
            self._end_by_client()
            return
        size = self._size_of(data, frames)
        delay_s = self._sessions.charge(self._session, messages=len(frames), size=size)
        if self._session.end_reason is None and delay_s > 0:
            eventlet.sleep(delay_s)

    def _end_by_client(self) -> None:
        """End the connection after the client's farewell, or a frame that is none."""
        fault = self._protocol.parser_exc
        if fault is not None:
            self._sessions.note_malformed(self._session, "a WebSocket frame", str(fault))
            self._linger()
        self.hang_up()

    def _size_of(self, data: bytes, frames: Sequence[Frame]) -> int:
        """How many bytes to charge for a piece: as it came or, if that is more, decompressed."""
        self._unfinished += len(data)
        if not frames:
            return len(data)
        decompressed = sum(len(frame.data) for frame in frames)
        more = max(0, decompressed - self._unfinished)
        self._unfinished = 0
        return len(data) + more

    def _read(self) -> bytes:
        try:
            try:
                return bytes(self._connection.fd.recv(READ_BYTES))
            except BlockingIOError:
                self._blocked = True
                self._session.allowance.waited()
                return bytes(self._connection.recv(READ_BYTES))
        except OSError:
            return b""

    def _take(self, frame: Frame) -> None:
        """Collect the text of a message; what is no text of Engine.IO's is dropped."""
        if frame.opcode not in (Opcode.TEXT, Opcode.CONT):
            if frame.opcode is Opcode.BINARY:
                self._sessions.note_malformed(self._session, "a message", "it is binary")
            return
        self._parts.append(frame.data)
        if not frame.fin:
            return
        content = b"".join(self._parts)
        self._parts.clear()
        try:
            text = content.decode()
        except UnicodeDecodeError:
            self._sessions.note_malformed(self._session, "a message", "it is not UTF-8")
            return
        if is_frame(text):
            self._messages.append(text)
        else:
            self._sessions.note_malformed(self._session, "a message", "it is not Engine.IO")

    def _end_if_told(self) -> bool:
        """End the connection if the session is to end."""
        if self._session.end_reason is None:
            return False
        self.close()
        self._linger()
        self.hang_up()
        return True

    def _linger(self) -> None:
        """Read on for a moment, since what is unread would keep the reason from arriving."""
        with contextlib.suppress(OSError), eventlet.Timeout(LINGER_S, False):
            while self._connection.recv(16 * READ_BYTES):
                eventlet.sleep(LINGER_S / 100)

    def _write(self) -> None:
        """Send what the protocol has to say. Called with the semaphore."""
        for data in self._protocol.data_to_send():
            if data == SEND_EOF:
                self._connection.shutdown(socket.SHUT_WR)
            else:
                self._connection.sendall(data)


def websocket_app(
    sessions: Sessions, timeout_s: float
) -> Callable[[Callable[[FairWebSocket], Any], Any], Any]:
    """Return what Engine.IO makes the WebSocket of a session with.

    Args:
        sessions: looks sessions up, and is charged.
        timeout_s: how long a client may be silent, or not take what is sent.
    """

    def app_for(handler: Callable[[FairWebSocket], Any], _: Any = None) -> Any:
        # Engine.IO gives a method of its own record of the session.
        session = sessions.get(handler.__self__.sid)  # type: ignore[attr-defined]

        def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            protocol = _shake_hands(environ)
            if session is None or protocol is None:
                start_response("400 Bad Request", [("Content-Type", "text/plain")])
                return [b"This is no handshake of a WebSocket."]
            connection = environ["eventlet.input"].get_socket()
            connection.settimeout(timeout_s)
            keep_for(environ, session.is_signed_in)
            websocket = FairWebSocket(connection, protocol, session, sessions)
            # What eventlet would write otherwise is no part of a WebSocket.
            wsgi.WSGI_LOCAL.already_handled = True
            with contextlib.suppress(OSError):
                websocket.begin()
                handler(websocket)
            websocket.hang_up()
            wsgi.WSGI_LOCAL.already_handled = True
            return []

        return app

    return app_for


def _shake_hands(environ: dict[str, Any]) -> ServerProtocol | None:
    """Return the protocol with its answer to a request for a WebSocket, or `None` if it is none."""
    protocol = ServerProtocol(
        extensions=[_DEFLATE], max_size=BEFORE_SIGN_IN.max_message, logger=logger
    )
    head = "".join(
        f"{name}: {value}\r\n"
        for name, value in environ["headers_raw"]
        if name.lower().startswith(_HANDSHAKE_HEADERS)
    )
    protocol.receive_data(f"GET / HTTP/1.1\r\n{head}\r\n".encode("latin-1", "replace"))
    for request in protocol.events_received():
        if isinstance(request, Request):
            response = protocol.accept(request)
            if response.status_code == 101:
                protocol.send_response(response)
                return protocol
    return None
