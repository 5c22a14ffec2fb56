"""Serves the page's own modules and styles, each compressed once.

A page loads some fifty of them, so they go before Flask, which would take a millisecond for each.
Whatever this does not serve, large files among it, is left to `static_files`.
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
}
"""The kinds of files that are served, and their types."""

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class _Compressed:
    """A file as it is sent."""

    version: tuple[int, int]
    """When it was changed, and its size: another version has others."""

    body: bytes
    """Its content, gzipped."""

    etag: str
    """Identifies the version in this form."""

    headers: list[tuple[str, str]]
    """What is said of it."""


class SmallFiles:
    """A WSGI application that stands before another.

    Args:
        app: gets every request that is not about a small file.
    """

    def __init__(self, app: WsgiApp) -> None:
        self._app = app
        self._compressed: dict[str, _Compressed] = {}

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
        length = ("Content-Length", str(len(file.body)))
        start_response("200 OK", [*file.headers, ("Content-Encoding", "gzip"), length])
        return [file.body] if environ["REQUEST_METHOD"] == "GET" else []

    def _file_of(self, environ: dict[str, Any]) -> _Compressed | None:
        """The file that is asked for, if it is a small one and the browser takes gzip."""
        path = environ["PATH_INFO"]
        is_meant = path.startswith(PREFIX) and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        if not is_meant or not _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            return None
        file = Path(safe_join(str(static_files.FOLDER), path[len(PREFIX) :]) or "")
        if file.suffix not in TYPES:
            return None
        try:
            stat = file.stat()
        except (OSError, ValueError):
            return None
        if stat.st_size > static_files.SMALL_BYTES:
            return None
        known = self._compressed.get(path)
        if known is None or known.version != (stat.st_mtime_ns, stat.st_size):
            known = self._compressed[path] = _compress(file, stat.st_mtime_ns, stat.st_size)
        return known


def _takes_gzip(accepted: str) -> bool:
    """Whether a browser takes gzip, by its Accept-Encoding; a weight is left to Flask."""
    return "gzip" in (coding.strip() for coding in accepted.split(","))


def _compress(file: Path, changed_ns: int, size: int) -> _Compressed:
    etag = f'"{changed_ns:x}-{size:x}-gzip"'
    headers = [
        ("Content-Type", TYPES[file.suffix]),
        ("Cache-Control", "no-cache"),
        ("ETag", etag),
        ("Last-Modified", formatdate(changed_ns / 1e9, usegmt=True)),
        ("Vary", "Accept-Encoding"),
    ]
    body = gzip.compress(file.read_bytes(), mtime=0)
    return _Compressed((changed_ns, size), body, etag, headers)
