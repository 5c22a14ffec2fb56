"""Serves static files from memory, gzipped once, to browsers that take gzip.

A page loads them before it does anything else, so they go before Flask, which would take a
millisecond for each. Whatever this does not serve is left to `static_files`.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

from werkzeug.security import safe_join

from interactive_gym.server.web import static_files

PREFIX = "/static/"
"""Where static files are, below the application's path."""

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".zip": "application/zip",
}
"""The kinds of files that are served, and their types."""

SMALL_BYTES = 200_000
"""Files up to this size are compressed when they are first asked for, in a few ms at most. Beside
larger ones the build hook has placed a compressed copy."""

CHUNK_BYTES = 512 * 1024
"""How much is handed to a connection at once: other connections have their turn in between."""

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class _Cached:
    """A file as it is sent."""

    version: tuple[int, int]
    """When it was changed, and its size: another version has others."""

    chunks: list[bytes]
    """Its content, gzipped if that makes it clearly smaller."""

    etag: str
    """Identifies the version in this form."""

    headers: list[tuple[str, str]]
    """What is said of it."""

    content_headers: list[tuple[str, str]]
    """What is said besides if it is sent."""


class CachedFiles:
    """A WSGI application that stands before another.

    Args:
        app: gets every request that is not about a static file.
    """

    def __init__(self, app: WsgiApp) -> None:
        self._app = app
        self._cached: dict[str, _Cached] = {}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request."""
        file = self._file_of(environ)
        if file is None:
            return self._app(environ, start_response)
        if file.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", file.headers)
            return []
        start_response("200 OK", [*file.headers, *file.content_headers])
        return file.chunks if environ["REQUEST_METHOD"] == "GET" else []

    def _file_of(self, environ: dict[str, Any]) -> _Cached | None:
        """The file that is asked for, if the browser takes gzip."""
        path = environ["PATH_INFO"]
        is_meant = path.startswith(PREFIX) and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        if not is_meant or not _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            return None
        name, is_lasting = static_files.unversioned(path[len(PREFIX) :])
        file = Path(safe_join(str(static_files.FOLDER), name) or "")
        if file.suffix not in TYPES:
            return None
        try:
            stat = file.stat()
        except (OSError, ValueError):
            return None
        known = self._cached.get(path)
        if known is None or known.version != (stat.st_mtime_ns, stat.st_size):
            known = self._cached[path] = _cached(
                file, stat.st_mtime_ns, stat.st_size, is_lasting=is_lasting
            )
        return known


def _takes_gzip(accepted: str) -> bool:
    """Whether a browser takes gzip, by its Accept-Encoding; a weight is left to Flask."""
    return "gzip" in (coding.strip() for coding in accepted.split(","))


def _cached(file: Path, changed_ns: int, size: int, *, is_lasting: bool) -> _Cached:
    form, body = _in_best_form(file, size)
    etag = f'"{changed_ns:x}-{size:x}-{form or "plain"}"'
    headers = [
        ("Content-Type", TYPES[file.suffix]),
        ("Cache-Control", static_files.LASTING if is_lasting else "no-cache"),
        ("ETag", etag),
        ("Last-Modified", formatdate(changed_ns / 1e9, usegmt=True)),
        ("Vary", "Accept-Encoding"),
    ]
    content_headers = [("Content-Length", str(len(body)))]
    if form:
        content_headers.append(("Content-Encoding", form))
    chunks = [body[at : at + CHUNK_BYTES] for at in range(0, len(body), CHUNK_BYTES)]
    return _Cached((changed_ns, size), chunks, etag, headers, content_headers)


def _in_best_form(file: Path, size: int) -> tuple[str, bytes]:
    """A file's content coding, which is empty if it is sent as it is, and its content in that."""
    copy = file.with_name(f"{file.name}.gz")
    if copy.is_file():
        return "gzip", copy.read_bytes()
    content = file.read_bytes()
    if size > SMALL_BYTES or file.suffix == ".zip":
        return "", content
    return "gzip", gzip.compress(content, mtime=0)
