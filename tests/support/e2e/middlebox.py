"""Something between a browser and the server that does to connections what some proxies do.

It speaks HTTP no further than it must: it reads the head of each request, and has the server close
the connection after each answer, so that every request comes by a connection of its own.
"""

import asyncio
import contextlib
import re
import threading
from asyncio import StreamReader, StreamWriter
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
    """A TCP proxy in front of a server, in a thread of its own; used as a context manager."""

    def __init__(self, server_url: str) -> None:
        """Pass everything on to *server_url*, until told otherwise."""
        parts = urlsplit(server_url)
        self._server = (str(parts.hostname), int(parts.port or 80))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._is_listening = threading.Event()
        self._connections: dict[asyncio.Task[None], StreamWriter] = {}
        self.url = ""
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
        self._thread.start()
        assert self._is_listening.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        asyncio.run(self._listen())

    async def _listen(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        listening = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        self._is_listening.set()
        await self._over.wait()
        # A server that is closed leaks the connections that it is just accepting.
        for accepting in listening.sockets:
            self._loop.remove_reader(accepting.fileno())
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for connection in self._connections:
                connection.cancel()
            await asyncio.wait(others)
        listening.close()

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer))
        self._connections[connection] = writer
        connection.add_done_callback(self._drop)

    def _drop(self, connection: asyncio.Task[None]) -> None:
        # One that is cancelled before it began has closed nothing.
        self._connections.pop(connection).transport.abort()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await self._treat(reader, writer)
        await _close(writer)

    async def _treat(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = await reader.readuntil(HEAD_END)
        path = "websocket" if _is_websocket(head) else head.split(b" ", 2)[1].decode()
        self.seen.append(path)
        treatment = self.treatment_of(path)
        if treatment is Treatment.SILENCE:
            await _ignore(reader)
        elif treatment is Treatment.MISSING:
            writer.write(NOT_FOUND)
            await writer.drain()
        elif treatment is not Treatment.REFUSE:
            from_server, to_server = await asyncio.open_connection(*self._server)
            try:
                to_server.write(head if _is_websocket(head) else _as_the_last(head))
                await to_server.drain()
                await _pass_on(reader, writer, from_server, to_server, treatment)
            finally:
                await _close(to_server)


async def _pass_on(
    from_browser: StreamReader,
    to_browser: StreamWriter,
    from_server: StreamReader,
    to_server: StreamWriter,
    treatment: Treatment,
) -> None:
    upwards = None
    if treatment is not Treatment.HANDSHAKE_ONLY:
        upwards = asyncio.create_task(_pump(from_browser, to_server))
    try:
        if treatment is Treatment.PASS:
            await _pump(from_server, to_browser)
        elif treatment is Treatment.HALF:
            head = await from_server.readuntil(HEAD_END)
            body = await from_server.read(-1)
            to_browser.write(head + body[: len(body) // 2])
            await to_browser.drain()
            # Kept open until the browser, or the test, ends it.
            await asyncio.Event().wait()
        else:
            to_browser.write(await from_server.readuntil(HEAD_END))
            await to_browser.drain()
            await _ignore(from_server)
    finally:
        if upwards is not None:
            upwards.cancel()
            await asyncio.gather(upwards, return_exceptions=True)


def _is_websocket(head: bytes) -> bool:
    return b"upgrade: websocket" in head.lower()


def _as_the_last(head: bytes) -> bytes:
    """The head of a request after whose answer the server closes the connection."""
    head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head, count=1)
    return head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


async def _ignore(source: StreamReader) -> None:
    """Keep a connection open until the other side, or the test, ends it."""
    while await source.read(CHUNK_BYTES):
        pass


async def _pump(source: StreamReader, target: StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await source.read(CHUNK_BYTES):
            target.write(chunk)
            await target.drain()
        target.write_eof()


async def _close(writer: StreamWriter) -> None:
    """Close a connection, though the other side may not read what is left to send."""
    writer.close()
    try:
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        writer.transport.abort()
