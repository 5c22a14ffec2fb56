"""What browsers send by HTTP where no WebSocket gets through: the requests of Engine.IO's polling.

A request is charged to its session before Engine.IO reads it, and what Engine.IO would trip over is
dropped.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from interactive_gym.server.transport.connections import keep_for
from interactive_gym.server.transport.packets import is_frame
from interactive_gym.server.transport.sessions import Session, Sessions

SEPARATOR = "\x1e"
"""Stands between the packets of one request, by Engine.IO's protocol."""

MAX_PACKETS = 16
"""Most packets of a request; Engine.IO takes no more."""

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class PollingGuard:
    """A WSGI application that stands before the one of Engine.IO.

    Args:
        app: gets what goes through, which is everything but malformed polling requests.
        path: below which the requests of Engine.IO are.
        sessions: looks sessions up, and charges them.
        sleep: waits for some seconds.
    """

    def __init__(
        self, app: WsgiApp, path: str, sessions: Sessions, sleep: Callable[[float], object]
    ) -> None:
        self._app = app
        self._path = path
        self._sessions = sessions
        self._sleep = sleep

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request."""
        session = self._session_of(environ)
        if session is not None:
            keep_for(environ, session.is_signed_in)
        if session is None or environ["REQUEST_METHOD"] != "POST":
            return self._app(environ, start_response)
        fault = self._fault_of(environ, session)
        if session.end_reason is not None:
            fault = fault or session.end_reason
        if fault is not None:
            start_response("400 Bad Request", [("Content-Type", "text/plain")])
            return [fault.encode()]
        return self._app(environ, start_response)

    def _session_of(self, environ: dict[str, Any]) -> Session | None:
        """The session that a request is about; `None` if it is about none."""
        if not environ["PATH_INFO"].startswith(self._path):
            return None
        ids = parse_qs(environ.get("QUERY_STRING", "")).get("sid")
        return self._sessions.get(ids[0]) if ids else None

    def _fault_of(self, environ: dict[str, Any], session: Session) -> str | None:
        """Charge a request and read it; returns why it is dropped."""
        length = environ.get("CONTENT_LENGTH", "")
        size = int(length) if length.isdigit() else 0
        if not 0 < size <= session.limits.max_message:
            return self._note(session, "its size is not taken")
        delay_s = self._sessions.charge(session, messages=1, size=size)
        if delay_s > 0:
            self._sleep(delay_s)
        body = environ["wsgi.input"].read(size)
        try:
            packets = body.decode().split(SEPARATOR)
        except UnicodeDecodeError:
            return self._note(session, "it is not UTF-8")
        if len(packets) > MAX_PACKETS or not all(map(is_frame, packets)):
            return self._note(session, "it is not Engine.IO")
        self._sessions.charge(session, messages=len(packets) - 1, size=0)
        environ["wsgi.input"] = io.BytesIO(body)
        return None

    def _note(self, session: Session, why: str) -> str:
        self._sessions.note_malformed(session, "a request", why)
        return why
