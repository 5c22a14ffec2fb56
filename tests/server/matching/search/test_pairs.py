import functools
import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import Standing
from interactive_gym.server.matching.search import pairs
from interactive_gym.server.matching.search.deferral import LEAST_P, Deferral
from interactive_gym.server.matching.search.pairs import PairSearch
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import MatchCandidate
from tests.support.changing_pools import EVENTS, THRESHOLD_MS, changing_pools, not_both_odd
from tests.support.pool_fakes import all_pairs, crowd, measured, names, people, pool_of

DEFERRAL = Deferral(probe_price=1.0, age_weight=1.0)

FIRST_RULES = functools.partial(LatencyMatchmaker, rules=1, probe_price=2.0)
"""The strategy of versions 0.1 and 0.2, whose deferral grows with the price of a probe alone."""


def proposed(matchmaker, candidates, **settings):
    return names(matchmaker.propose(pool_of(candidates, matchmaker, **settings)))


def quick_statistics() -> MatchingStatistics:
    """Of a scene in which everybody is matched within a second."""
    statistics = MatchingStatistics()
    for _ in range(300):
        statistics.waited(1.0)
        statistics.probed(1.0)
    return statistics


def test_near_participants_are_proposed_together_whatever_the_order_of_arrival():
    everybody = people(far=150.0, near=10.0, farther=160.0, close=12.0)
    groups = LatencyMatchmaker(60).propose(pool_of(everybody, LatencyMatchmaker(60), now_s=4))
    assert names(groups)[0] == "nearclose"


def test_a_known_good_pair_starts_before_anything_is_probed():
    graph, strategy = LatencyGraph(), LatencyMatchmaker(60)
    measured(graph, ["ad"], 50, accepted=True)
    everybody = people(a=200.0, b=5.0, c=5.0, d=200.0)
    assert proposed(strategy, everybody, graph=graph) == ["ad", "bc"]


def test_a_rejected_pair_is_never_proposed_while_fresh():
    graph, strategy = LatencyGraph(), LatencyMatchmaker(60)
    measured(graph, ["ab"], 180, accepted=False)
    assert proposed(strategy, crowd("ab"), graph=graph, now_s=219) == []


def test_a_poor_pair_waits_for_a_better_one_and_is_tried_when_it_is_said_to_be():
    strategy, graph, statistics = FIRST_RULES(60), LatencyGraph(), quick_statistics()
    pair = people(a=10.0, b=90.0)
    now_s = 2.0
    statistics.arrived(now_s)
    looks = 0
    while not proposed(strategy, pair, graph=graph, statistics=statistics, now_s=now_s):
        look_s = strategy.next_look_s(
            pool_of(pair, strategy, graph=graph, statistics=statistics, now_s=now_s)
        )
        assert look_s > 0
        early_s = now_s + 0.9 * look_s
        assert not proposed(strategy, pair, graph=graph, statistics=statistics, now_s=early_s)
        now_s += look_s + 1e-6
        looks += 1
    assert looks == 1
    assert 2 < now_s < 60


@pytest.mark.parametrize("server_rtt_ms", [None, 1.0, 50.0, 1e4])
def test_every_deferral_ends(server_rtt_ms):
    strategy, graph, statistics = FIRST_RULES(60), LatencyGraph(), quick_statistics()
    pair = people(a=1.0, b=server_rtt_ms)
    statistics.arrived(1.0)
    bound_s = strategy.probe_price * statistics.typical_probe_s / LEAST_P / strategy.age_weight
    for now_s in range(2, 2 + math.ceil(bound_s)):
        if proposed(strategy, pair, graph=graph, statistics=statistics, now_s=now_s):
            return
    raise AssertionError


def test_a_pair_thought_hopeless_is_tried_in_the_end():
    strategy, graph, statistics = FIRST_RULES(60), LatencyGraph(), quick_statistics()
    pair = people(a=200.0, b=400.0)
    for at in range(300):
        far = [MatchCandidate(f"{at}{x}", ms) for x, ms in (("x", 200.0), ("y", 400.0))]
        graph.learn(*far, accepted=False, threshold_ms=60)
    assert graph.p_accept(*pair, 60) < LEAST_P / 5
    bound_s = strategy.probe_price * statistics.typical_probe_s / LEAST_P / strategy.age_weight
    assert proposed(strategy, pair, graph=graph, statistics=statistics, now_s=0.5 * bound_s) == []
    assert proposed(strategy, pair, graph=graph, statistics=statistics, now_s=1.1 * bound_s) == [
        "ab"
    ]


def test_what_was_learnt_of_others_changes_what_is_worth_a_probe():
    strategy, graph, statistics = FIRST_RULES(60), LatencyGraph(), quick_statistics()
    pair = people(a=10.0, b=90.0)
    assert proposed(strategy, pair, graph=graph, statistics=statistics, now_s=2) == []
    for at in range(60):
        alike = [MatchCandidate(f"{at}{x}", ms) for x, ms in (("x", 10.0), ("y", 90.0))]
        graph.learn(*alike, accepted=True, threshold_ms=60)
    assert proposed(strategy, pair, graph=graph, statistics=statistics, now_s=2) == ["ab"]


def test_a_proposal_that_came_to_nothing_is_made_again():
    strategy, graph, pair = LatencyMatchmaker(60), LatencyGraph(), crowd("ab", 10.0)
    for _ in range(2):
        assert proposed(strategy, pair, graph=graph) == ["ab"]


def test_a_pair_in_backoff_is_proposed_when_the_backoff_is_over():
    strategy, graph, pair = LatencyMatchmaker(60), LatencyGraph(backoff_s=2), crowd("ab", 10.0)
    graph.record_failure(("a", "b"), now_s=100)
    assert proposed(strategy, pair, graph=graph, now_s=100) == []
    graph.lapse(102)
    assert proposed(strategy, pair, graph=graph, now_s=102) == ["ab"]


def test_better_partners_for_each_other_cannot_keep_somebody_waiting_for_ever():
    strategy, graph, statistics = FIRST_RULES(60), LatencyGraph(), quick_statistics()
    loner = MatchCandidate("loner", 400.0, 0.0)
    bound_s = 4 * strategy.probe_price * statistics.typical_probe_s / LEAST_P / strategy.age_weight
    for now_s in range(1, math.ceil(bound_s)):
        couple = [MatchCandidate(f"{now_s}{x}", 5.0, float(now_s)) for x in "ab"]
        statistics.arrived(now_s)
        pool = pool_of([loner, *couple], strategy, graph=graph, statistics=statistics, now_s=now_s)
        groups = strategy.propose(pool)
        assert groups
        if any(loner in group for group in groups):
            break
    else:
        raise AssertionError
    assert now_s > 60


def test_of_two_like_pairs_the_one_that_has_waited_longer_comes_first():
    strategy = LatencyMatchmaker(60)
    candidates = [
        MatchCandidate(name, 20.0, since_s)
        for name, since_s in (("a", 0.0), ("b", 0.0), ("c", 90.0), ("d", 90.0))
    ]
    assert proposed(strategy, candidates) == ["ab", "cd"]


def test_an_expired_far_edge_is_tried_later_than_an_unmeasured_pair():
    strategy, graph = LatencyMatchmaker(60), LatencyGraph(fresh_s=10)
    measured(graph, ["ab"], 300, accepted=False, now_s=50)
    graph.lapse(100)
    assert proposed(strategy, crowd("abc"), graph=graph) == ["ac"]


def test_an_incompatible_pair_is_never_proposed_however_near():
    strategy = LatencyMatchmaker(60, compatible=lambda a, b: a.rtt_ms != b.rtt_ms)
    assert proposed(strategy, people(a=5.0, b=5.0, c=30.0)) == ["ac"]


def test_a_rejected_pair_plays_once_the_threshold_has_relaxed():
    strategy = LatencyMatchmaker(100, rtt_expansions=[(60, 200)])
    graph, pair = LatencyGraph(fresh_s=1000), crowd("ab")
    measured(graph, ["ab"], 180, accepted=False, now_s=1)
    assert proposed(strategy, pair, graph=graph, now_s=1) == []
    assert proposed(strategy, pair, graph=graph, now_s=59) == []
    assert proposed(strategy, pair, graph=graph, now_s=60) == ["ab"]


def test_by_the_newest_a_pair_is_thought_as_likely_as_its_newcomer_allows():
    graph, statistics = LatencyGraph(), quick_statistics()
    pair = [MatchCandidate("a", 10.0, 0.0), MatchCandidate("b", 90.0, 99.0)]
    groups = [
        proposed(strategy, pair, graph=graph, statistics=statistics, now_s=100)
        for strategy in (
            FIRST_RULES(20, age_weight=0.01, rtt_expansions=[(60, 300)], expand_by=expand_by)
            for expand_by in ("oldest", "newest")
        )
    ]
    assert groups == [["ab"], []]


def test_it_keeps_everybody_once_however_often_they_are_touched():
    search, graph, trio = PairSearch(DEFERRAL), LatencyGraph(), crowd("abc", 400.0)
    for at in range(20):
        search.propose(pool_of(trio, LatencyMatchmaker(60), graph=graph, now_s=100 + at))
        graph.record_failure(("a", "b"), now_s=100 + at)
    assert len(search._free) == len(search._at) <= 3


def test_it_keeps_nothing_of_those_who_left():
    search, graph = PairSearch(DEFERRAL), LatencyGraph()
    for at in range(200):
        crowd_now = [MatchCandidate(f"{at}-{n}", 400.0, float(at)) for n in range(3)]
        search.propose(pool_of(crowd_now, LatencyMatchmaker(60), graph=graph, now_s=at))
    assert len(search._people) <= 3
    assert len(search._due) < 300
    assert len(search._outdated) <= 3
    assert len(search._changes._known) <= 3


def test_without_a_second_person_there_is_nothing_to_look_at_again():
    search = PairSearch(DEFERRAL)
    pool = pool_of(crowd("a"), LatencyMatchmaker(60))
    assert search.propose(pool) == []
    assert search.next_look_s(pool) is None


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_the_next_look_is_at_the_first_pair_that_comes_due_whoever_came_first(order):
    server_rtts_ms = {"a": 10.0, "b": 90.0, "c": 200.0}
    looks_s = []
    for names_in_order in ("abc", order):
        search = PairSearch(Deferral(probe_price=2.0, age_weight=1.0))
        waiting = [
            MatchCandidate(name, rtt_ms=server_rtts_ms[name], waiting_since_s=0.0)
            for name in names_in_order
        ]
        statistics = quick_statistics()
        statistics.arrived(0.0)
        pool = pool_of(waiting, FIRST_RULES(60), statistics=statistics, now_s=2.0)
        assert search.propose(pool) == []
        looks_s.append(search.next_look_s(pool))
    assert looks_s[0] == looks_s[1] > 0


def test_two_who_are_blocked_with_each_other_are_no_reason_to_look_again():
    search, graph = PairSearch(DEFERRAL), LatencyGraph(blocklist=[("a", "b")])
    pool = pool_of(crowd("ab"), LatencyMatchmaker(60), graph=graph)
    assert search.propose(pool) == []
    assert search.next_look_s(pool) is None


def test_nobody_at_the_limit_of_probes_is_proposed_for_one_but_a_known_good_pair_may_play():
    search, graph = PairSearch(DEFERRAL), LatencyGraph()
    limited = {"graph": graph, "at_probe_limit": {"a"}}
    assert search.propose(pool_of(crowd("ab"), LatencyMatchmaker(60), **limited)) == []
    measured(graph, ["ab"], 50, accepted=True)
    assert names(search.propose(pool_of(crowd("ab"), LatencyMatchmaker(60), **limited))) == ["ab"]


def test_those_over_the_work_of_one_pass_are_looked_at_in_the_next(monkeypatch):
    monkeypatch.setattr(pairs, "PAIRS_PER_PASS", 50)
    search, graph = PairSearch(DEFERRAL), LatencyGraph()
    waiting = people(**{f"p{at:02}": 20.0 for at in range(60)})
    found: list[str] = []
    for _ in range(60):
        groups = search.propose(pool_of(waiting, LatencyMatchmaker(60), graph=graph, now_s=200))
        found += [member.subject_id for group in groups for member in group]
        waiting = [candidate for candidate in waiting if candidate.subject_id not in found]
    assert len(set(found)) == len(found) == 60


@pytest.mark.parametrize("expansions", [(), ((20, 90), (60, 400))])
@pytest.mark.parametrize("expand_by", ["oldest", "newest"])
@given(events=EVENTS, seed=st.integers(0, 999))
@settings(max_examples=150, deadline=None)
def test_what_the_search_leaves_a_plain_look_at_every_pair_would_have_left_too(
    expansions, expand_by, events, seed
):
    strategy = FIRST_RULES(
        THRESHOLD_MS, rtt_expansions=expansions, expand_by=expand_by, compatible=not_both_odd
    )
    deferral = Deferral(strategy.probe_price, strategy.age_weight)
    for pool, groups in changing_pools(strategy, events, seed):
        taken = {member.subject_id for group in groups for member in group}
        for a, b in all_pairs([c for c in pool.candidates if c.subject_id not in taken]):
            standing = pool.standing(a, b)
            assert standing is not Standing.ACCEPTABLE
            if standing is Standing.UNKNOWN:
                age_s = (pool.waited_s(a) + pool.waited_s(b)) / 2
                p = pool.p_accept(a, b) * (1 - 1e-6)
                assert not deferral.is_worth_it(p, pool.statistics, pool.now_s, age_s)
