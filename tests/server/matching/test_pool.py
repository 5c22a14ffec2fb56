import pytest

from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import Standing
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from tests.support.pool_fakes import crowd, measured, names, people, pool_of

A, B, C = crowd("abc")


def test_an_unmeasured_pair_is_unknown_and_neither_certain_nor_hopeless():
    pool = pool_of([A, B])
    assert pool.standing(A, B) is Standing.UNKNOWN
    assert 0 < pool.p_accept(A, B) < 1


def test_without_a_threshold_every_unmeasured_pair_will_be_accepted():
    assert pool_of([A, B], FIFOMatchmaker()).p_accept(A, B) == 1.0


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


def test_a_pool_finds_its_candidates_by_their_ids():
    pool = pool_of([A, B])
    assert pool.candidate("a") is pool.find("a") is A
    assert pool.find("c") is None
    assert "a" in pool and "c" not in pool
    with pytest.raises(KeyError):
        pool.candidate("c")


def test_the_latest_of_two_candidates_of_one_person_counts():
    other = MatchCandidate("a", 5.0, 0.0)
    assert pool_of([A, B, other]).candidates == (other, B)
    assert pool_of([A, B], arriving=other).arriving is A


@pytest.mark.parametrize(
    ("since_s", "now_s", "waited_s"), [(3.0, 10.0, 7.0), (None, 10.0, 0.0), (11.0, 10.0, 0.0)]
)
def test_a_wait_is_never_negative_and_none_before_it_began(since_s, now_s, waited_s):
    person = MatchCandidate("a", 20.0, since_s)
    assert pool_of([person], now_s=now_s).waited_s(person) == waited_s


def test_probing_needs_a_prober_and_a_threshold():
    assert pool_of([A], FIFOMatchmaker(100)).is_probing
    assert not pool_of([A], FIFOMatchmaker(100), is_probing=False).is_probing
    assert not pool_of([A], FIFOMatchmaker()).is_probing


def test_a_narrowed_pool_is_the_same_moment_with_fewer_people():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200)], compatible=lambda a, b: 1 / 0)
    graph, statistics = LatencyGraph(blocklist=["ab"]), MatchingStatistics()
    pool = pool_of(
        [A, B, C],
        relaxing,
        graph=graph,
        group_size=3,
        now_s=70.0,
        at_probe_limit={"c"},
        statistics=statistics,
        arriving=C,
    )
    narrow = pool.narrowed([A, C])
    assert names([narrow.candidates]) == ["ac"]
    assert (narrow.graph, narrow.statistics, narrow.now_s) == (graph, statistics, 70.0)
    assert (narrow.group_size, narrow.is_probing, narrow.at_probe_limit) == (3, True, {"c"})
    assert (narrow.expansions, narrow.expand_by, narrow.base_threshold_ms) == (
        ((60, 200),),
        "oldest",
        100,
    )
    assert narrow.arriving is C
    assert pool.narrowed([A, B]).arriving is None
    assert pool_of([A, B]).narrowed([A]).arriving is None
    assert narrow.standing(A, C) is Standing.BLOCKED
    assert [who for who, _ in pool.faults] == ["a"]


def test_a_narrowed_pool_in_which_nothing_is_probed_probes_nothing():
    narrow = pool_of([A, B], is_probing=False).narrowed([A, B])
    assert narrow.standing(A, B) is Standing.ACCEPTABLE


def test_a_known_edge_that_is_acceptable_needs_no_probe_but_a_failed_one_does():
    graph = LatencyGraph(backoff_s=2)
    measured(graph, ["ab"], 80, accepted=True)
    graph.record_failure(("a", "b"), now_s=100)
    later = pool_of([A, B], graph=graph, now_s=102)
    assert later.standing(A, B) is Standing.UNKNOWN
    assert later.p_accept(A, B) < 1
    limited = pool_of([A, B], graph=graph, now_s=102, at_probe_limit={"b"})
    assert limited.standing(A, B) is Standing.BLOCKED


def test_where_thresholds_relax_an_edge_is_judged_by_the_threshold_not_by_its_verdict():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200)])
    for accepted in (True, False):
        graph = LatencyGraph(fresh_s=1000)
        measured(graph, ["ab"], 100, accepted=accepted, now_s=0)
        measured(graph, ["ac"], 100.1, accepted=accepted, now_s=0)
        pool = pool_of([A, B, C], relaxing, graph=graph, now_s=10)
        assert pool.standing(A, B) is Standing.ACCEPTABLE
        assert pool.standing(A, C) is Standing.BLOCKED
        strict = pool_of([A, B, C], FIFOMatchmaker(100), graph=graph, now_s=10)
        expected = Standing.ACCEPTABLE if accepted else Standing.BLOCKED
        assert strict.standing(A, B) is strict.standing(A, C) is expected


@pytest.mark.parametrize(
    ("group_size", "expansions", "expand_by", "company"),
    [
        (3, [(60, 200)], "oldest", "bca"),
        (3, [(60, 200)], "newest", "bc"),
        (3, [], "oldest", "bc"),
        (2, [(60, 200)], "oldest", "bc"),
    ],
)
def test_the_best_company_is_that_of_the_longest_waiting_where_that_relaxes_a_threshold(
    group_size, expansions, expand_by, company
):
    matchmaker = FIFOMatchmaker(100, rtt_expansions=expansions, expand_by=expand_by)
    pool = pool_of([A, B, C], matchmaker, group_size=group_size)
    assert names([pool.best_company(B, C)]) == [company]


def test_a_pair_stands_best_in_the_company_of_the_longest_waiting():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200)])
    graph = LatencyGraph(fresh_s=1000)
    measured(graph, ["bc"], 180, accepted=False, now_s=0)
    pool = pool_of([A, B, C], relaxing, graph=graph, now_s=60, group_size=3)
    assert pool.standing(B, C) is Standing.BLOCKED
    assert pool.best_standing(B, C) is Standing.ACCEPTABLE


def test_a_group_is_ready_if_all_its_pairs_are_and_possible_if_none_is_blocked():
    graph = LatencyGraph()
    measured(graph, ["ab", "ac"], 80, accepted=True)
    unknown = pool_of([A, B, C], graph=graph, group_size=3)
    assert not unknown.is_ready([A, B, C])
    assert unknown.is_possible([A, B, C])
    assert unknown.is_ready([A, B])
    measured(graph, ["bc"], 80, accepted=True)
    assert pool_of([A, B, C], graph=graph).is_ready([A, B, C])
    measured(graph, ["bc"], 180, accepted=False)
    rejected = pool_of([A, B, C], graph=graph)
    assert not rejected.is_ready([A, B, C])
    assert not rejected.is_possible([A, B, C])
    assert rejected.is_blocked(B, C)
    assert not rejected.is_blocked(A, B)


def test_a_relaxed_group_is_judged_as_the_group_it_is():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200)])
    graph = LatencyGraph(fresh_s=1000)
    measured(graph, ["ab", "ac", "bc"], 180, accepted=False, now_s=0)
    pool = pool_of([A, B, C], relaxing, graph=graph, now_s=60, group_size=3)
    assert pool.is_ready([A, B, C]) and pool.is_possible([A, B, C])
    assert not pool.is_ready([B, C]) and not pool.is_possible([B, C])
    assert pool.is_blocked(B, C) and not pool.is_blocked(B, C, [A, B, C])


@pytest.mark.parametrize("expansions", [[], [(1000, 200)]])
@pytest.mark.parametrize("limited", [frozenset(), frozenset("d"), frozenset("a")])
@pytest.mark.parametrize("is_probing", [True, False])
@pytest.mark.parametrize(
    "compatible", [None, lambda a, b: {"a", "e"} != {a.subject_id, b.subject_id}]
)
def test_the_blocked_partners_of_somebody_are_those_a_plain_look_finds(
    expansions, limited, is_probing, compatible
):
    matchmaker = FIFOMatchmaker(100, rtt_expansions=expansions, compatible=compatible)
    graph = LatencyGraph(fresh_s=50, blocklist=[("a", "f"), ("a", "gone")])
    measured(graph, ["ab", "bc"], 180, accepted=False)
    measured(graph, ["ac"], 80, accepted=True)
    graph.record_failure(("a", "d"), now_s=100)
    everybody = crowd("abcdef")
    for now_s in (100, 101, 102, 140, 150):
        pool = pool_of(
            everybody,
            matchmaker,
            graph=graph,
            now_s=now_s,
            at_probe_limit=limited,
            is_probing=is_probing,
        )
        for candidate in everybody:
            plain = {
                other.subject_id
                for other in everybody
                if other is not candidate and pool.is_blocked(candidate, other)
            }
            assert set(pool.blocked_partners(candidate)) & set("abcdef") == plain


def test_a_prediction_for_a_group_goes_by_the_groups_threshold():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200)])
    pool = pool_of([A, B, C], relaxing, now_s=60, group_size=3)
    assert pool.p_accept(B, C) == pool.graph.p_accept(B, C, 100)
    assert pool.p_accept(B, C, [A, B, C]) == pool.graph.p_accept(B, C, 200)
    assert pool.threshold_ms([A, B]) == 200


def test_asking_about_compatibility_is_asking_in_that_order_and_believing_any_truth():
    asked = []

    def compatible(a, b):
        asked.append(a.subject_id + b.subject_id)
        return [] if b is C else "yes"

    pool = pool_of([A, B, C], FIFOMatchmaker(100, compatible=compatible))
    assert pool.are_compatible(A, B) is True
    assert pool.are_compatible(A, C) is False
    assert asked == ["ab", "ac"]
    assert pool_of([A, B]).are_compatible(A, B) is True


def test_a_pace_is_made_where_none_is_given():
    assert pool_of([A]).statistics.typical_wait_s == MatchingStatistics().typical_wait_s
