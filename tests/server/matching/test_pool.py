import pytest

from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import Standing
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from tests.support.pool_fakes import crowd, measured, names, people, pool_of

A, B, C = crowd("abc")


def test_an_unmeasured_pair_is_unknown_and_neither_certain_nor_hopeless():
    pool = pool_of([A, B])
    assert pool.standing(A, B) is Standing.UNKNOWN
    assert 0 < pool.p_accept(A, B) < 1


@pytest.mark.parametrize(
    ("accepted", "standing", "p"), [(True, Standing.ACCEPTABLE, 1), (False, Standing.BLOCKED, 0)]
)
def test_a_fresh_verdict_settles_a_pair_in_either_order(accepted, standing, p):
    graph = LatencyGraph()
    measured(graph, ["ab"], 80, accepted=accepted)
    pool = pool_of([A, B], graph=graph)
    assert pool.standing(A, B) is pool.standing(B, A) is standing
    assert pool.p_accept(A, B) == p


def test_an_expired_edge_leaves_the_pair_unknown_but_is_not_forgotten():
    graph = LatencyGraph(fresh_s=120)
    measured(graph, ["ab"], 300, accepted=False, now_s=0)
    measured(graph, ["ac"], 101, accepted=False, now_s=0)
    graph.lapse(200)
    pool = pool_of([A, B, C], graph=graph, now_s=200)
    assert pool.standing(A, B) is Standing.UNKNOWN
    assert pool.p_accept(A, B) < 0.01 < 0.4 < pool.p_accept(A, C) < 0.5


def test_a_pair_in_backoff_is_blocked_and_then_unknown_even_if_it_was_accepted():
    graph = LatencyGraph(backoff_s=2)
    measured(graph, ["ab"], 80, accepted=True)
    graph.record_failure(("b", "a"), now_s=100)
    assert pool_of([A, B], graph=graph).standing(A, B) is Standing.BLOCKED
    assert pool_of([A, B], graph=graph, now_s=102).standing(A, B) is Standing.UNKNOWN


def test_a_failure_does_not_unblock_a_rejected_pair():
    graph = LatencyGraph(backoff_s=2)
    measured(graph, ["ab"], 180, accepted=False)
    graph.record_failure(("a", "b"), now_s=100)
    assert pool_of([A, B], graph=graph, now_s=103).standing(A, B) is Standing.BLOCKED


def test_a_pair_on_the_blocklist_is_blocked_for_good():
    graph = LatencyGraph(blocklist=[("b", "a")])
    measured(graph, ["ab"], 10, accepted=True)
    assert pool_of([A, B], graph=graph, now_s=1e6).standing(A, B) is Standing.BLOCKED
    assert pool_of([A, B], graph=graph, is_probing=False).standing(A, B) is Standing.BLOCKED


def test_who_may_not_be_probed_again_may_still_play_over_a_known_edge():
    graph = LatencyGraph()
    measured(graph, ["ab"], 80, accepted=True)
    pool = pool_of([A, B, C], graph=graph, at_probe_limit={"a"})
    assert pool.standing(A, B) is Standing.ACCEPTABLE
    assert pool.standing(A, C) is pool.standing(C, A) is Standing.BLOCKED
    assert pool.standing(B, C) is Standing.UNKNOWN
    assert pool.blocked_partners(A) == {"c"}
    assert pool.blocked_partners(C) == {"a"}


def test_without_a_threshold_or_a_prober_every_pair_may_play():
    assert pool_of([A, B], FIFOMatchmaker()).standing(A, B) is Standing.ACCEPTABLE
    assert pool_of([A, B], is_probing=False).standing(A, B) is Standing.ACCEPTABLE


def test_a_cached_edge_is_judged_anew_once_waiting_has_relaxed_the_threshold():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200)])
    graph = LatencyGraph(fresh_s=1000)
    measured(graph, ["ab"], 180, accepted=False, now_s=0)
    assert pool_of([A, B], relaxing, graph=graph, now_s=59).standing(A, B) is Standing.BLOCKED
    assert pool_of([A, B], relaxing, graph=graph, now_s=60).standing(A, B) is Standing.ACCEPTABLE


def test_an_edge_accepted_in_old_company_is_judged_anew_in_young_company():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200)])
    graph = LatencyGraph(fresh_s=1000)
    measured(graph, ["bc"], 180, accepted=True, now_s=0)
    old, young, other = people(a=20, b=20, c=20)
    pool = pool_of([old, young, other], relaxing, graph=graph, now_s=60, group_size=3)
    assert pool.threshold_ms([old, young, other]) == 200
    assert pool.threshold_ms([young, other]) == 100
    assert pool.standing(young, other) is Standing.BLOCKED
    assert pool.standing(young, other, [old, young, other]) is Standing.ACCEPTABLE
    assert pool.blocked_partners(young) == set()


def test_by_the_newest_a_newcomer_holds_the_threshold_down():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200)], expand_by="newest")
    graph = LatencyGraph(fresh_s=1000)
    measured(graph, ["ab"], 180, accepted=False, now_s=0)
    assert pool_of([A, B], relaxing, graph=graph, now_s=60).standing(A, B) is Standing.BLOCKED
    assert pool_of([A, B], relaxing, graph=graph, now_s=61).standing(A, B) is Standing.ACCEPTABLE


def test_the_arriving_participant_is_a_candidate_wherever_they_come_from():
    pool = pool_of([A, B], arriving=C)
    assert names([pool.candidates]) == ["abc"]
    assert pool.arriving is C
    assert names([pool_of([A, B], arriving=B).candidates]) == ["ab"]


def test_incompatible_candidates_are_blocked_with_each_other():
    def differ(a, b):
        return a.attributes["condition"] != b.attributes["condition"]

    x, y, z = (
        MatchCandidate(name, attributes={"condition": condition}, waiting_since_s=0.0)
        for name, condition in (("x", 1), ("y", 1), ("z", 2))
    )
    pool = pool_of([x, y, z], FIFOMatchmaker(compatible=differ))
    assert pool.standing(x, y) is Standing.BLOCKED
    assert pool.standing(x, z) is Standing.ACCEPTABLE
    assert pool.blocked_partners(x) == {"y"}


def test_a_compatible_that_raises_blocks_that_pair_and_is_noted():
    def needs_a_skill(a, b):
        return a.attributes["skill"] == b.attributes["skill"]

    skilled = [MatchCandidate(name, attributes={"skill": 1}) for name in "xy"]
    matchmaker = FIFOMatchmaker(compatible=needs_a_skill)
    pool = pool_of([A, *skilled], matchmaker)
    assert names(matchmaker.propose(pool)) == ["xy"]
    assert ("a", "compatible raised KeyError: 'skill'") in pool.faults


def test_compatible_may_also_be_a_method_of_ones_own_matchmaker():
    class Mixed(FIFOMatchmaker):
        def compatible(self, a, b):
            return {a.subject_id, b.subject_id} != {"a", "b"}

    assert names(Mixed().propose(pool_of([A, B, C], Mixed()))) == ["ac"]


def test_a_compatible_that_is_no_function_is_refused():
    with pytest.raises(ValueError, match="compatible must be a function"):
        FIFOMatchmaker(compatible="condition")


def test_a_prediction_comes_with_its_uncertainty_and_a_measurement_narrows_it():
    graph = LatencyGraph()
    guess = pool_of([A, B], graph=graph).predicted_rtt_ms(A, B)
    assert guess.low_ms < guess.median_ms < guess.high_ms
    measured(graph, ["ab"], 80, accepted=True)
    known = pool_of([A, B], graph=graph).predicted_rtt_ms(A, B)
    assert known.median_ms == 80
    assert known.high_ms / known.low_ms < guess.high_ms / guess.low_ms
