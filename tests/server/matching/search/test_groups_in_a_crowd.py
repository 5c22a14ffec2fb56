"""The search for groups among so many that each is combined with a few at a time."""

import itertools

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.search import groups
from interactive_gym.server.matchmaker import MatchCandidate
from tests.support.pool_fakes import measured, pool_of


@pytest.fixture
def small_crowds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six people are a crowd, in which each is combined with four others at a time."""
    monkeypatch.setattr(groups, "CROWD", 5)
    monkeypatch.setattr(groups, "CROWD_SEEDS", 3)
    monkeypatch.setattr(groups, "CROWD_NEARBY", 3)
    monkeypatch.setattr(groups, "CROWD_IN_TURN", 1)


def scattered(count: int) -> list[MatchCandidate]:
    return [MatchCandidate(f"p{at:04}", float(5 + 37 * at % 300), at / 1000) for at in range(count)]


@pytest.mark.usefixtures("small_crowds")
@pytest.mark.parametrize("size", [3, 4])
def test_everybody_is_proposed_within_a_few_looks(size: int) -> None:
    strategy, graph, free = LatencyMatchmaker(60), LatencyGraph(), scattered(24)
    for _ in range(24):
        pool = pool_of(free, strategy, graph=graph, group_size=size, now_s=60.0)
        for group in strategy.propose(pool):
            assert len(group) == size
            free = [candidate for candidate in free if candidate not in group]
    assert len(free) < size


@pytest.mark.usefixtures("small_crowds")
def test_a_group_whose_edges_are_known_starts_though_others_are_nearer() -> None:
    strategy, graph, waiting = LatencyMatchmaker(60), LatencyGraph(), scattered(20)
    far = sorted(waiting, key=lambda candidate: -(candidate.rtt_ms or 0.0))[:3]
    ids = [candidate.subject_id for candidate in far]
    measured(graph, itertools.combinations(ids, 2), 20.0, accepted=True, now_s=60.0)
    pool = pool_of(waiting, strategy, graph=graph, group_size=3, now_s=60.0)
    assert {*ids} == {member.subject_id for member in strategy.propose(pool)[0]}


@pytest.mark.usefixtures("small_crowds")
def test_it_looks_again_at_once_while_it_finds_groups_in_a_crowd() -> None:
    strategy, waiting = LatencyMatchmaker(60), scattered(20)
    pool = pool_of(waiting, strategy, group_size=3, now_s=60.0)
    assert strategy.propose(pool)
    assert strategy.next_look_s(pool) == 0.0
    few = pool_of(waiting[:4], strategy, group_size=3, now_s=60.0)
    assert strategy.next_look_s(few) is None


def test_the_work_of_a_pass_does_not_grow_with_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    ask = LatencyGraph.p_accept

    def count(self: LatencyGraph, a: MatchCandidate, b: MatchCandidate, ms: float) -> float:
        asked[-1] += 1
        return ask(self, a, b, ms)

    monkeypatch.setattr(LatencyGraph, "p_accept", count)
    for people in (500, 2_000):
        asked.append(0)
        strategy = LatencyMatchmaker(60)
        assert strategy.propose(pool_of(scattered(people), strategy, group_size=3, now_s=60.0))
    assert asked[1] < 2 * asked[0] < 20_000
