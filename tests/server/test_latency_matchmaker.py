import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import Standing
from interactive_gym.server.matching.search.deferral import Deferral
from interactive_gym.server.matching.statistics import MatchingPace
from interactive_gym.server.matchmaker import MatchCandidate
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from tests.support.pool_fakes import all_pairs, measured, names, people, pool_of


def proposed(matchmaker, candidates, **settings):
    return names(matchmaker.propose(pool_of(candidates, matchmaker, **settings)))


def test_without_a_prober_groups_start_as_they_come():
    assert proposed(LatencyMatchmaker(60), people(a=5.0, b=300.0), is_probing=False) == ["ab"]


def test_asked_alone_it_takes_the_nearest_and_among_equals_the_longest_waiting():
    strategy = LatencyMatchmaker(60)
    far, first, second, arriving = people(far=300.0, first=10.0, second=10.0, arriving=12.0)
    assert strategy.find_match(arriving, [far, first, second], 2) == [first, arriving]
    assert strategy.find_match(arriving, [far, first, second], 3) == [first, second, arriving]
    assert strategy.find_match(arriving, [far], 2) == [far, arriving]
    assert strategy.find_match(arriving, [far], 3) is None


def test_it_needs_a_threshold():
    with pytest.raises(ValueError, match=r"LatencyMatchmaker needs a threshold.*FIFOMatchmaker"):
        LatencyMatchmaker(None)


@pytest.mark.parametrize("name", ["probe_price", "age_weight"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "1", True, None])
def test_its_parameters_are_positive_numbers(name, value):
    with pytest.raises(ValueError, match=f"{name} is .*: give a positive number"):
        LatencyMatchmaker(60, **{name: value})


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "arrive", "leave", "return", "return", "fail", "wait", "limit"]),
        st.integers(0, 6),
        st.integers(0, 6),
    ),
    min_size=10,
    max_size=60,
)


@pytest.mark.parametrize("group_size", [2, 3, 4])
@pytest.mark.parametrize("expansions", [(), ((20, 90), (60, 400))])
@pytest.mark.parametrize("expand_by", ["oldest", "newest"])
@given(events=EVENTS, seed=st.integers(0, 999), reunion=st.booleans())
@settings(max_examples=80, deadline=None)
def test_proposals_are_disjoint_groups_of_free_candidates_without_a_blocked_pair(
    group_size, expansions, expand_by, events, seed, reunion
):
    rng = random.Random(seed)
    settings_ = {"rtt_expansions": expansions, "expand_by": expand_by}
    latency = LatencyMatchmaker(60, compatible=_not_both_odd, **settings_)
    strategy = latency
    if reunion:
        strategy = GroupReunionMatchmaker(
            60, fallback=latency, reunion_timeout_s=15, compatible=_not_both_odd, **settings_
        )
    graph, pace = LatencyGraph(fresh_s=40, backoff_s=3, blocklist=[("p0", "p1")]), MatchingPace()
    free, limited, reserved, now_s = {}, set(), [], 0.0
    for kind, at, other in events:
        subject_id, now_s = f"p{at}", now_s + 0.5
        if kind == "arrive" and subject_id not in str(reserved):
            server_rtt_ms = rng.choice([None, rng.uniform(1, 120)])
            previous = (f"p{other}",) if other != at else ()
            free.setdefault(
                subject_id,
                MatchCandidate(
                    subject_id, server_rtt_ms, now_s, {"n": at}, previous_partners=previous
                ),
            )
            pace.arrived(now_s)
        elif kind == "leave":
            free.pop(subject_id, None)
        elif kind == "wait":
            now_s += 7 * at
        elif kind == "limit":
            limited ^= {subject_id}
        elif kind == "fail" and at != other:
            graph.record_failure((subject_id, f"p{other}"), now_s=now_s)
        elif kind == "return" and reserved:
            _end(reserved.pop(at % len(reserved)), free, graph, rng, now_s)
        graph.lapse(now_s)
        pool = pool_of(
            sorted(free.values(), key=lambda c: c.waiting_since_s),
            strategy,
            graph=graph,
            now_s=now_s,
            pace=pace,
            group_size=group_size,
            at_probe_limit=set(limited),
        )
        groups = strategy.propose(pool)
        assert not pool.faults
        members = [member.subject_id for group in groups for member in group]
        assert len(set(members)) == len(members)
        for group in groups:
            assert len(group) == group_size
            for a, b in all_pairs(group):
                assert free[a.subject_id] is a
                assert pool.standing(a, b, group) is not Standing.BLOCKED
            reserved.append(group)
            for member in group:
                del free[member.subject_id]
        if group_size == 2 and not reunion:
            _nothing_worthwhile_is_left(pool, latency, set(members))


def _not_both_odd(a, b) -> bool:
    return a.attributes["n"] % 2 == 0 or b.attributes["n"] % 2 == 0


def _end(group, free, graph, rng, now_s) -> None:
    """End a reservation: some are cancelled, the others measured."""
    a, b = group[:2]
    if rng.random() < 0.7:
        rtt_ms = rng.uniform(20, 150)
        measured(graph, [(a.subject_id, b.subject_id)], rtt_ms, accepted=rtt_ms <= 60, now_s=now_s)
        graph.learn(a, b, accepted=rtt_ms <= 60, threshold_ms=60)
    free.update({member.subject_id: member for member in group})


def _nothing_worthwhile_is_left(pool, strategy, taken) -> None:
    """What the incremental search leaves, a plain look at every pair would have left too."""
    deferral = Deferral(strategy.probe_price, strategy.age_weight)
    for a, b in all_pairs([c for c in pool.candidates if c.subject_id not in taken]):
        standing = pool.standing(a, b)
        assert standing is not Standing.ACCEPTABLE
        if standing is Standing.UNKNOWN:
            age_s = (pool.waited_s(a) + pool.waited_s(b)) / 2
            p = pool.p_accept(a, b) * (1 - 1e-6)
            assert not deferral.is_worth_it(p, pool.pace, pool.now_s, age_s)
