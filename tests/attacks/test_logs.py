"""Nothing that a client sends fills the log, and no request is an internal error."""

import socket
import urllib.error

import pytest

from tests.support.raw_client import RawClient, frame_bytes, new_token
from tests.support.served_experiment import ServedExperiment

PACKETS = ["42[]", "42", "43[]", "45-[]", "44", "4", "x", "42[1]", '42["nobody knows",{}]', "430[]"]


@pytest.mark.parametrize("packet", PACKETS)
def test_a_malformed_packet_leaves_a_line_and_then_a_count(served, honest, attacker, packet):
    before = len(served.log)
    client = attacker()
    client.sign_in(new_token(served))
    client.send_raw(frame_bytes(packet) * 200)
    assert client.wait_for_end() == (1008, "malformed messages")
    lines = served.log[before:].splitlines()
    assert 1 <= len(lines) <= 4, lines
    assert max(map(len, lines)) < 300
    honest.play_on()


REQUESTS = {
    "a long path": b"GET /" + b"x" * 300 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long name of a module": b"GET /static/" + b"x" * 300 + b".js HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long name in a folder": b"GET /assets/game/" + b"x" * 300 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a zero byte": b"GET /static/%00.js HTTP/1.1\r\nHost: x\r\n\r\n",
    "no UTF-8": b"GET /static/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    "nonsense": b"\x16\x03\x01\x02\x00\r\n\r\n",
    "a long line": b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 2000 + b"\r\n",
    "a negative length": b"POST /socket.io/?EIO=4 HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    "a poll of nobody": b"POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\n\r\n",
    "an odd index": b"GET /socket.io/?EIO=4&transport=polling&j=x HTTP/1.1\r\n\r\n",
    "a method of its own": b"BREW /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_an_odd_request_is_no_internal_error_and_hardly_logged(served, honest, request_):
    before = len(served.log)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", served.port)) as connection:
            connection.settimeout(30)
            connection.sendall(request_)
            assert b" 500 " not in connection.recv(200)
    lines = served.log[before:].splitlines()
    assert len(lines) <= 2, lines
    honest.play_on()


def test_one_address_brings_no_more_newcomers_than_allowed(tmp_path):
    served = ServedExperiment(tmp_path, hosting={"newcomers_per_address": 2})
    try:
        tokens = [new_token(served) for _ in range(4)]
        clients = [RawClient(served.port) for _ in tokens]
        answers = [client.sign_in(token) for client, token in zip(clients, tokens, strict=True)]
        assert [answer[:2] for answer in answers] == ["40", "40", "44", "44"]
        assert "too_many_newcomers" in answers[2]
        clients[0].close()
        # Who was there before comes back.
        again = RawClient(served.port)
        assert again.sign_in(tokens[0], takes_over=True).startswith("40")
        for client in (*clients, again):
            client.close()
        started = [line for line in served.participant_lines() if line["event"] == "started"]
        assert len(started) == 2
    finally:
        served.stop()


def test_a_page_that_is_asked_for_in_vain_is_an_ordinary_error(served):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        served.get("/static/" + "x" * 300)
