import importlib.util
import types

import gymnasium
import pytest

from interactive_gym.environment_checks.checks.library_tests import check_by_library
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from tests.support.environment_trials import trial_of

KITCHEN = "interactive_gym.examples.kitchen.environment:Kitchen"


class Counter(gymnasium.Env):
    """Counts to nine."""

    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Discrete(10)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return self.count, {}

    def step(self, action):
        self.count = min(9, self.count + int(action))
        return self.count, 0.0, self.count == 9, False, {}


class Made:
    """A source of an environment that is there already."""

    def __init__(self, env) -> None:
        self.env = env

    def load(self):
        return types.SimpleNamespace(env=self.env)


def test_an_environment_of_pettingzoos_class_is_put_to_its_test() -> None:
    with EnvironmentSource(KITCHEN) as source:
        found = check_by_library(source)
    assert (found.check, found.status) == ("PettingZoo's parallel_api_test", "ok")


def test_an_environment_of_gymnasiums_class_is_put_to_its_test() -> None:
    found = check_by_library(Made(Counter()))
    assert (found.check, found.status) == ("Gymnasium's check_env", "ok")
    env = Counter()
    env.observation_space = gymnasium.spaces.Discrete(10, start=5)
    assert check_by_library(Made(env)).status == "wrong"


def test_what_the_librarys_test_says_is_told_in_one_line() -> None:
    with EnvironmentSource(KITCHEN) as source:
        env = source.load().env

    def fail(actions):
        raise AssertionError(message)

    env.step = fail
    message = "the rewards\n  are " + "long " * 100
    found = check_by_library(Made(env))
    assert found.status == "wrong"
    assert found.text.startswith("the rewards are long long")
    assert len(found.text) == 300
    message = ""
    assert check_by_library(Made(env)).text == "AssertionError"


@pytest.mark.parametrize(
    ("name", "library"), [("Sound", "pettingzoo"), ("SingleAgent", "gymnasium")]
)
def test_an_environment_of_another_class_is_not_put_to_it(name: str, library: str) -> None:
    with trial_of(name) as (source, _):
        found = check_by_library(source)
    assert found.status == "skipped"
    assert f"not derived from {library}'s class" in found.text


@pytest.mark.parametrize(
    ("name", "library", "test"),
    [
        ("Sound", "pettingzoo", "PettingZoo's parallel_api_test"),
        ("SingleAgent", "gymnasium", "Gymnasium's check_env"),
    ],
)
def test_where_the_library_is_missing_the_check_says_so(
    name: str, library: str, test: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with trial_of(name) as (source, _):
        found = check_by_library(source)
    assert (found.check, found.status) == (test, "skipped")
    assert found.text == f"{library} is not installed"
