from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.search.cliques import earliest_group
from interactive_gym.server.matching.search.groups import Steps, ready_groups
from tests.support.pool_fakes import all_pairs, crowd, measured, names, pool_of


def known_edges(members: str, good: set[tuple[str, str]]) -> LatencyGraph:
    graph = LatencyGraph(fresh_s=1e6)
    for pair in all_pairs(members):
        is_good = pair in good
        measured(graph, [pair], 50 if is_good else 500, accepted=is_good, now_s=0)
    return graph


def test_the_work_of_a_search_is_bounded():
    everybody = crowd("abcdefghijklmnopqrstuvwxyz")
    asked = []

    def fits(a, b):
        asked.append((a, b))
        return True

    steps = Steps(500)
    group = earliest_group([], everybody, 6, fits=fits, is_good=lambda group: False, steps=steps)
    assert group is None
    assert len(asked) <= 500 * len(everybody)
    assert not steps.take()


def test_ready_groups_need_no_work_for_people_without_known_edges():
    graph, steps = LatencyGraph(), Steps(10)
    pool = pool_of(crowd("abcdefgh"), LatencyMatchmaker(60), graph=graph, group_size=4)
    assert ready_groups(pool, pool.candidates, steps) == ([], [])
    assert steps.take()


def test_steps_say_whether_one_was_left_and_later_that_one_was_missing():
    steps = Steps(2)
    assert [steps.take(), steps.take()] == [True, True]
    assert not steps.are_spent
    assert not steps.take()
    assert steps.are_spent


def never(*_):
    raise AssertionError("nothing is to be decided")


def test_those_who_are_enough_already_are_asked_of_once_and_cost_no_step():
    trio, steps = crowd("abc"), Steps(0)
    asked = []

    def is_good(group):
        asked.append(names([group])[0])
        return len(asked) == 1

    options = {"fits": never, "is_good": is_good, "steps": steps}
    assert earliest_group(trio, crowd("d"), 3, **options) == trio
    assert earliest_group(trio, crowd("d"), 3, **options) is None
    assert asked == ["abc", "abc"]
    assert not steps.are_spent


def test_too_few_are_no_group_and_cost_no_step():
    steps = Steps(0)
    options = {"fits": never, "is_good": never, "steps": steps}
    assert earliest_group(crowd("a"), crowd("bc")[1:], 3, **options) is None
    assert not steps.are_spent


@given(edges=st.sets(st.sampled_from(all_pairs("abcdef"))), size=st.integers(2, 4))
@settings(max_examples=200, deadline=None)
def test_the_group_that_is_found_is_the_first_in_the_order_of_those_who_fit(edges, size):
    def fits(a, b):
        return (a.subject_id, b.subject_id) in edges

    found = earliest_group(
        [], crowd("abcdef"), size, fits=fits, is_good=lambda group: True, steps=Steps()
    )
    groups = [group for group in combinations("abcdef", size) if set(all_pairs(group)) <= edges]
    assert (None if found is None else tuple(names([found])[0])) == next(iter(groups), None)


def test_a_group_that_will_not_do_is_passed_over():
    found = earliest_group(
        [],
        crowd("abcd"),
        2,
        fits=lambda a, b: True,
        is_good=lambda group: names([group])[0] not in ("ab", "ac"),
        steps=Steps(),
    )
    assert names([found]) == ["ad"]


def test_ready_groups_are_disjoint_have_a_seed_each_and_are_in_the_order_of_waiting():
    graph = known_edges("abcdef", {*all_pairs("adf"), *all_pairs("bce"), ("a", "b")})
    pool = pool_of(crowd("abcdef"), LatencyMatchmaker(100), graph=graph, group_size=3)
    seeds = [pool.candidate(name) for name in "fce"]
    groups, left_over = ready_groups(pool, seeds, Steps())
    assert names(groups) == ["adf", "bce"]
    assert left_over == []


def test_a_seed_without_a_group_takes_nobody():
    graph = known_edges("abcd", set(all_pairs("bcd")))
    pool = pool_of(crowd("abcd"), LatencyMatchmaker(100), graph=graph, group_size=3)
    groups, _ = ready_groups(pool, [pool.candidate("a")], Steps())
    assert groups == []


def test_seeds_that_no_steps_were_left_for_come_back():
    graph = known_edges("abcdef", {*all_pairs("adf"), *all_pairs("bce")})
    pool = pool_of(crowd("abcdef"), LatencyMatchmaker(100), graph=graph, group_size=3)
    groups, left_over = ready_groups(pool, pool.candidates, Steps(1))
    assert groups == []
    assert names([left_over]) == ["bcdef"], "the first one's search was begun"
