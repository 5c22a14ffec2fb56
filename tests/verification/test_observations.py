import csv
import dataclasses
import shutil

import pytest

from interactive_gym.examples.kitchen import environment as kitchen
from interactive_gym.examples.slime_volleyball import environment as slime_volleyball
from interactive_gym.netcode.simulation import episode_seed
from interactive_gym.packages.runtime import pyodide_version
from interactive_gym.verification.child import plain
from interactive_gym.verification.observations import observed_games
from interactive_gym.verification.study import game_folders, match_of
from tests.support.example_games import AGENTS, stored_example
from tests.support.simulated_network import game_config
from tests.support.stub_game import StubGame
from tests.support.verified_study import VerifiedStudy, recorded, stub_code, with_reward


@pytest.fixture
def study(tmp_path) -> VerifiedStudy:
    return VerifiedStudy(tmp_path)


def observed(study):
    found = observed_games(study.folder, game_folders(study.folder), 2)
    return {game.folder.name: game for game in found}


@pytest.mark.parametrize("module", [slime_volleyball, kitchen], ids=["volleyball", "kitchen"])
def test_what_agents_saw_is_what_stepping_the_environment_shows(study, module) -> None:
    folder = stored_example(study, "a", module)
    agents = AGENTS[module]
    columns, rows = recorded(folder)
    cells = [dict(zip(columns, row, strict=True)) for row in csv.reader(rows)]
    seed = match_of(folder)["seed"]
    env = module.make_env()
    expected = []
    for number in range(0, len(cells), len(agents)):
        frame = cells[number : number + len(agents)]
        if frame[0]["step"] == "0":
            saw = env.reset(seed=episode_seed(seed, int(frame[0]["episode"])))[0]
            expected.append([[plain(saw[agent]) for agent in agents]])
        saw = env.step({row["agent"]: int(row["action"]) for row in frame})[0]
        expected[-1].append([plain(saw[agent]) for agent in agents])
    (game,) = observed(study).values()
    assert game.reason is None
    assert game.episodes == expected


def test_spaces_are_described(study) -> None:
    stored_example(study, "a", slime_volleyball)
    (game,) = observed(study).values()
    assert [space["kind"] for space in game.spaces["observation"]] == ["Box", "Box"]
    assert game.spaces["action"][0]["n"] == 6


def test_a_game_that_is_not_equal_has_no_observations_and_says_why(study) -> None:
    folder = study.played("true", game_config(seed=3), stub_code())
    columns, rows = recorded(folder)
    forged = dict.fromkeys((0, 1), with_reward(rows, 5, "99.0"))
    study.stored("forged", game_config(seed=3), stub_code(), columns, forged)
    found = observed(study)
    assert found["true"].reason is None and found["true"].episodes
    assert "column reward" in found["forged"].reason
    assert found["forged"].episodes == []


PICKLED = """
class Pickled(StubGame):
    get_state = set_state = None
"""


def test_an_environment_that_is_saved_by_pickling_can_be_observed(study) -> None:
    code = stub_code(2, PICKLED)
    source = code.environment.replace(b"env = StubGame(", b"env = Pickled(")
    code = dataclasses.replace(code, environment=source)
    study.played("a", game_config(seed=3), code)
    (game,) = observed(study).values()
    assert game.reason is None
    assert len(game.episodes) == 3


BY_PYTHON = """
import sys

class ByPython(StubGame):
    def step(self, actions):
        self.rng += sys.platform == "emscripten"
        return super().step(actions)
"""


class InPyodide(StubGame):
    def step(self, actions):
        self.rng += 1
        return super().step(actions)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_what_only_pyodide_confirms_is_observed_there(study) -> None:
    code = stub_code(2, BY_PYTHON)
    source = code.environment.replace(b"env = StubGame(", b"env = ByPython(")
    code = dataclasses.replace(code, environment=source, pyodide_version=pyodide_version())
    study.played("a", game_config(seed=3, num_episodes=1), code, InPyodide)
    (game,) = observed(study).values()
    assert game.reason is None
    assert game.episodes[0][0] == [3, 3]
