"""Nobody else notices one client that sends as much as it can, over one socket after the other."""

import json
import subprocess
import sys

import pytest

from tests.support.flood import KINDS
from tests.support.honest_game import HonestGame
from tests.support.raw_client import new_token

UPLOADS = 80
"""How many uploads of honest participants are timed in one go."""

ROUNDS = 2
"""How often they are timed without the flood and with it, by turns."""

SHORTEST_MS = 20.0
"""Latencies below this are no nuisance, and mostly chance."""


def p95_ms(latencies_s):
    return 1000 * sorted(latencies_s)[int(0.95 * len(latencies_s))]


class Flood:
    def __init__(self, served, kind):
        command = [sys.executable, "-m", "tests.support.flood"]
        command += [kind, str(served.port), new_token(served)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        assert self._process.stdout.readline() == "begun\n"
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def first_end(self):
        """Wait until the flood has been disconnected; returns the close code and the reason."""
        return json.loads(self._process.stdout.readline())


def timed(game, uploads=UPLOADS):
    known = len(game.latencies_s)
    game.play_on(uploads)
    return game.latencies_s[known:]


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_does_not_double_the_latency_of_others(served, kind):
    calm, flooded = [], []
    with HonestGame(served) as game:
        for _ in range(ROUNDS):
            calm += timed(game)
            with Flood(served, kind):
                flooded += timed(game)
    assert p95_ms(flooded) <= 2 * max(p95_ms(calm), SHORTEST_MS)


ENDS = {
    "no-ops of Engine.IO": [1008, "too many messages"],
    "large messages": [1008, "too many messages"],
    "events without a name": [1008, "malformed messages"],
}


@pytest.mark.parametrize("kind", ENDS)
def test_a_flood_is_disconnected_with_a_reason(served, honest, kind):
    with Flood(served, kind) as flood:
        assert flood.first_end() == ENDS[kind]
    honest.play_on()
