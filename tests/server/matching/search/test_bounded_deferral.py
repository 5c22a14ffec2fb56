"""The deferral with a bound: what is worth a probe, in which order, and how long others wait."""

from __future__ import annotations

import math
import random
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import MatchPool, Standing
from interactive_gym.server.matching.search.bounded_deferral import (
    HOLD_PROBES,
    HOLD_SHARE,
    LEAST_PROBE_S,
    BoundedDeferral,
)
from interactive_gym.server.matching.search.deferral import SURE_P
from interactive_gym.server.matching.search.pairs import PairSearch
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from tests.support.changing_pools import EVENTS, THRESHOLD_MS, changing_pools, not_both_odd
from tests.support.pool_fakes import all_pairs, crowd, measured, names, people, pool_of

RULE = BoundedDeferral(probe_price=2.0, age_weight=0.6)


def statistics(
    *, probe_s: float = 2.0, gap_s: float = 0.2, patience_s: float | None = None
) -> MatchingStatistics:
    """Of a busy scene: people near the server come again and again."""
    told = MatchingStatistics(patience_s)
    for at in range(1000):
        told.arrived(100.0 - gap_s * (1000 - at), 10.0)
        told.probed(probe_s)
    return told


def test_the_hold_is_a_few_probes_time_and_a_small_share_of_the_patience_at_most():
    assert RULE.hold_s(statistics(probe_s=3.0)) == pytest.approx(3.0 * HOLD_PROBES)
    patient, hasty = (statistics(probe_s=3.0, patience_s=s) for s in (900.0, 60.0))
    assert RULE.hold_s(patient) == pytest.approx(3.0 * HOLD_PROBES)
    assert RULE.hold_s(hasty) == pytest.approx(60.0 * HOLD_SHARE)


def test_however_quick_probes_are_each_costs_as_much_as_two_seconds():
    quick, slow = statistics(probe_s=0.3), statistics(probe_s=5.0)
    assert RULE.price(quick) == pytest.approx(2.0 * LEAST_PROBE_S)
    assert RULE.price(slow) == pytest.approx(2.0 * 5.0)
    assert RULE.hold_s(quick) == pytest.approx(LEAST_PROBE_S * HOLD_PROBES)


def test_who_is_scarce_is_worth_a_probe_that_others_are_not():
    near, near_too, far = people(near=10.0, near_too=10.0, far=250.0)
    told = statistics(gap_s=2.0, probe_s=0.5)
    pool = pool_of([near, near_too, far], FIFOMatchmaker(60), statistics=told, now_s=100.0)
    expected = {c.subject_id: RULE.expected_wait_s(c, pool) for c in pool.candidates}
    assert expected["far"] > 5.0 * expected["near"]
    p = 0.3
    told.arrived(100.0, 10.0)
    usual = (expected["near"] + expected["near_too"]) / 2
    scarce = (expected["near"] + expected["far"]) / 2
    assert not RULE.is_worth_it(p, pool.statistics, 100.0, 0.0, usual)
    assert RULE.is_worth_it(p, pool.statistics, 100.0, 0.0, scarce)


def test_what_is_nearly_sure_is_never_deferred_however_quickly_people_come():
    (person,) = people(person=10.0)
    pool = pool_of([person], FIFOMatchmaker(60), statistics=statistics(gap_s=0.01))
    expected_s = RULE.expected_wait_s(person, pool)
    assert RULE.is_worth_it(SURE_P + 1e-9, pool.statistics, 100.0, 0.0, expected_s)
    assert not RULE.is_worth_it(SURE_P - 0.1, pool.statistics, 100.0, 0.0, expected_s)


def test_among_what_is_worth_a_probe_the_scarce_go_first_unless_they_are_unlikely():
    told = statistics()
    assert RULE.rank(0.3, 20.0, told) > RULE.rank(0.9, 10.0, told)
    assert RULE.rank(0.1, 20.0, told) < RULE.rank(0.9, 10.0, told)


def hopeless() -> LatencyGraph:
    """A graph that has learnt that people far from the server are never near each other."""
    graph = LatencyGraph()
    for at in range(300):
        far = [MatchCandidate(f"{at}{x}", ms) for x, ms in (("x", 200.0), ("y", 400.0))]
        graph.learn(*far, accepted=False, threshold_ms=60)
    return graph


def test_a_pair_thought_hopeless_is_tried_at_the_end_of_the_hold_and_not_before():
    pair = [MatchCandidate("a", 200.0, 90.0), MatchCandidate("b", 400.0, 100.0)]
    told, graph = statistics(probe_s=2.0), hopeless()
    strategy = LatencyMatchmaker(60, probe_price=20.0)
    look_s = math.nan
    for now_s in (100.0, 106.9):
        pool = pool_of(pair, strategy, graph=graph, statistics=told, now_s=now_s)
        assert strategy.propose(pool) == []
        look_s = strategy.next_look_s(pool)
        assert look_s == pytest.approx(100.0 + 2.0 * HOLD_PROBES - now_s, abs=0.01)
    now_s = 106.9 + look_s
    pool = pool_of(pair, strategy, graph=graph, statistics=told, now_s=now_s)
    assert names(strategy.propose(pool)) == ["ab"]


def test_a_group_thought_hopeless_is_tried_at_the_end_of_the_hold_and_not_before():
    ms = {"a": 200.0, "b": 400.0, "c": 600.0}
    trio = [MatchCandidate(name, rtt_ms, 100.0) for name, rtt_ms in ms.items()]
    told, graph = statistics(probe_s=2.0), hopeless()
    strategy = LatencyMatchmaker(60, probe_price=200.0)
    for now_s, expected in ((106.0, []), (107.1, [{"a", "b", "c"}])):
        pool = pool_of(trio, strategy, graph=graph, statistics=told, now_s=now_s, group_size=3)
        groups = strategy.propose(pool)
        assert [{member.subject_id for member in group} for group in groups] == expected


def test_the_hold_is_not_for_who_was_measured_far_apart_before():
    graph, strategy = LatencyGraph(fresh_s=10), LatencyMatchmaker(60)
    measured(graph, ["ab"], 300, accepted=False, now_s=50)
    graph.lapse(100)
    pool = pool_of(crowd("ab"), strategy, graph=graph, statistics=statistics(), now_s=100)
    assert strategy.propose(pool) == []


def worth(pool: MatchPool, a: MatchCandidate, b: MatchCandidate) -> tuple[bool, float]:
    """Whether a pair is to be tried, and its rank, by a plain look at it alone."""
    if pool.standing(a, b) is Standing.ACCEPTABLE:
        return True, math.inf
    age_s = (pool.waited_s(a) + pool.waited_s(b)) / 2
    expected_s = (RULE.expected_wait_s(a, pool) + RULE.expected_wait_s(b, pool)) / 2
    told, p = pool.statistics, pool.p_accept(a, b)
    link = pool.graph.link((a.subject_id, b.subject_id))
    is_held = min(pool.waited_s(a), pool.waited_s(b)) >= RULE.hold_s(told)
    is_untried = link is None or link.edge is None
    worth_s = RULE.wait_s(told, pool.now_s, age_s) + expected_s
    is_worth_it = p * worth_s >= RULE.price(told)
    return is_worth_it or (is_held and is_untried), RULE.rank(p, worth_s, told)


def by_a_plain_look(pool: MatchPool) -> list[set[str]]:
    ranked = []
    for a, b in combinations(pool.candidates, 2):
        if pool.standing(a, b) is not Standing.BLOCKED:
            is_due, rank = worth(pool, a, b)
            if is_due:
                since_s = (a.waiting_since_s, b.waiting_since_s)
                ranked.append((-rank, since_s, {a.subject_id, b.subject_id}))
    chosen: list[set[str]] = []
    for *_, pair in sorted(ranked, key=lambda one: one[:2]):
        if not any(pair & other for other in chosen):
            chosen.append(pair)
    return chosen


@pytest.mark.parametrize("seed", range(60))
def test_pairs_are_proposed_as_a_plain_look_at_all_of_them_would(seed: int) -> None:
    rng = random.Random(seed)
    since_s = sorted(rng.uniform(80, 100) for _ in range(8))
    everybody = [
        MatchCandidate(name, rng.choice([None, rng.uniform(1, 90)]), at_s)
        for name, at_s in zip("abcdefgh", since_s, strict=True)
    ]
    graph = LatencyGraph(fresh_s=20.0, backoff_s=4.0, blocklist=[("a", "h")])
    for pair in combinations("abcdefgh", 2):
        kind = rng.choice(["nothing"] * 6 + ["fresh", "fresh", "expired", "failed"])
        rtt_ms = rng.uniform(30, 90)
        if kind in ("fresh", "expired"):
            at_s = 95.0 if kind == "fresh" else 70.0
            measured(graph, [pair], rtt_ms, accepted=rtt_ms <= 60, now_s=at_s)
        elif kind == "failed":
            graph.record_failure(pair, now_s=rng.choice([90.0, 99.0]))
    graph.lapse(100.0)
    told = statistics(gap_s=rng.choice([0.1, 2.0]), probe_s=rng.choice([0.5, 3.0]))
    pool = pool_of(everybody, FIFOMatchmaker(60), graph=graph, now_s=100.0, statistics=told)
    found = PairSearch(RULE).propose(pool)
    assert [{m.subject_id for m in pair} for pair in found] == by_a_plain_look(pool)


def untried_beside_each_other(pool: MatchPool, taken: set[str]) -> list[Any]:
    """Pairs left free who have both waited for the hold and were never tried."""
    hold_s = RULE.hold_s(pool.statistics)
    held = [c for c in pool.candidates if pool.waited_s(c) >= hold_s + 1e-6]
    return [
        (a.subject_id, b.subject_id)
        for a, b in all_pairs([c for c in held if c.subject_id not in taken])
        if pool.standing(a, b) is Standing.UNKNOWN
        and ((link := pool.graph.link((a.subject_id, b.subject_id))) is None or link.edge is None)
    ]


@pytest.mark.parametrize("expansions", [(), ((20, 90), (60, 400))])
@given(events=EVENTS, seed=st.integers(0, 999))
@settings(max_examples=150, deadline=None)
def test_nobody_free_waits_longer_than_the_hold_beside_somebody_untried(expansions, events, seed):
    strategy = LatencyMatchmaker(
        THRESHOLD_MS, rtt_expansions=expansions, compatible=not_both_odd, probe_price=50.0
    )
    for pool, groups in changing_pools(strategy, events, seed):
        taken = {member.subject_id for group in groups for member in group}
        assert untried_beside_each_other(pool, taken) == []


@given(events=EVENTS, seed=st.integers(0, 999))
@settings(max_examples=80, deadline=None)
def test_no_three_do_either(events, seed):
    strategy = LatencyMatchmaker(THRESHOLD_MS, probe_price=50.0)
    for pool, groups in changing_pools(strategy, events, seed, group_size=3):
        taken = {member.subject_id for group in groups for member in group}
        pairs = {frozenset(pair) for pair in untried_beside_each_other(pool, taken)}
        members = {who for pair in pairs for who in pair}
        assert not any(
            all(frozenset(pair) in pairs for pair in combinations(trio, 2))
            for trio in combinations(sorted(members), 3)
        )


def test_it_remembers_no_more_of_those_who_were_held_than_there_are():
    search, graph = PairSearch(RULE), hopeless()
    told = statistics()
    for at in range(400):
        now_s = 100.0 + at
        pair = [MatchCandidate(f"{at}{x}", ms, now_s) for x, ms in (("x", 200.0), ("y", 400.0))]
        search.propose(pool_of(pair, FIFOMatchmaker(60), graph=graph, statistics=told, now_s=now_s))
    assert len(search._holding) < 100
