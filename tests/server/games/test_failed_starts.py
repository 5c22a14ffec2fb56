"""Through whom a game did not start, by what the server saw."""

import pytest

from interactive_gym.server.games.failed_starts import causes_of_failed_start
from interactive_gym.server.games.remote_game import START_TIMEOUT_S
from tests.support.matching_fakes import FakeScene, World


@pytest.fixture
def world():
    world = World(scene=FakeScene(human_agents=("1", "2", "3")))
    world.join("a", "b", "c")
    return world


def causes(world, *present, after_s=START_TIMEOUT_S):
    (open_game,) = world.manager._games._open.values()
    return causes_of_failed_start(open_game, present, open_game.game.created_at_s + after_s)


def test_who_was_not_ready_is_named_if_another_was(world):
    world.say("a", "ready")
    assert causes(world, "a", "b", "c") == {"b": "not_started", "c": "not_started"}


def test_where_none_was_ready_nobody_is_named(world):
    assert causes(world, "a", "b", "c") == {}


def test_before_the_time_is_over_nobody_is_named(world):
    world.say("a", "ready")
    assert causes(world, "a", "b", "c", after_s=START_TIMEOUT_S - 0.1) == {}


def test_where_somebody_is_gone_the_others_are_not_named(world):
    world.say("a", "ready")
    assert causes(world, "a", "b") == {}


def test_of_a_game_that_is_not_known_any_more_nobody_is_named():
    assert causes_of_failed_start(None, ["a"], 1e9) == {}
