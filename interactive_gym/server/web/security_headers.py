"""The headers that say what a page may do: Content-Security-Policy and its kin, on every answer.

What runs with the page's rights comes from the experiment's own server alone: scripts, Workers and
connections, and no script may stand in a page. What only shows something may come from anywhere,
as the researcher's HTML says: images, sound and films, fonts, styles, frames of other sites.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ANYWHERE = "http: https: data: blob:"

DIRECTIVES = {
    "default-src": "'self'",
    # Pyodide compiles WebAssembly. It needs no eval of JavaScript.
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "style-src": "'self' 'unsafe-inline' https:",
    "img-src": f"'self' {_ANYWHERE}",
    "media-src": f"'self' {_ANYWHERE}",
    "font-src": "'self' https: data:",
    "frame-src": "http: https:",
    "form-action": "'self' https:",
    "object-src": "'none'",
    "base-uri": "'none'",
}
"""The Content-Security-Policy, but for who may frame the pages."""


def security_headers(framed_by: Sequence[str] | None) -> list[tuple[str, str]]:
    """Return the headers of every answer.

    Args:
        framed_by: the origins whose pages may show the experiment in a frame; None for all.
    """
    ancestors = "*" if framed_by is None else " ".join(framed_by) or "'none'"
    directives = {**DIRECTIVES, "frame-ancestors": ancestors}
    policy = "; ".join(f"{name} {sources}" for name, sources in directives.items())
    headers = [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        # The page's address holds the recruitment id, which other sites have no need to know.
        ("Referrer-Policy", "no-referrer"),
    ]
    # For browsers that do not know frame-ancestors. It cannot name origins.
    return [*headers, ("X-Frame-Options", "DENY")] if ancestors == "'none'" else headers


class SecurityHeaders:
    """A WSGI application whose every answer has the headers, also those of Socket.IO."""

    def __init__(self, application: "WSGIApplication", headers: Sequence[tuple[str, str]]) -> None:
        """Answer with *application* and these *headers*."""
        self._application = application
        self._headers = list(headers)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, *self._headers], *rest)

        return self._application(environ, start)
