"""The static files, and the route for clients that do not take them gzipped from `CachedFiles`."""

import hashlib
import json
import re
from pathlib import Path

from flask import Flask, Response, abort, send_file
from werkzeug.security import safe_join

FOLDER = Path(__file__).parents[1] / "static"
"""What is served."""


LASTING = "public, max-age=31536000, immutable"
"""What is said of a file whose address names its version: browsers need not ask for it again."""

_VERSION = re.compile(r"@[^/]+/")


def unversioned(name: str) -> tuple[str, bool]:
    """The path of a file below the folder, and whether its address names a version.

    A first folder such as ``@1.2`` is not there on disk. It only makes the address another one.
    """
    version = _VERSION.match(name)
    return (name[version.end() :], True) if version else (name, False)


def register(app: Flask) -> None:
    """Add the route to *app*."""
    app.add_url_rule("/static/<path:filename>", "static", _static_file)


def folder_of_scripts(folder: Path = FOLDER) -> str:
    """Where pages find their scripts, below the static files: bundles, or else the modules.

    The build hook bundles the modules. In a checkout where they have been changed since, they are
    served themselves.
    """
    try:
        bundled = json.loads((folder / "vendor/page/sources.json").read_text(encoding="utf-8"))
    except OSError:
        return "js"
    modules = {
        path.relative_to(folder / "js").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "js").rglob("*.js")
    }
    return "vendor/page" if modules == bundled else "js"


def _static_file(filename: str) -> Response:
    name, is_lasting = unversioned(filename)
    path = Path(safe_join(str(FOLDER), name) or "")
    try:
        is_there = path.is_file()
    except OSError:  # The name is too long for any file.
        is_there = False
    if not is_there:
        abort(404)
    response = send_file(path)
    response.vary.add("Accept-Encoding")
    if is_lasting:
        response.headers["Cache-Control"] = LASTING
    return response
