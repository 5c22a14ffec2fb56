"""Connections without end, idle or half a request long, with few descriptors to have."""

import resource
import socket

import pytest

from tests.support.honest_game import HonestGame
from tests.support.raw_client import RawClient, new_token
from tests.support.served_experiment import ServedExperiment

DESCRIPTORS = 200

HALVES = {
    "idle": b"",
    "half a request line": b"GET / HT",
    "half a head": b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "half a body": b"POST /socket.io/?EIO=4 HTTP/1.1\r\nContent-Length: 9\r\n\r\n1",
}


@pytest.fixture
def few(tmp_path):
    """A server that may have few descriptors."""
    experiment = ServedExperiment(tmp_path, descriptors=(DESCRIPTORS, DESCRIPTORS))
    yield experiment
    log = experiment.log
    experiment.stop()
    assert "Traceback" not in log, log


@pytest.fixture
def connect():
    opened = []

    def open_many(port, number, data):
        for _ in range(number):
            opened.append(socket.create_connection(("127.0.0.1", port)))
            opened[-1].sendall(data)

    yield open_many
    for each in opened:
        each.close()


def test_the_server_says_how_many_participants_its_descriptors_allow(few):
    assert f"{DESCRIPTORS} descriptors" in few.log
    assert "room for 45 participants at a time" in few.log


def test_the_soft_limit_is_raised_to_the_hard_one(tmp_path):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    experiment = ServedExperiment(tmp_path, descriptors=(64, hard))
    try:
        assert f"{min(hard, 2**20)} descriptors" in experiment.log
    finally:
        experiment.stop()


@pytest.mark.parametrize("data", HALVES.values(), ids=HALVES)
def test_newcomers_come_in_though_more_connections_are_open_than_may_be(few, connect, data):
    with HonestGame(few) as game:
        connect(few.port, 3 * DESCRIPTORS, data)
        game.play_on()
        newcomer = RawClient(few.port)
        assert newcomer.sign_in(new_token(few)).startswith("40")
        newcomer.close()
        game.play_on()


def test_websockets_that_sign_in_nobody_make_room(few, connect):
    handshake = (
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        b"Sec-WebSocket-Version: 13\r\n\r\n"
    )
    with HonestGame(few) as game:
        connect(few.port, 3 * DESCRIPTORS, handshake)
        game.play_on()
        newcomer = RawClient(few.port)
        assert newcomer.sign_in(new_token(few)).startswith("40")
        newcomer.close()
        game.play_on()
