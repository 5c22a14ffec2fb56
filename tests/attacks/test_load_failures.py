"""Somebody who reports by the thousand that nothing could be loaded, or in odd ways."""

import json
import socket

from tests.support.served_experiment import DEADLINE_S, Page

RESOURCES = ("page", "connection", "game", "image")
ODD = [
    b"",
    b"{",
    b"\xff" * 100,
    b"[" * 7_000,
    b'{"token": 1e999}',
    json.dumps({"token": "forged", "resource": "page", "reason": ""}).encode(),
    json.dumps({"token": "x" * 4_001, "resource": "page", "reason": ""}).encode(),
    b" " * 1_000_000,
]


def load_failures(served):
    return [line for line in served.participant_lines() if line["event"] == "load_failed"]


def status_of(served, body, headers=b""):
    """Send a report over a connection of its own; returns the status of the answer."""
    length = b"Content-Length: %d\r\n" % len(body) if b"Transfer" not in headers else b""
    head = b"POST /load_failures HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    with socket.create_connection(("127.0.0.1", served.port), DEADLINE_S) as connection:
        try:
            connection.sendall(head + length + headers + b"\r\n" + body)
        except OSError:
            # The server need not read it all to refuse it.
            return None
        return int(connection.recv(100).split(b" ")[1])


def test_a_thousand_reports_are_a_line_for_each_kind_and_nobody_else_notices(served, honest):
    liar = Page(served)
    for number in range(1000):
        report = {"token": liar.token, "resource": RESOURCES[number % 4]}
        body = json.dumps({**report, "reason": f"={number}\r\nERROR forged"}).encode()
        assert status_of(served, body) == 204
    assert [line["resource"] for line in load_failures(served)] == list(RESOURCES)
    assert served.log.count("failed to load") == len(RESOURCES)
    assert "\nERROR forged" not in served.log


def test_odd_reports_are_refused_without_a_trace(served, honest):
    before = load_failures(served)
    for body in ODD:
        assert status_of(served, body) in (400, 403, 413, None)
    chunked = b"Transfer-Encoding: chunked\r\n"
    assert status_of(served, b"2\r\n{}\r\n0\r\n\r\n", chunked) == 400
    assert load_failures(served) == before
