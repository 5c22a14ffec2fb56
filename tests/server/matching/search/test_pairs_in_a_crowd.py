"""The search for pairs among so many that each is compared with a few at a time."""

import itertools

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.search import pairs
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import MatchCandidate
from tests.support.pool_fakes import measured, pool_of

HELD_S = 60.0
"""Everybody has waited for longer than the hold by then."""


@pytest.fixture
def small_crowds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six people are a crowd, in which each is compared with five others at a time."""
    monkeypatch.setattr(pairs, "CROWD", 5)
    monkeypatch.setattr(pairs, "CROWD_NEARBY", 3)
    monkeypatch.setattr(pairs, "CROWD_IN_TURN", 2)
    monkeypatch.setattr(pairs, "CROWD_FOUND", 2)


def scattered(count: int) -> list[MatchCandidate]:
    """People at all distances, in two halves that hardly get on, by their server RTTs."""
    return [
        MatchCandidate(f"p{at:04}", 3.0 + at % 7 if at % 2 else 300.0 + at, at / 1000, {"n": at})
        for at in range(count)
    ]


def tried(
    strategy: LatencyMatchmaker, waiting: list[MatchCandidate], *, passes: int
) -> list[frozenset[str]]:
    """The pairs that are proposed, of which each is rejected before the next pass."""
    graph, statistics = LatencyGraph(fresh_s=1e6), MatchingStatistics(patience_s=180.0)
    found: list[frozenset[str]] = []
    for at in range(passes):
        pool = pool_of(
            waiting, strategy, graph=graph, statistics=statistics, now_s=HELD_S + at / 20
        )
        for a, b in strategy.propose(pool):
            found.append(frozenset((a.subject_id, b.subject_id)))
            pair = (a.subject_id, b.subject_id)
            measured(graph, [pair], 300.0, accepted=False, now_s=pool.now_s)
            graph.learn(a, b, accepted=False, threshold_ms=60.0)
    return found


@pytest.mark.usefixtures("small_crowds")
def test_everybody_is_tried_with_everybody_however_unlikely_that_seems() -> None:
    waiting = scattered(16)
    found = tried(LatencyMatchmaker(60), waiting, passes=120)
    every_pair = {
        frozenset((a.subject_id, b.subject_id)) for a, b in itertools.combinations(waiting, 2)
    }
    assert set(found) == every_pair
    assert len(found) == len(every_pair)


@pytest.mark.usefixtures("small_crowds")
def test_nobody_who_is_held_goes_without_a_partner_for_long() -> None:
    waiting = scattered(40)
    found = tried(LatencyMatchmaker(60), waiting, passes=8)
    assert {who for pair in found for who in pair} == {c.subject_id for c in waiting}


def _only_with_the_next(a: MatchCandidate, b: MatchCandidate) -> bool:
    return bool(a.attributes["n"] // 2 == b.attributes["n"] // 2)


def _never(a: MatchCandidate, b: MatchCandidate) -> bool:
    return False


@pytest.mark.usefixtures("small_crowds")
def test_the_one_who_is_compatible_is_found_among_many_who_are_not() -> None:
    waiting = scattered(20)
    found = tried(LatencyMatchmaker(60, compatible=_only_with_the_next), waiting, passes=60)
    assert len(set(found)) == 10


@pytest.mark.usefixtures("small_crowds")
def test_it_looks_again_at_once_only_until_all_were_compared() -> None:
    strategy, graph = LatencyMatchmaker(60, compatible=_never), LatencyGraph()
    waiting = scattered(12)
    looks_s = []
    for _ in range(80):
        pool = pool_of(waiting, strategy, graph=graph, now_s=HELD_S)
        assert strategy.propose(pool) == []
        looks_s.append(strategy.next_look_s(pool))
    assert looks_s[0] == 0.0
    assert looks_s[-1] is None


def test_the_work_of_a_pass_does_not_grow_with_the_room() -> None:
    proposed = []
    for count in (1_000, 4_000):
        strategy = LatencyMatchmaker(60)
        waiting = scattered(count)
        proposed.append(len(strategy.propose(pool_of(waiting, strategy, now_s=HELD_S))))
        looked_at = [p for p in strategy._pairs._people.values() if p.version]
        compared = pairs.CROWD_NEARBY + pairs.CROWD_IN_TURN
        assert len(looked_at) <= 2 * pairs.CROWD_PAIRS_PER_PASS / compared
    assert proposed[1] >= 0.7 * proposed[0] > 15


def test_without_a_hold_everybody_is_compared_with_everybody_as_ever() -> None:
    strategy = LatencyMatchmaker(60, rules=1)
    waiting = scattered(320)
    strategy.propose(pool_of(waiting, strategy, now_s=HELD_S))
    assert not strategy._pairs._is_crowd
