"""Games are simulated again when they end, and what is found stands in the data."""

import json
import time

import pytest

from interactive_gym.server.data.stored_study import participant_lines
from interactive_gym.server.games.events import GameFinished
from interactive_gym.server.games.late_games import LateGames
from interactive_gym.server.verifying import verifier as module
from interactive_gym.server.verifying.checking_process import CheckingProcess
from interactive_gym.server.verifying.verifier import Verifier
from tests.support.honest_game import HonestGame
from tests.support.served_experiment import DEADLINE_S, ServedExperiment
from tests.support.simulated_network import game_config
from tests.support.verified_study import VerifiedStudy, recorded, stub_code, with_reward

CONFIG = game_config(seed=3)
CODE = stub_code()


class World:
    """A study whose games are verified, with a clock that is set."""

    def __init__(self, tmp_path):
        self.study = VerifiedStudy(tmp_path)
        self.late_games = LateGames(self.study.store, wall_clock=lambda: 1_700_000_000.0)
        self.process = CheckingProcess(self.study.folder)
        self.now_s = 0.0
        self.verifier = Verifier(
            self.study.store,
            self.late_games,
            self.process,
            clock=lambda: self.now_s,
            wall_clock=lambda: 1_700_000_000.0,
        )

    def tick(self):
        self.verifier.tick(self.study.store.take_closed_games(), self.late_games.take_amended())

    def match(self, game_id):
        return json.loads((self.study.folder / "game" / game_id / "match.json").read_text())

    def verified(self, game_id):
        """What is said of a game, once it is said."""
        deadline = time.monotonic() + DEADLINE_S
        while "verified" not in self.match(game_id):
            assert time.monotonic() < deadline
            self.tick()
            time.sleep(0.02)
        return self.match(game_id)["verified"]

    def named(self):
        lines = participant_lines(self.study.folder)
        return [
            (line["subject_id"], line["game_id"])
            for line in lines
            if line["event"] == "copy_untrue"
        ]

    def stored(self, game_id, columns, copies, **fields):
        return self.study.stored(game_id, CONFIG, CODE, columns, copies, **fields)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    yield world
    world.verifier.close()


@pytest.fixture
def true_game(world):
    return recorded(world.study.played("true", CONFIG, CODE))


def test_a_game_is_verified_when_it_ends(world, true_game) -> None:
    verified = world.verified("true")
    assert (verified["status"], verified["by"]) == ("equal", "CPython")
    assert verified["at"] == "2023-11-14T22:13:20.000Z"
    assert world.match("true")["end_reason"] == "completed"
    assert world.named() == []


def test_the_participant_whose_copy_is_untrue_is_named_and_nobody_else(world, true_game) -> None:
    columns, rows = true_game
    copies = {0: rows, 1: with_reward(rows, 30, "1.0")}
    world.stored("forged", columns, copies, reason="desync")
    verified = world.verified("forged")
    assert (verified["status"], verified["true_seats"], verified["untrue_seats"]) == (
        "differs",
        [0],
        [1],
    )
    assert world.named() == [("subject_1", "forged")]


def test_late_data_are_verified_in_turn_and_nobody_is_named_twice(world, true_game) -> None:
    columns, rows = true_game
    copies = {0: with_reward(rows, 30, "1.0"), 1: rows}
    world.stored("forged", columns, copies, reason="desync")
    world.verified("forged")
    late = GameFinished("forged", "completed", 3, "0" * 64)
    assert world.late_games.take("subject_1", late) == {}
    assert "verified" not in world.match("forged")
    world.tick()
    assert world.process.take_verdict() is None
    world.now_s += module.LATE_S
    assert world.verified("forged")["untrue_seats"] == [0]
    assert world.match("forged")["amended_at"]
    assert world.named() == [("subject_0", "forged")]


def test_a_game_without_its_code_is_said_to_be_so_and_the_next_follows(world, true_game) -> None:
    columns, rows = true_game
    game = world.stored("bare", columns, {0: rows, 1: rows})
    match = world.match("bare") | {"environment_digest": "0" * 64}
    (game / "match.json").write_text(json.dumps(match))
    assert world.verified("bare")["status"] == "code missing"
    assert world.verified("true")["status"] == "equal"


def test_a_process_that_ends_is_tried_once_more_and_then_left(
    world, true_game, mocker, caplog
) -> None:
    mocker.patch.object(world.process, "take_verdict", side_effect=OSError("it is gone"))
    for _ in range(2 * module.MAX_TRIES + 1):
        world.tick()
    assert "could not be verified: it is gone" in caplog.text
    assert world.process.pid is None
    mocker.stopall()
    world.verifier.add(["game/true"])
    assert world.verified("true")["status"] == "equal"


WALK = """
class Walk:
    possible_agents = ["left", "right"]
    def __init__(self):
        self.steps = 0
    def reset(self, seed=None, options=None):
        self.agents, self.steps = list(self.possible_agents), 0
        return {agent: 0 for agent in self.agents}, {}
    def step(self, actions):
        self.steps += 1
        rewards = {agent: 1.0 for agent in self.agents}
        no = {agent: False for agent in self.agents}
        return {agent: self.steps for agent in self.agents}, rewards, no, dict(no), {}
    def render(self):
        return []

env = Walk()
"""


def test_uploads_that_no_browser_computed_are_found_when_the_game_ends(tmp_path) -> None:
    served = ServedExperiment(tmp_path, environment=WALK)
    try:
        with HonestGame(served) as game:
            game.play_on()
        (folder,) = (served.data / "game").glob("*/")
        deadline = time.monotonic() + DEADLINE_S
        while "verified" not in (match := json.loads((folder / "match.json").read_text())):
            assert time.monotonic() < deadline, served.log
            time.sleep(0.05)
    finally:
        served.stop()
    assert match["agreed"] is True
    assert match["verified"]["status"] == "differs"
    assert match["verified"]["untrue_seats"] == [0, 1]
    (finding,) = match["verified"]["findings"]
    assert finding == (
        "differs at frame 0 in column reward of frames.csv: stored '0.0', computed '1.0'"
    )
    named = {
        line["subject_id"]
        for line in participant_lines(served.data)
        if line["event"] == "copy_untrue"
    }
    assert named == {member["subject_id"] for member in match["group"]}
