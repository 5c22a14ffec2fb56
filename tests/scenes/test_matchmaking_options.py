import re

import pytest

from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.server.matchmaker import FIFOMatchmaker
from tests.support.game_scenes import game


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"matchmaker": FIFOMatchmaker}, "give an instance of a Matchmaker"),
        ({"hide_lobby_count": 1}, "hide_lobby_count is 1"),
        ({"patience_s": 0.5}, "patience_s is 0.5"),
        ({"patience_s": float("inf")}, "patience_s is inf"),
        ({"patience_s": True}, "patience_s is True"),
        ({"max_probes_per_participant": 0}, "max_probes_per_participant is 0"),
        ({"max_connection_failures": 1}, "max_connection_failures is 1"),
        ({"max_connection_failures": True}, "max_connection_failures is True"),
        ({"max_connection_failures": "3"}, "max_connection_failures is '3'"),
        ({"blocked_pairs": "ab"}, "blocked_pairs is 'ab'"),
        ({"blocked_pairs": [("a", "b", "c")]}, "blocked_pairs has ('a', 'b', 'c')"),
        ({"blocked_pairs": [("a", 7)]}, "blocked_pairs has ('a', 7)"),
        ({"blocked_pairs": [("a", "a")]}, "blocked_pairs has 'a' twice"),
        ({"attributes_of": {}}, "attributes_of is {}"),
    ],
)
def test_a_wrong_option_fails_at_the_call_with_one_sentence(options, named):
    with pytest.raises(ValueError, match=re.escape(named)):
        GymScene().matchmaking(**options)


def test_the_limits_of_matching_are_kept():
    scene = game().matchmaking(
        max_probes_per_participant=12,
        blocked_pairs=[["p1", "p2"]],
        attributes_of=lambda subject_id: {"condition": subject_id[0]},
    )
    assert scene.max_probes_per_participant == 12
    assert scene.blocked_pairs == (("p1", "p2"),)
    assert scene.attributes_of("a7") == {"condition": "a"}
    assert scene.matchmaking(max_probes_per_participant=None).max_probes_per_participant is None
    assert scene.max_connection_failures == 3
    assert scene.matchmaking(max_connection_failures=2).max_connection_failures == 2
    assert scene.matchmaking(hide_lobby_count=True).max_connection_failures == 2
    assert scene.matchmaking(max_connection_failures=None).max_connection_failures is None


def test_by_default_the_first_come_play_together_without_a_threshold():
    scene = game()
    assert isinstance(scene.matchmaker, FIFOMatchmaker)
    assert scene.matchmaker.max_p2p_rtt_ms is None
    assert scene.max_probes_per_participant is None
    assert scene.attributes_of("a7") == {}


def test_the_matchmaker_of_a_scene_is_the_one_given_last():
    first, last = FIFOMatchmaker(100), FIFOMatchmaker(200)
    scene = game().matchmaking(matchmaker=first).matchmaking(matchmaker=last)
    assert scene.matchmaking(hide_lobby_count=True).matchmaker is last
