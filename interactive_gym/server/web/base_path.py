"""Serves the application under the path at which a proxy shows it, and explains wrong paths.

Some proxies leave that path in the requests that they pass on, some take it away. Both are
answered.
"""

import logging
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

MAX_LOGGED_PATHS = 5
"""How many paths under which nothing is served are logged."""

_PATH_OF_OURS = re.compile(r"(?P<base>(?:/[\w.~-]{1,50}){1,4}?)/(?:static/.+|socket\.io/|health|)")
"""A path that would be one of ours without its beginning."""


class BasePath:
    """A WSGI application that answers with and without the base path."""

    def __init__(self, application: "WSGIApplication", base_path: str) -> None:
        """Pass on to *application*, without *base_path*, which ends with a slash."""
        self._application = application
        self._base_path = base_path

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        path, base = environ.get("PATH_INFO", ""), self._base_path.rstrip("/")
        if base and path == base:
            query = environ.get("QUERY_STRING", "")
            location = quote(self._base_path) + (f"?{query}" if query else "")
            start_response("307 Temporary Redirect", [("Location", location)])
            return []
        if base and path.startswith(self._base_path):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + base
            environ["PATH_INFO"] = path[len(base) :]
        return self._application(environ, start_response)


class WrongPaths:
    """Logs requests whose path would be right below another base path."""

    def __init__(self) -> None:
        self._logged: set[str] = set()

    def note(self, path: str) -> None:
        """Log that there is nothing at *path*, once for each base path that would explain it."""
        found = _PATH_OF_OURS.fullmatch(path)
        base = found["base"] if found else None
        if base is None or base in self._logged or len(self._logged) >= MAX_LOGGED_PATHS:
            return
        self._logged.add(base)
        logger.warning(
            "Nothing is served at %s. If a proxy serves the experiment there, name the path with "
            ".hosting(base_path=%r), or let the proxy take it away.",
            path[:200],
            base,
        )
