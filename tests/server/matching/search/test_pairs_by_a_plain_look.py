"""The incremental search for pairs, held against a plain look at every pair."""

from __future__ import annotations

import math
import random
from collections.abc import Set
from itertools import combinations
from typing import Any

import pytest

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.latency_graph import LatencyGraph, p_remeasured
from interactive_gym.server.matching.pool import MatchPool, Standing
from interactive_gym.server.matching.search import pairs
from interactive_gym.server.matching.search.deferral import LEAST_P, Deferral
from interactive_gym.server.matching.search.pairs import PairSearch
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import FIFOMatchmaker
from tests.support.pool_fakes import crowd, measured, names, people, pool_of

RULE = Deferral(probe_price=2.0, age_weight=0.6)


def statistics(
    *, wait_s: float = 3.0, probe_s: float = 2.0, arrived_s: float | None = None
) -> MatchingStatistics:
    """A statistics with these typical durations."""
    one = MatchingStatistics()
    for _ in range(2000):
        one.waited(wait_s)
        one.probed(probe_s)
    if arrived_s is not None:
        one.arrived(arrived_s)
    return one


def chance(pool: MatchPool, a: MatchCandidate, b: MatchCandidate) -> float:
    """The probability that the rule is about, never less than the rule allows."""
    return max(LEAST_P, pool.p_accept(a, b))


def worth(pool: MatchPool, a: MatchCandidate, b: MatchCandidate, rule: Deferral = RULE) -> float:
    """By how much a pair is worth more than its probe, in seconds of waiting."""
    if pool.standing(a, b) is Standing.ACCEPTABLE:
        return math.inf
    age_s = (pool.waited_s(a) + pool.waited_s(b)) / 2
    return chance(pool, a, b) * rule.wait_s(pool.statistics, pool.now_s, age_s) - rule.price(
        pool.statistics
    )


def open_pairs(
    pool: MatchPool, taken: Set[str] = frozenset()
) -> list[tuple[MatchCandidate, MatchCandidate]]:
    free = [c for c in pool.candidates if c.subject_id not in taken]
    return [(a, b) for a, b in combinations(free, 2) if pool.standing(a, b) is not Standing.BLOCKED]


def by_a_plain_look(pool: MatchPool) -> list[str]:
    """Disjoint pairs, the most worthwhile first, by looking at all of them."""
    ranked = sorted(
        (-worth(pool, a, b), a.waiting_since_s, b.waiting_since_s, a.subject_id + b.subject_id)
        for a, b in open_pairs(pool)
    )
    chosen: list[str] = []
    for minus, _, _, pair in ranked:
        if minus <= 0 and set(pair).isdisjoint("".join(chosen)):
            chosen.append(pair)
    return chosen


def next_by_a_plain_look_s(pool: MatchPool, taken: Set[str] = frozenset()) -> float | None:
    """When the first of the pairs that are left becomes worth its probe, in seconds from now."""
    price = RULE.price(pool.statistics)
    due_s = []
    for a, b in open_pairs(pool, taken):
        age_s = (pool.waited_s(a) + pool.waited_s(b)) / 2
        wait_s = RULE.wait_s(pool.statistics, pool.now_s, age_s)
        # With every second the wait still expected grows by one, and by the weight of two ages.
        due_s.append((price / chance(pool, a, b) - wait_s) / (RULE.age_weight + 1.0))
    return min(due_s, default=None)


def scattered(seed: int, now_s: float = 30.0) -> list[MatchCandidate]:
    """Eight people at all distances, who came at different times."""
    rng = random.Random(seed)
    since_s = sorted(rng.uniform(0, now_s) for _ in range(8))
    return [
        MatchCandidate(name, rng.choice([None, rng.uniform(1, 90)]), at_s)
        for name, at_s in zip("abcdefgh", since_s, strict=True)
    ]


def known_graph(seed: int, now_s: float = 30.0) -> LatencyGraph:
    """A graph that knows a little of them, of every kind."""
    rng = random.Random(seed)
    graph = LatencyGraph(fresh_s=20.0, backoff_s=4.0, blocklist=[("a", "h")])
    for pair in combinations("abcdefgh", 2):
        kind = rng.choice(
            ["nothing"] * 6 + ["rejected", "accepted", "expired", "failed", "backoff"]
        )
        if kind in ("rejected", "accepted"):
            rtt_ms = 90.0 if kind == "rejected" else 30.0
            measured(graph, [pair], rtt_ms, accepted=kind == "accepted", now_s=now_s - 10)
        elif kind == "expired":
            rtt_ms = rng.uniform(40, 90)
            measured(graph, [pair], rtt_ms, accepted=rtt_ms <= 60, now_s=now_s - 25)
        elif kind != "nothing":
            graph.record_failure(pair, now_s=now_s - (10 if kind == "failed" else 1))
    graph.lapse(now_s)
    return graph


@pytest.mark.parametrize("seed", range(40))
def test_pairs_are_proposed_as_a_plain_look_at_all_of_them_would(seed: int) -> None:
    everybody, graph = scattered(seed), known_graph(seed)
    limited = {"c"} if seed % 4 == 0 else set()
    settings = {
        "graph": graph,
        "now_s": 30.0,
        "statistics": statistics(wait_s=seed % 5, arrived_s=29.0),
        "at_probe_limit": limited,
    }
    search = PairSearch(RULE)
    pool = pool_of(everybody, FIFOMatchmaker(60), **settings)
    expected = by_a_plain_look(pool)
    assert names(search.propose(pool)) == expected
    look_s = search.next_look_s(pool)
    planned_s = next_by_a_plain_look_s(pool, set("".join(expected)))
    if not expected:
        assert look_s == (None if planned_s is None else pytest.approx(planned_s))
    elif planned_s is not None:
        # It may look for a pair one of whom is just proposed, so too early but never too late.
        assert look_s is not None and look_s <= planned_s + 1e-6


@pytest.mark.parametrize("expand_by", ["oldest", "newest"])
@pytest.mark.parametrize("seed", range(10))
def test_so_are_they_while_thresholds_relax(seed: int, expand_by: str) -> None:
    everybody, graph = scattered(seed), known_graph(seed)
    matchmaker = FIFOMatchmaker(40, rtt_expansions=[(8, 70), (20, 100)], expand_by=expand_by)
    settings = {"graph": graph, "now_s": 30.0, "statistics": statistics(arrived_s=29.0)}
    pool = pool_of(everybody, matchmaker, **settings)
    assert names(PairSearch(RULE).propose(pool)) == by_a_plain_look(pool)


@pytest.mark.parametrize("seed", range(20))
def test_so_are_they_when_time_passes_and_verdicts_come_in(seed: int) -> None:
    rng = random.Random(seed)
    everybody, graph, search = scattered(seed), known_graph(seed), PairSearch(RULE)
    free = {c.subject_id: c for c in everybody}
    one_pace = statistics(wait_s=1.0, arrived_s=29.0)
    for turn in range(12):
        now_s = 30.0 + 2.5 * turn
        graph.lapse(now_s)
        pool = pool_of(
            list(free.values()), FIFOMatchmaker(60), graph=graph, now_s=now_s, statistics=one_pace
        )
        expected = by_a_plain_look(pool)
        assert names(search.propose(pool)) == expected
        for a, b in expected:
            rtt_ms = rng.uniform(30, 100)
            measured(graph, [(a, b)], rtt_ms, accepted=rtt_ms <= 60, now_s=now_s)
            if rtt_ms <= 60:
                del free[a], free[b]


def one_pair(
    a_ms: float | None = 10.0, b_ms: float | None = 90.0, **settings: Any
) -> tuple[PairSearch, MatchPool]:
    search = PairSearch(RULE)
    defaults: dict[str, Any] = {"now_s": 2.0, "statistics": statistics(wait_s=0.5, arrived_s=2.0)}
    pool = pool_of(people(a=a_ms, b=b_ms), FIFOMatchmaker(60), **{**defaults, **settings})
    return search, pool


def test_a_pair_is_due_at_the_very_moment_it_becomes_worth_its_probe() -> None:
    search, pool = one_pair()
    assert search.propose(pool) == []
    look_s = search.next_look_s(pool)
    assert look_s is not None and look_s > 0
    for early, expected in ((1e-6, []), (-1e-6, ["ab"])):
        now_s = 2.0 + look_s - early
        later = pool_of(
            pool.candidates,
            FIFOMatchmaker(60),
            graph=pool.graph,
            now_s=now_s,
            statistics=pool.statistics,
        )
        assert names(search.propose(later)) == expected


def test_alone_or_blocked_there_is_nothing_to_look_forward_to() -> None:
    search = PairSearch(RULE)
    alone = pool_of(crowd("a"), FIFOMatchmaker(60))
    assert search.propose(alone) == []
    assert search.next_look_s(alone) is None
    search, blocked = one_pair(graph=LatencyGraph(blocklist=[("a", "b")]))
    assert search.propose(blocked) == []
    assert search.next_look_s(blocked) is None
    empty = pool_of([], FIFOMatchmaker(60))
    assert search.propose(empty) == []
    assert search.next_look_s(empty) is None


def test_those_at_their_limit_play_with_whom_they_may_and_are_probed_with_nobody() -> None:
    graph = LatencyGraph()
    measured(graph, ["ab"], 30, accepted=True)
    settings = {"graph": graph, "at_probe_limit": {"a", "c"}}
    search = PairSearch(RULE)
    assert names(search.propose(pool_of(crowd("abcd"), FIFOMatchmaker(60), **settings))) == ["ab"]
    search = PairSearch(RULE)
    pool = pool_of(crowd("acd"), FIFOMatchmaker(60), **settings)
    assert search.propose(pool) == []
    assert search.next_look_s(pool) is None


def test_whoever_is_incompatible_is_asked_about_once_and_never_proposed() -> None:
    asked: list[set[str]] = []

    def compatible(a: MatchCandidate, b: MatchCandidate) -> bool:
        asked.append({a.subject_id, b.subject_id})
        return {a.subject_id, b.subject_id} != {"a", "b"}

    matchmaker, search, graph = (
        FIFOMatchmaker(60, compatible=compatible),
        PairSearch(RULE),
        LatencyGraph(),
    )
    pair = crowd("ab")
    for now_s in (100.0, 101.0, 102.0):
        pool = pool_of(pair, matchmaker, graph=graph, now_s=now_s)
        assert search.propose(pool) == []
    assert asked == [{"a", "b"}]
    pool = pool_of([*pair, MatchCandidate("c", 20.0, 103.0)], matchmaker, graph=graph, now_s=103.0)
    assert names(search.propose(pool)) == ["ac"]


def test_an_incompatible_pair_does_not_play_however_good_its_connection() -> None:
    graph = LatencyGraph()
    measured(graph, ["ab"], 10, accepted=True)
    matchmaker, search = FIFOMatchmaker(60, compatible=lambda a, b: False), PairSearch(RULE)
    for now_s in (100.0, 101.0):
        assert search.propose(pool_of(crowd("ab"), matchmaker, graph=graph, now_s=now_s)) == []


def test_an_expired_edge_is_as_likely_as_it_would_be_measured_again() -> None:
    for rtt_ms in (68.0, 80.0, 200.0):
        graph = LatencyGraph(fresh_s=10.0)
        measured(graph, ["ab"], rtt_ms, accepted=False, now_s=0.0)
        graph.lapse(12.0)
        search, pool = one_pair(
            5.0, 5.0, graph=graph, now_s=12.0, statistics=statistics(wait_s=0.5, arrived_s=12.0)
        )
        assert search.propose(pool) == []
        p = max(LEAST_P, p_remeasured(graph.link(("a", "b")).edge, 60.0))  # type: ignore[union-attr, arg-type]
        wait_s = RULE.wait_s(pool.statistics, 12.0, 11.5)
        expected_s = (RULE.price(pool.statistics) / p - wait_s) / 1.6
        assert search.next_look_s(pool) == pytest.approx(expected_s)


def test_a_good_edge_whose_connection_failed_since_is_measured_again_after_the_backoff() -> None:
    graph = LatencyGraph(backoff_s=4.0)
    measured(graph, ["ab"], 30, accepted=True, now_s=100.0)
    graph.record_failure(("a", "b"), now_s=100.0)
    search = PairSearch(RULE)
    pair = crowd("ab")
    assert search.propose(pool_of(pair, FIFOMatchmaker(60), graph=graph, now_s=100.0)) == []
    graph.lapse(104.0)
    pool = pool_of(pair, FIFOMatchmaker(60), graph=graph, now_s=104.0)
    assert pool.standing(*pair) is Standing.UNKNOWN
    assert names(search.propose(pool)) == ["ab"]


def test_what_the_longest_waiting_have_comes_first_among_equals() -> None:
    search, graph = PairSearch(RULE), LatencyGraph()
    measured(graph, ["ab", "cd", "ad", "bc"], 30, accepted=True)
    pool = pool_of(crowd("abcd")[::-1], FIFOMatchmaker(60), graph=graph)
    assert names(search.propose(pool)) == ["ab", "cd"]


def test_when_the_price_has_changed_noticeably_everybody_is_looked_at_again() -> None:
    search, pool = one_pair(
        20.0, 55.0, statistics=statistics(wait_s=0.5, probe_s=20.0, arrived_s=2.0)
    )
    assert search.propose(pool) == []
    far_s = search.next_look_s(pool)
    for probe_s, near in ((19.0, False), (2.0, True)):
        cheaper = pool_of(
            pool.candidates,
            FIFOMatchmaker(60),
            graph=pool.graph,
            now_s=2.0,
            statistics=statistics(wait_s=0.5, probe_s=probe_s, arrived_s=2.0),
        )
        search.propose(cheaper)
        look_s = search.next_look_s(cheaper)
        assert look_s is not None and far_s is not None
        assert (look_s < far_s / 2) == near


def test_an_arrival_looks_at_those_who_are_due_and_leaves_older_knowledge_for_later() -> None:
    search, pool = one_pair(
        20.0, 55.0, statistics=statistics(wait_s=0.5, probe_s=20.0, arrived_s=2.0)
    )
    assert search.propose(pool) == []
    arriving = MatchCandidate("c", 400.0, 2.0)
    cheaper = statistics(wait_s=0.5, probe_s=10.0, arrived_s=2.0)
    settings = {"graph": pool.graph, "now_s": 2.0, "statistics": cheaper}
    on_arrival = pool_of(
        [*pool.candidates, arriving], FIFOMatchmaker(60), arriving=arriving, **settings
    )
    search.propose(on_arrival)
    # Somebody is still to be looked at, at once.
    assert search.next_look_s(on_arrival) == 0.0
    everybody = pool_of([*pool.candidates, arriving], FIFOMatchmaker(60), **settings)
    search.propose(everybody)
    look_s = search.next_look_s(everybody)
    assert look_s == pytest.approx(next_by_a_plain_look_s(everybody))


def test_whom_no_pairs_were_left_for_is_looked_at_in_the_next_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pairs, "PAIRS_PER_PASS", 1)
    search, graph = PairSearch(RULE), LatencyGraph()
    far_apart = people(**dict.fromkeys("abcdefghij", 400.0))
    settings = {"graph": graph, "now_s": 11.0, "statistics": statistics(wait_s=0.5, arrived_s=11.0)}
    for passes in range(1, 11):
        pool = pool_of(far_apart, FIFOMatchmaker(60), **settings)
        assert search.propose(pool) == []
        looked_at = [p for p in search._people.values() if p.version == search._version]
        assert len(looked_at) == passes
        assert search.next_look_s(pool) == 0.0
    search.propose(pool)
    assert search.next_look_s(pool) == pytest.approx(next_by_a_plain_look_s(pool))


def test_a_pass_looks_at_about_32_000_pairs() -> None:
    search = PairSearch(RULE)
    far_apart = [MatchCandidate(f"{at}", 400.0, 0.0) for at in range(401)]
    settings = {
        "graph": LatencyGraph(),
        "now_s": 1.0,
        "statistics": statistics(wait_s=0.5, arrived_s=1.0),
    }
    search.propose(pool_of(far_apart, FIFOMatchmaker(60), **settings))
    looked_at = [p for p in search._people.values() if p.version == search._version]
    # Each has 400 pairs, and a quarter of the people counts for the work of finding them.
    assert len(looked_at) == 32_000 // 500


def test_what_is_kept_of_when_to_look_is_tidied_up() -> None:
    search, graph = PairSearch(RULE), LatencyGraph()
    pair = people(a=400.0, b=400.0)
    settings = {"graph": graph, "now_s": 2.0, "statistics": statistics(wait_s=0.5, arrived_s=2.0)}
    for at in range(600):
        pool = pool_of(pair, FIFOMatchmaker(60), **settings)
        search.propose(pool)
        graph.record_failure(("a", "c"), now_s=2.0)
        assert len(search._due) <= 4 * 2 + 256 + 2, at
    assert search.next_look_s(pool) == pytest.approx(next_by_a_plain_look_s(pool))


def test_it_starts_anew_with_another_graph() -> None:
    search = PairSearch(RULE)
    pair = crowd("ab")
    assert (
        search.propose(pool_of(pair, FIFOMatchmaker(60), graph=LatencyGraph(blocklist=["ab"])))
        == []
    )
    assert names(search.propose(pool_of(pair, FIFOMatchmaker(60), graph=LatencyGraph()))) == ["ab"]
