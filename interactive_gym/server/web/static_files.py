"""The static route, which serves files gzipped to browsers that accept it.

Small files are compressed on request, so that no copy can be out of date. Large ones would hold up
games, so the build hook has placed a compressed copy beside each.
"""

import gzip
import io
from pathlib import Path

from flask import Flask, Response, abort, request, send_file
from werkzeug.security import safe_join

FOLDER = Path(__file__).parents[1] / "static"
"""What is served."""
SMALL_BYTES = 200_000
"""Files up to this size, of the kinds below, are compressed on request: in a few ms at most."""
SMALL_KINDS = frozenset({".js", ".mjs", ".css", ".svg"})


def register(app: Flask) -> None:
    """Add the route to *app*."""
    app.add_url_rule("/static/<path:filename>", "static", _static_file)


def takes_gzip() -> bool:
    """Return whether the requesting browser accepts gzipped content."""

    return request.accept_encodings["gzip"] > 0


def _static_file(filename: str) -> Response:
    path = Path(safe_join(str(FOLDER), filename) or "")
    try:
        is_there = path.is_file()
    except OSError:  # The name is too long for any file.
        is_there = False
    if not is_there:
        abort(404)
    response = (_gzipped(path) if takes_gzip() else None) or send_file(path)
    response.vary.add("Accept-Encoding")
    return response


def _gzipped(path: Path) -> Response | None:
    """Return the file's gzipped form, with an ETag of its own, or None if it has none.

    Flask takes type and encoding from the name: ``x.css.gz`` is CSS in gzip.
    """
    copy = path.with_name(f"{path.name}.gz")
    if copy.is_file():
        return send_file(copy)
    stat = path.stat()
    if path.suffix not in SMALL_KINDS or stat.st_size > SMALL_BYTES:
        return None
    return send_file(
        io.BytesIO(gzip.compress(path.read_bytes(), mtime=0)),
        download_name=copy.name,
        etag=f"{stat.st_mtime_ns:x}-{stat.st_size:x}-gzip",
        last_modified=stat.st_mtime,
    )
