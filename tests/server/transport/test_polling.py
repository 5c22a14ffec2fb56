import io

import pytest

from interactive_gym.server.transport.polling import PollingGuard
from interactive_gym.server.transport.sessions import MAX_MALFORMED, Sessions

SEPARATOR = "\x1e"


class House:
    """The guard before an application that keeps what it reads."""

    def __init__(self):
        self.now_s = 0.0
        self.read = []
        self.slept_s = []
        self.sessions = Sessions(lambda: self.now_s)
        self.session = self.sessions.open("sid")
        self._guard = PollingGuard(self._app, "/socket.io", self.sessions, self.slept_s.append)

    def post(self, body, query="EIO=4&transport=polling&sid=sid", length=None):
        body = body.encode() if isinstance(body, str) else body
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/socket.io/",
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)) if length is None else length,
            "wsgi.input": io.BytesIO(body),
        }
        statuses = []
        self._guard(environ, lambda status, headers: statuses.append(status))
        return statuses[0]

    def _app(self, environ, start_response):
        self.read.append(environ["wsgi.input"].read())
        start_response("200 OK", [])
        return []


@pytest.fixture
def house():
    return House()


@pytest.mark.parametrize("body", ["3", '40{"token":"t"}', SEPARATOR.join(['42["a"]', "3", "6"])])
def test_what_engine_io_knows_goes_through_as_it_came(house, body):
    assert house.post(body) == "200 OK"
    assert house.read == [body.encode()]


@pytest.mark.parametrize(
    "body",
    [
        *("", "x", "4[1,1]", "bAAAA", b"\xff", SEPARATOR.join(["3"] * 17), "3" + SEPARATOR),
        "42" + "x" * 16_000,
    ],
)
def test_what_it_would_trip_over_is_refused_and_counted(house, body):
    assert house.post(body) == "400 Bad Request"
    assert house.read == []
    assert house.session.malformed == 1


@pytest.mark.parametrize("length", ["-1", "many", "10000000000"])
def test_a_length_that_is_none_is_refused(house, length):
    assert house.post("3", length=length) == "400 Bad Request"
    assert house.read == []


@pytest.mark.parametrize("query", ["EIO=4&transport=polling", "sid=other", ""])
def test_requests_of_no_session_are_left_to_engine_io(house, query):
    assert house.post("anything", query=query) == "200 OK"


def test_who_sends_too_much_is_slowed(house):
    packets = SEPARATOR.join(["3"] * 10)
    for _ in range(4):
        house.post(packets)
    assert house.slept_s
    assert house.slept_s == sorted(house.slept_s)


def test_a_session_that_is_to_end_gets_nothing_through(house):
    for _ in range(MAX_MALFORMED):
        house.post("x")
    assert house.session.end_reason == "malformed messages"
    assert house.post("3") == "400 Bad Request"
    assert house.read == []
