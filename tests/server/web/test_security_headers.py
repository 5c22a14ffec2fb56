import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from interactive_gym.server.web.security_headers import SecurityHeaders, security_headers


@Request.application
def hello(_: Request) -> Response:
    return Response("hello", headers={"X-Own": "kept"})


def policy(framed_by):
    headers = dict(security_headers(framed_by))
    return dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))


def test_every_answer_has_the_headers_beside_its_own():
    answer = Client(SecurityHeaders(hello, security_headers(()))).get("/")
    assert answer.headers["X-Own"] == "kept"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")


def test_nothing_runs_that_does_not_come_from_the_server():
    directives = policy(())
    assert directives["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert directives["worker-src"] == directives["default-src"] == "'self'"
    assert directives["object-src"] == directives["base-uri"] == "'none'"
    assert "connect-src" not in directives


@pytest.mark.parametrize(
    ("framed_by", "ancestors", "old_browsers"),
    [
        ((), "'none'", "DENY"),
        (("https://a.org", "http://b:1"), "https://a.org http://b:1", None),
        (None, "*", None),
    ],
)
def test_pages_are_framed_by_those_named_only(framed_by, ancestors, old_browsers):
    assert policy(framed_by)["frame-ancestors"] == ancestors
    assert dict(security_headers(framed_by)).get("X-Frame-Options") == old_browsers
