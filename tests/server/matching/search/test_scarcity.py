import pytest

from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.rtt_predictor import RttPredictor
from interactive_gym.server.matching.search.scarcity import Scarcity
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from tests.support.pool_fakes import people, pool_of


def statistics(*server_rtts_ms: float | None, gap_s: float = 2.0) -> MatchingStatistics:
    """Of a scene to which many have come, again and again at these server RTTs."""
    told = MatchingStatistics()
    for at in range(1000):
        told.arrived(gap_s * at, server_rtts_ms[at % len(server_rtts_ms)])
    return told


def test_who_is_near_everybody_expects_another_partner_soon_and_who_is_far_does_not():
    near, far = people(near=5.0, far=300.0)
    pool = pool_of([near, far], FIFOMatchmaker(60), statistics=statistics(5.0, 10.0))
    scarcity = Scarcity()
    assert 2.0 < scarcity.wait_s(near, pool) < 3.0
    assert scarcity.wait_s(far, pool) > 10.0 * scarcity.wait_s(near, pool)


def test_the_wait_is_the_time_between_arrivals_by_the_share_of_those_who_suit():
    (person,) = people(person=40.0)
    waits_s = [
        Scarcity().wait_s(
            person, pool_of([person], FIFOMatchmaker(60), statistics=statistics(40.0, gap_s=gap_s))
        )
        for gap_s in (1.0, 3.0)
    ]
    assert waits_s[1] == pytest.approx(3.0 * waits_s[0], rel=0.01)
    p = RttPredictor().p_accept(person, MatchCandidate("other", 40.0), 60.0)
    assert waits_s[0] == pytest.approx(1.0 / p, rel=0.1)


def test_who_was_rejected_again_and_again_is_scarcer_than_others_at_the_same_server_rtt():
    unlucky, usual = people(unlucky=30.0, usual=30.0)
    graph = LatencyGraph()
    for at in range(20):
        other = MatchCandidate(f"o{at}", 30.0)
        graph.learn(unlucky, other, accepted=False, threshold_ms=60)
    pool = pool_of([unlucky, usual], FIFOMatchmaker(60), graph=graph, statistics=statistics(30.0))
    scarcity = Scarcity()
    assert scarcity.wait_s(unlucky, pool) > 1.5 * scarcity.wait_s(usual, pool)


def test_who_comes_counts_from_the_next_look_on():
    (person,) = people(person=30.0)
    graph, told, scarcity = LatencyGraph(), statistics(300.0), Scarcity()
    pool = pool_of([person], FIFOMatchmaker(60), graph=graph, statistics=told)
    before_s = scarcity.wait_s(person, pool)
    for at in range(40):
        told.arrived(2000.0 + 2.0 * at, 30.0)
    assert scarcity.wait_s(person, pool) < 0.5 * before_s


def test_before_anybody_came_there_is_a_guess():
    (person,) = people(person=None)
    assert 10.0 < Scarcity().wait_s(person, pool_of([person], FIFOMatchmaker(60))) < 60.0
