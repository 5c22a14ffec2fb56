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


OFFER, ANSWER = {"type": "offer", "sdp": "v=0"}, {"type": "answer", "sdp": "v=0"}
WAY = {"type": "candidate", "candidate": {"candidate": "candidate:1 1 UDP 1 10.0.0.1 9 typ host"}}
NO_MORE = {"type": "candidate", "candidate": None}


def connect(world, who, seat, *signals):
    for signal in signals:
        world.say(who, "signal", to_seat=seat, signal=signal)


def test_where_none_was_ready_those_are_named_who_did_not_try_to_connect(world):
    assert causes(world, "a", "b", "c") == {"a": "no_signal", "b": "no_signal"}
    for other in (1, 2):
        connect(world, "a", other, OFFER, WAY, NO_MORE)
    connect(world, "b", 0, ANSWER, WAY, NO_MORE)
    connect(world, "b", 2, OFFER, WAY, NO_MORE)
    assert causes(world, "a", "b", "c") == {"c": "no_signal"}


def test_who_finds_no_way_by_which_to_be_reached_is_named(world):
    for other in (1, 2):
        connect(world, "a", other, OFFER, NO_MORE)
    connect(world, "b", 2, OFFER, WAY)
    for who, other in (("b", 0), ("c", 0), ("c", 1)):
        connect(world, who, other, ANSWER, WAY)
    assert causes(world, "a", "b", "c") == {"a": "no_candidates"}


def test_where_all_did_their_part_nobody_is_named(world):
    for who, other in (("a", 1), ("a", 2), ("b", 2)):
        connect(world, who, other, OFFER, WAY)
    for who, other in (("b", 0), ("c", 0), ("c", 1)):
        connect(world, who, other, ANSWER, WAY)
    assert causes(world, "a", "b", "c") == {}


def test_connections_that_probes_have_made_name_nobody():
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(human_agents=("1", "2")))
    world.join("a", "b")
    world.prober.probes[-1].complete(40.0)
    assert causes(world, "a", "b") == {}


def test_before_the_time_is_over_nobody_is_named(world):
    world.say("a", "ready")
    assert causes(world, "a", "b", "c", after_s=START_TIMEOUT_S - 0.1) == {}


def test_where_somebody_is_gone_the_others_are_not_named(world):
    world.say("a", "ready")
    assert causes(world, "a", "b") == {}


def test_of_a_game_that_is_not_known_any_more_nobody_is_named():
    assert causes_of_failed_start(None, ["a"], 1e9) == {}
