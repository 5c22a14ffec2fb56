import pytest

from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.tiers import tier_pools
from tests.support.pool_fakes import crowd, pool_of

FREE = crowd("abcd")


def tiers(graph, taken=frozenset()):
    pool = pool_of(FREE, graph=graph)
    return [
        ("".join(c.subject_id for c in tier.candidates), tier.retries)
        for tier in tier_pools(pool, taken)
    ]


def test_where_nothing_has_failed_there_is_one_pool_the_one_that_was_given():
    pool = pool_of(FREE)
    assert list(tier_pools(pool, set())) == [pool]


def test_a_failed_pair_is_tried_again_only_after_all_others_were_looked_at():
    graph = LatencyGraph(backoff_s=2)
    graph.record_failure(("a", "b"), now_s=50)
    assert tiers(graph) == [("abcd", False), ("abcd", True)]


def test_who_failed_with_several_comes_last_and_keeps_nobody_from_being_tried():
    graph = LatencyGraph(backoff_s=2)
    for partner in "abc":
        graph.reliability.record_failure((partner, "d"), {"d": "not_ready"}, now_s=50)
        graph.record_failure((partner, "d"), now_s=50)
    first, *_, last = tiers(graph)
    assert first == ("abc", False)
    assert "d" in last[0] and last[1]


def test_who_was_proposed_meanwhile_is_in_no_later_pool():
    graph = LatencyGraph(backoff_s=2)
    graph.record_failure(("a", "b"), now_s=50)
    taken: set[str] = set()
    seen = []
    for tier in tier_pools(pool_of(FREE, graph=graph), taken):
        seen.append("".join(c.subject_id for c in tier.candidates))
        taken.update("cd")
    assert seen == ["abcd", "ab"]


@pytest.mark.parametrize("pair", [("0", "a"), ("d", "e")])
def test_a_failure_with_somebody_who_is_not_there_changes_nothing(pair):
    graph = LatencyGraph(backoff_s=2)
    graph.record_failure(pair, now_s=50)
    pool = pool_of(FREE, graph=graph)
    assert list(tier_pools(pool, set())) == [pool]
