import pytest

from interactive_gym.server import matchmaker
from interactive_gym.server.matching.candidate import MatchCandidate


def test_the_class_is_the_one_that_researchers_import_beside_the_matchmaker():
    assert matchmaker.MatchCandidate is MatchCandidate


def test_two_of_whom_the_same_is_known_are_equal_whatever_their_attributes():
    red, blue = (MatchCandidate("a", 20.0, 5.0, {"condition": c}) for c in ("red", "blue"))
    assert red == blue
    assert len({red, blue}) == 1
    assert red != MatchCandidate("a", 21.0, 5.0)
    assert red != MatchCandidate("a", 20.0, 5.0, previous_partners=("b",))


def test_nothing_is_known_of_a_candidate_but_the_name_and_nothing_can_be_changed():
    stranger = MatchCandidate("a")
    assert (stranger.rtt_ms, stranger.waiting_since_s) == (None, None)
    assert (dict(stranger.attributes), stranger.previous_partners) == ({}, ())
    with pytest.raises(AttributeError):
        stranger.rtt_ms = 1.0
    with pytest.raises(TypeError):
        stranger.attributes["condition"] = "red"
