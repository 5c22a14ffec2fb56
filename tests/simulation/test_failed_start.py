"""Games that do not start, whatever pages did, are replayed with the same causes."""

import random
from collections import Counter
from itertools import permutations

import pytest

from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.ledger_replay import replay
from tests.support.ledger_study import Study

WAY = {"type": "candidate", "candidate": {"candidate": "candidate:1"}}
NO_MORE = {"type": "candidate", "candidate": None}


def a_start_that_fails(folder, size, conduct, ready):
    """A ledger of `size` participants, each of whom does what `conduct` says for each other."""
    folder.mkdir()
    study = Study(folder, FIFOMatchmaker(), tuple("abcd"[:size]))
    people = list("abcd"[:size])
    study.join(*people)
    game_id = study.game_id("a")
    for one, other in permutations(range(size), 2):
        description = {"type": "offer" if one < other else "answer", "sdp": "v=0"}
        signals = {"all": [description, WAY], "no address": [description, NO_MORE], "none": []}
        for signal in signals[conduct(one, other)]:
            said = {"game_id": game_id, "to_seat": other, "signal": signal}
            study.send(people[one], "game_signal", **said)
    for who in ready:
        study.send(who, "game_ready", game_id=game_id)
    study.pass_time(70.0)
    return study.lines()


@pytest.mark.parametrize("size", [2, 3, 4])
def test_whatever_each_page_did_for_each_connection(tmp_path, size):
    rng = random.Random(size)
    causes = Counter()
    for number in range(60):
        weights = rng.choice([(1, 0, 0), (0, 1, 0), (0, 0, 1), (8, 1, 1), (1, 1, 1)])
        done = {
            pair: rng.choices(["all", "no address", "none"], weights)[0]
            for pair in permutations(range(size), 2)
        }
        ready = rng.choice(["", "", "", "a", "b"])
        lines = a_start_that_fails(
            tmp_path / str(number), size, lambda one, other, done=done: done[one, other], ready
        )
        result = replay(lines, plan_matchmaker)
        assert result.difference is None, (done, ready, result.difference)
        causes.update(
            tuple(sorted(line["causes"].values()))
            for line in lines
            if line["kind"] == "repool" and line["game_id"]
        )
    assert {(), ("no_signal",), ("no_candidates",), ("not_started",) * (size - 1)} <= set(causes)
