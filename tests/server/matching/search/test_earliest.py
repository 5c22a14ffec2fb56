import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import Standing
from interactive_gym.server.matchmaker import FIFOMatchmaker
from tests.support.pool_fakes import all_pairs, crowd, measured, names, pool_of


def test_fifo_pairs_up_the_whole_pool_by_arrival():
    fifo = FIFOMatchmaker(100)
    assert names(fifo.propose(pool_of(crowd("abcde"), fifo))) == ["ab", "cd"]


def test_fifo_skips_known_bad_pairs():
    graph, fifo = LatencyGraph(), FIFOMatchmaker(100)
    measured(graph, ["ab", "ac"], 180, accepted=False)
    assert names(fifo.propose(pool_of(crowd("abcd"), fifo, graph=graph))) == ["ad", "bc"]


def test_fifo_starts_a_known_good_pair_before_it_probes_an_earlier_one():
    graph, fifo = LatencyGraph(), FIFOMatchmaker(100)
    measured(graph, ["ac"], 80, accepted=True)
    assert names(fifo.propose(pool_of(crowd("abc"), fifo, graph=graph))) == ["ac"]


def test_fifo_finds_a_group_around_bad_pairs_where_skipping_the_later_one_finds_none():
    graph, fifo = LatencyGraph(), FIFOMatchmaker(100)
    measured(graph, ["bc", "bd"], 180, accepted=False)
    pool = pool_of(crowd("abcd"), fifo, graph=graph, group_size=3)
    assert names(fifo.propose(pool)) == ["acd"]


def test_fifo_makes_groups_of_one_at_once():
    fifo = FIFOMatchmaker(100)
    assert names(fifo.propose(pool_of(crowd("ab"), fifo, group_size=1))) == ["a", "b"]


def test_who_found_nobody_is_paired_with_the_next_to_come():
    graph, fifo = LatencyGraph(), FIFOMatchmaker(100)
    measured(graph, ["ab"], 180, accepted=False)
    a, b, c = crowd("abc")
    assert fifo.propose(pool_of([a, b], fifo, graph=graph)) == []
    assert names(fifo.propose(pool_of([a, b], fifo, graph=graph, arriving=c))) == ["ac"]


def test_a_pair_whose_edge_expired_is_proposed_though_nobody_came():
    graph, fifo = LatencyGraph(fresh_s=120), FIFOMatchmaker(100)
    measured(graph, ["ab"], 180, accepted=False, now_s=0)
    people = crowd("ab")
    assert fifo.propose(pool_of(people, fifo, graph=graph)) == []
    graph.lapse(120)
    assert names(fifo.propose(pool_of(people, fifo, graph=graph, now_s=120))) == ["ab"]


def test_a_rejected_pair_plays_once_the_threshold_has_relaxed_though_nobody_came():
    fifo = FIFOMatchmaker(100, rtt_expansions=[(60, 200)])
    graph = LatencyGraph(fresh_s=1000)
    measured(graph, ["ab"], 180, accepted=False, now_s=1)
    people = crowd("ab")
    assert fifo.propose(pool_of(people, fifo, graph=graph, now_s=1)) == []
    assert fifo.propose(pool_of(people, fifo, graph=graph, now_s=59)) == []
    assert names(fifo.propose(pool_of(people, fifo, graph=graph, now_s=60))) == ["ab"]


def test_a_proposal_that_came_to_nothing_is_made_again():
    fifo, people = FIFOMatchmaker(100), crowd("ab")
    graph = LatencyGraph()
    for _ in range(2):
        assert names(fifo.propose(pool_of(people, fifo, graph=graph))) == ["ab"]


def test_one_matchmaker_may_serve_several_scenes_in_turn():
    fifo, people = FIFOMatchmaker(100), crowd("abc")
    first, second = LatencyGraph(), LatencyGraph()
    measured(first, ["ab", "ac", "bc"], 180, accepted=False)
    for _ in range(2):
        assert fifo.propose(pool_of(people, fifo, graph=first)) == []
        assert names(fifo.propose(pool_of(people, fifo, graph=second))) == ["ab"]


def test_a_subclass_that_does_not_call_the_constructor_can_propose():
    class Careless(FIFOMatchmaker):
        def __init__(self):
            self.condition = 1

    careless = Careless()
    assert names(careless.propose(pool_of(crowd("ab"), careless))) == ["ab"]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "leave", "reject", "accept", "fail", "wait", "limit"]),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=40,
)


@pytest.mark.parametrize("expansions", [(), ((30, 200),)])
@given(events=EVENTS)
@settings(max_examples=60, deadline=None)
def test_a_feasible_pair_never_sits_idle_whatever_happened_before(events, expansions):
    fifo = FIFOMatchmaker(100, rtt_expansions=expansions)
    graph = LatencyGraph(fresh_s=50, backoff_s=3)
    everybody = crowd("abcdefghij")
    free, limited, now_s = {}, set(), 10.0
    for kind, at, other in events:
        a, b = everybody[at].subject_id, everybody[other].subject_id
        if kind == "arrive":
            free.setdefault(a, everybody[at])
        elif kind == "leave":
            free.pop(a, None)
        elif kind == "wait":
            now_s += 5 * at
        elif kind == "limit":
            limited ^= {a}
        elif at != other and kind == "fail":
            graph.record_failure((a, b), now_s=now_s)
        elif at != other:
            rtt_ms = 180 if kind == "reject" else 80
            measured(graph, [(a, b)], rtt_ms, accepted=rtt_ms <= 100, now_s=now_s)
        graph.lapse(now_s)
        pool = pool_of(
            sorted(free.values(), key=lambda c: c.waiting_since_s),
            fifo,
            graph=graph,
            now_s=now_s,
            at_probe_limit=set(limited),
        )
        taken = "".join(names(fifo.propose(pool)))
        assert len(set(taken)) == len(taken)
        for name in taken:
            # Those proposed are reserved; odd ones come back at once, as after a failed creation.
            if ord(name) % 2:
                free.pop(name)
        idle = [c for c in pool.candidates if c.subject_id not in taken]
        for x, y in all_pairs(idle):
            assert pool.standing(x, y) is Standing.BLOCKED
