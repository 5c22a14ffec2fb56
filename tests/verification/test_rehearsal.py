"""The beginning of a game that nobody plays."""

import json

import pytest

from interactive_gym.packages.game_code import GameCode
from interactive_gym.packages.runtime import pyodide_version, runtime_sources
from interactive_gym.verification.rehearsal import Rehearsed, first_inputs, rehearse
from tests.support.simulated_network import game_config
from tests.support.still_environment import still_environment

AGENTS = ["player_0", "player_1"]
CONFIG = game_config(2, policies=[None, None])


def told_of(more: str, agents=AGENTS, *, has_pyodide=False, **options) -> Rehearsed:
    code = f"{still_environment(agents)}\n{more}\n"
    version = pyodide_version() if has_pyodide else "0.1"
    config = {name: getattr(CONFIG, name) for name in FIELDS}
    game = GameCode(code.encode(), runtime_sources(), [], version)
    return rehearse(game, json.loads(json.dumps(config)), **options)


FIELDS = (
    *("agents", "seat", "seed", "session_tag", "num_episodes", "max_steps", "actions"),
    *("default_action", "fps", "input_delay", "max_prediction", "policies"),
)
FAULTS = {
    "another agent": ("", ["player_0", "player_x"], "agents that no seat controls: ['player_x']"),
    "a start that raises": (
        "def reset(self, seed=None):\n    raise OSError('no level')\nStill.reset = reset",
        AGENTS,
        "OSError: no level",
    ),
    "a dict for a picture": ("Still.render = lambda self: {}", AGENTS, "not dict"),
    "an element that is none": ("Still.render = lambda self: [{}]", AGENTS, "picture[0]"),
    "an action that raises": (
        "step = Still.step\n"
        "def strict(self, actions):\n"
        "    assert 5 not in actions.values(), 'no such move'\n"
        "    return step(self, actions)\n"
        "Still.step = strict",
        AGENTS,
        "AssertionError: no such move",
    ),
    "what cannot be saved": (
        "Still.__init__ = lambda self: setattr(self, 'draw', lambda: 0)\nenv = Still()",
        AGENTS,
        "cannot be saved for rollback",
    ),
    "a constructor that raises": (
        "env = Still(7)",
        AGENTS,
        "TypeError: Still() takes no arguments",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_start_is_told(name: str) -> None:
    more, agents, why = FAULTS[name]
    told = told_of(more, agents)
    assert told.untried is None
    assert why in str(told.fault)


def test_nothing_is_told_of_an_environment_that_plays() -> None:
    assert told_of("") == Rehearsed()


def test_what_only_this_python_lacks_is_no_fault() -> None:
    told = told_of("import js")
    assert told.fault is None
    assert "ModuleNotFoundError" in str(told.untried)


def test_the_browsers_python_has_the_last_word() -> None:
    assert told_of("import js", has_pyodide=True) == Rehearsed()
    missing = told_of("import nowhere", has_pyodide=True)
    assert "No module named 'nowhere'" in str(missing.fault)


def test_what_fails_in_the_browsers_python_alone_is_found_if_it_is_asked() -> None:
    code = "import sys\nassert sys.platform != 'emscripten', 'no browser'"
    assert told_of(code, has_pyodide=True) == Rehearsed()
    told = told_of(code, has_pyodide=True, is_thorough=True)
    assert "AssertionError: no browser" in str(told.fault)


def test_each_seat_tries_each_action() -> None:
    inputs = first_inputs(CONFIG)
    assert {frame[0] for frame in inputs} == {frame[1] for frame in inputs} == {0, 1, 2, 3}
