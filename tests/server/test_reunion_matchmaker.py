import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matchmaker import MatchCandidate
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from tests.support.pool_fakes import measured, names, pool_of


def waiting(**previous: str) -> list[MatchCandidate]:
    """Candidates by name, with the names of those they played with last."""
    return [
        MatchCandidate(name, 20.0, float(at), previous_partners=tuple(partners))
        for at, (name, partners) in enumerate(previous.items())
    ]


def proposed(matchmaker, candidates, **settings):
    return names(matchmaker.propose(pool_of(candidates, matchmaker, **settings)))


def test_previous_partners_come_together_again_however_long_others_have_waited():
    reunion = GroupReunionMatchmaker(reunion_timeout_s=1000)
    everybody = waiting(a="z", b="d", c="y", d="b")
    assert proposed(reunion, everybody) == ["bd"]


def test_a_group_of_three_needs_all_three():
    reunion = GroupReunionMatchmaker(reunion_timeout_s=1000)
    a, b, c = waiting(a="bc", b="ca", c="ab")
    assert proposed(reunion, [a, b], group_size=3) == []
    assert proposed(reunion, [a, b, c], group_size=3) == ["abc"]


def test_who_waited_too_long_for_previous_partners_is_left_to_the_fallback():
    reunion = GroupReunionMatchmaker(reunion_timeout_s=60)
    a, b = waiting(a="x", b="y")
    assert proposed(reunion, [a, b], now_s=60) == []
    assert reunion.next_look_s(pool_of([a, b], reunion, now_s=60)) == 1
    assert reunion.next_look_s(pool_of([a, b], reunion, now_s=40)) == 20
    assert proposed(reunion, [a, b], now_s=61) == ["ab"]


def test_without_a_timeout_only_previous_partners_will_do():
    reunion = GroupReunionMatchmaker(reunion_timeout_s=None)
    everybody = waiting(a="x", b="y")
    assert proposed(reunion, everybody, now_s=1e6) == []
    assert reunion.next_look_s(pool_of(everybody, reunion)) is None


def test_who_has_no_previous_group_is_left_to_the_fallback_at_once():
    reunion = GroupReunionMatchmaker(reunion_timeout_s=1000)
    assert proposed(reunion, waiting(a="", b="x", c=""), now_s=3) == ["ac"]


def test_partners_known_to_be_bad_are_not_tried_again():
    reunion = GroupReunionMatchmaker(100, reunion_timeout_s=1000)
    graph = LatencyGraph()
    measured(graph, ["ab"], 180, accepted=False)
    assert proposed(reunion, waiting(a="b", b="a"), graph=graph) == []


def test_one_who_has_played_with_somebody_else_since_is_not_reunited():
    reunion = GroupReunionMatchmaker(reunion_timeout_s=1000)
    assert proposed(reunion, waiting(a="b", b="c")) == []


def test_any_strategy_can_be_the_fallback_and_judges_by_the_reunions_threshold():
    reunion = GroupReunionMatchmaker(100, fallback=LatencyMatchmaker(5), reunion_timeout_s=0)
    assert proposed(reunion, waiting(a="", b="", c="z")) == ["ab"]


def test_asked_alone_it_proposes_the_whole_previous_group_or_nobody():
    reunion = GroupReunionMatchmaker()
    a, b, c = waiting(a="c", b="", c="a")
    assert reunion.find_match(c, [a, b], 2) == [a, c]
    assert reunion.find_match(c, [b], 2) is None
    assert reunion.find_match(b, [a, c], 2) is None


@pytest.mark.parametrize("timeout_s", [-1, float("nan"), float("inf"), "60", True])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(timeout_s):
    with pytest.raises(ValueError, match=r"reunion_timeout_s is .*: give a number of seconds"):
        GroupReunionMatchmaker(reunion_timeout_s=timeout_s)


def test_a_fallback_that_is_no_matchmaker_is_refused():
    with pytest.raises(ValueError, match="fallback must be a Matchmaker"):
        GroupReunionMatchmaker(fallback="fifo")
