"""Something between a browser and the server that does to connections what some proxies do.

It speaks HTTP no further than it must: it reads the head of each request, and has the server close
the connection after each answer, so that every request comes by a connection of its own.
"""

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from enum import Enum
from urllib.parse import urlsplit

from tests.support.e2e.patience import PATIENCE_S

HEAD_END = b"\r\n\r\n"
CHUNK_BYTES = 65_536
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Treatment(Enum):
    """What becomes of a request."""

    PASS = "passed on"
    SILENCE = "never answered"
    MISSING = "answered with 404"
    REFUSE = "closed without an answer"
    HALF = "answered with the first half, and no more"
    HANDSHAKE_ONLY = "a WebSocket whose handshake is answered, and then nothing comes"
    NOTHING_BACK = "a WebSocket of which all reaches the server, and the handshake alone comes back"


class Middlebox:
    """A TCP proxy in front of a server; used as a context manager."""

    def __init__(self, server_url: str) -> None:
        """Pass everything on to *server_url*, until told otherwise."""
        parts = urlsplit(server_url)
        self._server = (str(parts.hostname), int(parts.port or 80))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._is_over = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        """Where browsers find it."""
        self.treatment_of: Callable[[str], Treatment] = lambda _path: Treatment.PASS
        """By a request's path, or ``websocket`` for a handshake, what becomes of it."""
        self.seen: list[str] = []
        """The paths of all requests, or ``websocket``."""

    def treat(self, pattern: str, treatment: Treatment) -> None:
        """Treat so what matches the regular expression, and pass on everything else."""

        def treatment_of(path: str) -> Treatment:
            return treatment if re.search(pattern, path) else Treatment.PASS

        self.treatment_of = treatment_of

    def __enter__(self) -> "Middlebox":
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        # Each thread closes what it has opened, once that is shut down.
        self._is_over = True
        for each in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _accept(self) -> None:
        with self._listening, contextlib.suppress(OSError):
            while not self._is_over:
                client, _ = self._listening.accept()
                self._open.append(client)
                self._start(self._serve, client)

    def _start(self, work: Callable[..., None], *given: socket.socket) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            try:
                self._treat(client)
            finally:
                # To close it would not wake the thread that reads from it.
                client.shutdown(socket.SHUT_RDWR)

    def _treat(self, client: socket.socket) -> None:
        head = b""
        while HEAD_END not in head:
            chunk = client.recv(CHUNK_BYTES)
            if not chunk:
                return
            head += chunk
        path = "websocket" if _is_websocket(head) else head.split(b" ", 2)[1].decode()
        self.seen.append(path)
        treatment = self.treatment_of(path)
        if treatment is Treatment.SILENCE:
            _ignore(client)
        elif treatment is Treatment.MISSING:
            client.sendall(NOT_FOUND)
        elif treatment is not Treatment.REFUSE:
            with socket.create_connection(self._server) as server:
                self._open.append(server)
                self._pass_on(client, server, head, treatment)

    def _pass_on(
        self, client: socket.socket, server: socket.socket, head: bytes, treatment: Treatment
    ) -> None:
        if not _is_websocket(head):
            head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head, count=1)
            head = head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        server.sendall(head)
        if treatment is not Treatment.HANDSHAKE_ONLY:
            self._start(_pump, client, server)
        if treatment is Treatment.PASS:
            _pump(server, client)
        elif treatment is Treatment.HALF:
            _pump_half(server, client)
            _ignore(client)
        else:
            answer = b""
            while HEAD_END not in answer and (byte := server.recv(1)):
                answer += byte
            client.sendall(answer)
            _ignore(server)


def _is_websocket(head: bytes) -> bool:
    return b"upgrade: websocket" in head.lower()


def _ignore(source: socket.socket) -> None:
    """Keep a connection open until the other side, or the test, ends it."""
    while source.recv(CHUNK_BYTES):
        pass


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(CHUNK_BYTES):
            target.sendall(chunk)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _pump_half(source: socket.socket, target: socket.socket) -> None:
    """Pass on the head and half of the body, and keep the connection open."""
    answer = b""
    while chunk := source.recv(CHUNK_BYTES):
        answer += chunk
    head, _, body = answer.partition(HEAD_END)
    target.sendall(head + HEAD_END + body[: len(body) // 2])
