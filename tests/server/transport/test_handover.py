"""Connections that one process accepts and another one answers, over real sockets."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap

import pytest

from tests.support.served_experiment import DEADLINE_S

SERVERS = textwrap.dedent("""
    import os, signal, sys, time, warnings
    warnings.simplefilter("ignore")
    import eventlet
    from interactive_gym.server.transport.connections import Connections
    from interactive_gym.server.transport.handover import HandedOver, new_pair
    from interactive_gym.server.transport.listener import listen
    from interactive_gym.server.transport.serving import TcpServer

    def answering(name):
        def app(environ, start_response):
            body = environ["wsgi.input"].read()
            address = environ.get("HTTP_X_FORWARDED_FOR", "")
            said = f"{name} {environ['PATH_INFO']} {address} {len(body)}".encode()
            length = ("Content-Length", str(len(said)))
            start_response("200 OK", [("Content-Type", "text/plain"), length])
            return [said]
        return app

    ours, theirs = new_pair()
    connections = Connections(40, time.monotonic)
    if os.fork() == 0:
        ours.close()
        listener = HandedOver(theirs, connections)
        TcpServer(answering("second"), listener, connections, keeps_alive=False).run()
    theirs.close()

    def channel_for(line):
        return ours if line.startswith((b"GET /second", b"POST /second")) else None

    listener = listen("127.0.0.1", 0, connections)
    print(listener.getsockname()[1], flush=True)
    TcpServer(answering("first"), listener, connections, channel_for).run()
""")


@pytest.fixture(scope="module")
def port():
    """The port of two processes, of which the second answers what begins with /second."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVERS], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    yield int(process.stdout.readline())
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(DEADLINE_S)
    process.stdout.close()


@pytest.fixture
def connect(port):
    with contextlib.ExitStack() as opened:
        yield lambda: opened.enter_context(
            socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
        )


def answer_on(client):
    """The body of the next answer; `None` if the connection is closed."""
    with client.makefile("rb") as file:
        head = iter(lambda: file.readline().strip().lower(), b"")
        lengths = [int(line.split(b":")[1]) for line in head if line.startswith(b"content-length")]
        return file.read(lengths[0]).decode() if lengths else None


def request(path, body="", method="GET", **headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: here", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join([*lines, "", ""]) + body).encode()


def test_each_process_answers_what_it_is_asked(connect):
    for path, name in (("/first", "first"), ("/second/a", "second"), ("/", "first")):
        client = connect()
        client.sendall(request(path))
        assert answer_on(client) == f"{name} {path}  0"


def test_headers_and_body_arrive_however_they_are_cut(connect):
    whole = request("/second", "x" * 50_000, "POST", X_Forwarded_For="10.0.0.7")
    for cuts in ((1, 3), (20, 21), (25, 60), (40_000, 45_000)):
        client = connect()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start, end in zip((0, *cuts), (*cuts, len(whole)), strict=True):
            client.sendall(whole[start:end])
        assert answer_on(client) == "second /second 10.0.0.7 50000"


def test_a_kept_connection_is_handed_over_at_any_request_and_then_closed(connect):
    client = connect()
    for _ in range(2):
        client.sendall(request("/first"))
        assert answer_on(client) == "first /first  0"
    # Both at once: a second process that kept the connection would have to answer for the first.
    client.sendall(request("/second") + request("/first"))
    assert answer_on(client) == "second /second  0"
    with contextlib.suppress(ConnectionResetError):
        assert client.recv(1) == b""


def test_more_connections_than_there_may_be_at_once_are_answered_one_after_the_other(connect):
    for _ in range(300):
        client = connect()
        client.sendall(request("/second"))
        assert answer_on(client) == "second /second  0"


def test_half_a_line_is_handed_to_nobody(connect):
    slow = connect()
    slow.sendall(b"GET /sec")
    client = connect()
    client.sendall(request("/first"))
    assert answer_on(client) == "first /first  0"
    slow.sendall(b"ond HTTP/1.1\r\nHost: here\r\n\r\n")
    assert answer_on(slow) == "second /second  0"
