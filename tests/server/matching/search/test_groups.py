import functools
import math
import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.search import groups as group_search
from interactive_gym.server.matching.search.cliques import Steps, ready_groups
from interactive_gym.server.matching.search.deferral import LEAST_P, Deferral
from interactive_gym.server.matching.search.groups import GroupSearch
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from tests.support.pool_fakes import all_pairs, crowd, measured, names, people, pool_of


def proposed(strategy, candidates, **settings):
    return names(strategy.propose(pool_of(candidates, strategy, **settings)))


def known_edges(members: str, good: set[tuple[str, str]]) -> LatencyGraph:
    graph = LatencyGraph(fresh_s=1e6)
    for pair in all_pairs(members):
        is_good = pair in good
        measured(graph, [pair], 50 if is_good else 500, accepted=is_good, now_s=0)
    return graph


FIRST_RULES = functools.partial(LatencyMatchmaker, rules=1, probe_price=2.0)
"""The strategy of versions 0.1 and 0.2, whose deferral grows with the price of a probe alone."""


@pytest.mark.parametrize("strategy_class", [FIFOMatchmaker, LatencyMatchmaker])
@pytest.mark.parametrize(("size", "waiting"), [(3, "abcdefg"), (4, "abcdefgh"), (6, "abcdefghi")])
@given(seed=st.integers(0, 10**6), density=st.sampled_from([0.4, 0.6, 0.8]))
@settings(max_examples=40)
def test_a_valid_group_is_found_whenever_one_exists_among_known_edges(
    strategy_class, size, waiting, seed, density
):
    rng = random.Random(seed)
    good = {pair for pair in all_pairs(waiting) if rng.random() < density}
    strategy = strategy_class(100)
    groups = proposed(strategy, crowd(waiting), graph=known_edges(waiting, good), group_size=size)
    exists = any(set(all_pairs(group)) <= good for group in combinations(waiting, size))
    assert bool(groups) == exists
    for group in groups:
        assert set(all_pairs("".join(sorted(group)))) <= good


@pytest.mark.parametrize("expand_by", ["oldest", "newest"])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=60)
def test_a_group_that_a_relaxed_threshold_allows_is_found_by_its_own_members_waits(expand_by, seed):
    rng = random.Random(seed)
    strategy = LatencyMatchmaker(100, rtt_expansions=[(96, 200)], expand_by=expand_by)
    waiting, size = crowd("abcdefgh"), 3
    graph = LatencyGraph(fresh_s=1e6)
    for pair in all_pairs("abcdefgh"):
        rtt_ms = rng.choice([80, 150, 300, 300])
        measured(graph, [pair], rtt_ms, accepted=rtt_ms <= 100, now_s=0)
    pool = pool_of(waiting, strategy, graph=graph, group_size=size)
    groups = strategy.propose(pool)
    exists = any(pool.is_ready(group) for group in combinations(waiting, size))
    assert bool(groups) == exists
    assert all(pool.is_ready(group) for group in groups)


def test_one_long_wait_relaxes_the_threshold_between_the_two_others():
    strategy = LatencyMatchmaker(100, rtt_expansions=[(90, 200)])
    graph = LatencyGraph(fresh_s=1e6)
    since_s = {"a": 0.0, "b": 80.0, "c": 90.0}
    trio = [MatchCandidate(name, 20.0, since) for name, since in since_s.items()]
    measured(graph, ["ab", "ac"], 80, accepted=True, now_s=90)
    measured(graph, ["bc"], 150, accepted=False, now_s=90)
    settings_ = {"graph": graph, "group_size": 3}
    assert proposed(strategy, trio, now_s=100, **settings_)
    assert not proposed(LatencyMatchmaker(100), trio, now_s=100, **settings_)


def test_known_good_groups_come_first_and_by_waiting():
    good = {*all_pairs("cde"), *all_pairs("abf")}
    graph = known_edges("abcdef", good)
    assert proposed(LatencyMatchmaker(100), crowd("abcdef"), graph=graph, group_size=3) == [
        "abf",
        "cde",
    ]


def test_a_group_is_completed_by_the_likeliest_unmeasured_edges():
    graph = LatencyGraph()
    measured(graph, ["ab"], 50, accepted=True)
    everybody = people(a=20.0, b=20.0, far=300.0, near=20.0)
    strategy = LatencyMatchmaker(100)
    assert proposed(strategy, everybody, graph=graph, group_size=3) == ["abnear"]


def test_groups_to_probe_are_disjoint_and_near_ones_stay_together():
    everybody = people(a=10.0, v=170.0, b=12.0, w=175.0, c=11.0, x=180.0)
    groups = proposed(LatencyMatchmaker(100), everybody, group_size=3)
    assert groups[0] == "abc"
    assert len(groups) <= 2


def test_nobody_is_in_a_group_with_a_rejected_pair_even_if_all_else_is_good():
    good = set(all_pairs("abcd")) - {("c", "d")}
    graph = known_edges("abcd", good)
    assert proposed(LatencyMatchmaker(100), crowd("abcd"), graph=graph, group_size=4) == []


def test_a_group_around_bad_pairs_is_found_beyond_the_shortlist():
    # Thirty people near the seed are bad with each other; only two farther ones make a group.
    near = [f"n{at:02}" for at in range(30)]
    everybody = people(seed=10.0, **dict.fromkeys(near, 10.0), x=40.0, y=40.0)
    graph = LatencyGraph(fresh_s=1e6)
    measured(graph, combinations(near, 2), 500, accepted=False)
    measured(graph, [(n, other) for n in near for other in "xy"], 500, accepted=False)
    strategy = LatencyMatchmaker(100)
    assert proposed(strategy, everybody, graph=graph, group_size=3, now_s=200) == ["seedxy"]


def test_an_unlikely_group_waits_and_is_tried_in_the_end():
    strategy, graph, statistics = FIRST_RULES(60), LatencyGraph(), MatchingStatistics()
    everybody = people(a=10.0, b=150.0, c=300.0)
    statistics.arrived(3.0)
    waits = [
        now_s
        for now_s in range(3, 1200, 3)
        if proposed(
            strategy, everybody, graph=graph, statistics=statistics, now_s=now_s, group_size=3
        )
    ]
    assert 3 < waits[0] < 600


def test_a_group_thought_hopeless_is_tried_in_the_end():
    strategy, graph, statistics = FIRST_RULES(60), LatencyGraph(), MatchingStatistics()
    everybody = people(a=200.0, b=400.0, c=600.0)
    for at in range(300):
        for a, b in combinations(everybody, 2):
            far = [MatchCandidate(f"{at}{c.subject_id}", c.rtt_ms) for c in (a, b)]
            graph.learn(*far, accepted=False, threshold_ms=60)
    assert graph.p_accept(*everybody[:2], 60) < LEAST_P / 5
    bound_s = strategy.probe_price * statistics.typical_probe_s / LEAST_P / strategy.age_weight
    settings_ = {"graph": graph, "statistics": statistics, "group_size": 3}
    assert proposed(strategy, everybody, now_s=0.5 * bound_s, **settings_) == []
    assert proposed(strategy, everybody, now_s=1.1 * bound_s, **settings_) == ["abc"]


def test_everybody_gets_their_turn_in_a_waitroom_too_large_for_one_pass():
    strategy, graph = LatencyMatchmaker(60), LatencyGraph()
    everybody = people(**{f"p{at:03}": 20.0 for at in range(150)})
    for _ in range(20):
        pool = pool_of(everybody, strategy, graph=graph, now_s=300, group_size=3)
        groups = strategy.propose(pool)
        # Whoever is proposed is rejected at once and free again.
        measured(
            graph, [p for g in names_of(groups) for p in combinations(g, 2)], 200, accepted=False
        )
    assert all(graph.links(candidate.subject_id) for candidate in everybody)


def names_of(groups):
    return [[member.subject_id for member in group] for group in groups]


@pytest.mark.parametrize("strategy_class", [FIFOMatchmaker, LatencyMatchmaker])
def test_a_group_that_no_steps_were_left_for_is_found_in_a_later_pass(strategy_class):
    # Twenty people all good with each other but for a perfect matching hold no group of eleven,
    # and take a long time to say so; the last eleven are one.
    many, size = [f"m{at:02}" for at in range(20)], 11
    last = [f"z{at:02}" for at in range(size)]
    graph = LatencyGraph(fresh_s=1e6)
    good = [(a, b) for a, b in combinations(many, 2) if int(a[1:]) // 2 != int(b[1:]) // 2]
    measured(graph, [*good, *combinations(last, 2)], 50, accepted=True)
    bad = [*zip(many[::2], many[1::2], strict=True), *((m, z) for m in many for z in last)]
    measured(graph, bad, 500, accepted=False)
    strategy, everybody = strategy_class(100), people(**dict.fromkeys([*many, *last], 400.0))
    passes = 0
    groups: list[str] = []
    while not groups:
        groups = proposed(strategy, everybody, graph=graph, group_size=size)
        passes += 1
        assert passes < 60
    assert groups == ["".join(last)]
    assert passes > 1


class PlainLook:
    """What a look at every group of a small pool gives."""

    def __init__(self, pool, rule):
        self.pool, self.rule = pool, rule

    def wait_s(self, group):
        age_s = sum(map(self.pool.waited_s, group)) / len(group)
        return self.rule.wait_s(self.pool.statistics, self.pool.now_s, age_s)

    def chances(self, group):
        if self.pool.expansions:
            return [self.pool.p_accept(a, b, group) for a, b in combinations(group, 2)]
        return [self.pool.p_accept(a, b) for a, b in combinations(group, 2)]

    def score(self, group):
        return math.prod(self.chances(group)) * self.wait_s(group)

    def is_worth_it(self, group):
        unknown = [p for p in self.chances(group) if p < 1.0]
        if not all(self.chances(group)):
            return False
        mean_p = math.prod(unknown) ** (1 / len(unknown)) if unknown else 1.0
        return max(mean_p, LEAST_P) * self.wait_s(group) >= self.rule.price(self.pool.statistics)

    def groups(self, taken=()):
        """Disjoint groups worth a probe, each the best of those that are left."""
        taken, chosen = set(taken), []
        while True:
            free = [c for c in self.pool.candidates if c.subject_id not in taken]
            worth = [g for g in combinations(free, self.pool.group_size) if self.is_worth_it(g)]
            if not worth:
                return chosen
            best = max(worth, key=self.score)
            chosen.append("".join(c.subject_id for c in best))
            taken.update(c.subject_id for c in best)


@pytest.mark.parametrize("size", [3, 4])
@pytest.mark.parametrize("seed", range(25))
def test_unmeasured_groups_are_proposed_as_a_plain_look_at_all_of_them_would(seed, size):
    rng, graph, statistics = random.Random(seed), LatencyGraph(), MatchingStatistics()
    everybody = people(**{name: rng.choice([None, rng.uniform(1, 80)]) for name in "abcdefgh"})
    for pair in combinations("abcdefgh", 2):
        if rng.random() < 0.25:
            rtt_ms = rng.choice([30, 200])
            measured(graph, [pair], rtt_ms, accepted=rtt_ms == 30)
    for _ in range(50):
        statistics.waited(seed % 5)
        statistics.probed(1 + seed % 3)
    statistics.arrived(99.0 if seed % 2 else 60.0)
    rule = Deferral(probe_price=3.0, age_weight=0.1)
    strategy = LatencyMatchmaker(60, probe_price=3.0, age_weight=0.1, rules=1)
    pool = pool_of(everybody, strategy, graph=graph, group_size=size, statistics=statistics)
    ready, _ = ready_groups(pool, pool.candidates, Steps())
    taken = {c.subject_id for group in ready for c in group}
    expected = names(ready) + PlainLook(pool, rule).groups(taken)
    assert names(strategy.propose(pool)) == expected


@pytest.mark.parametrize("expand_by", ["oldest", "newest"])
@pytest.mark.parametrize("seed", range(8))
def test_so_are_they_by_their_own_thresholds_while_these_relax(seed, expand_by):
    rng, graph, statistics = random.Random(seed), LatencyGraph(), MatchingStatistics()
    everybody = people(**{name: rng.uniform(1, 80) for name in "abcdefg"})
    expansions = [(96.5, 70), (98.5, 110)]
    rules = {"probe_price": 3.0, "age_weight": 0.1}
    strategy = LatencyMatchmaker(
        40, rtt_expansions=expansions, expand_by=expand_by, rules=1, **rules
    )
    for _ in range(50):
        statistics.waited(1)
        statistics.probed(2)
    pool = pool_of(everybody, strategy, graph=graph, group_size=3, statistics=statistics)
    expected = PlainLook(pool, Deferral(**rules)).groups()
    assert names(strategy.propose(pool)) == expected


def test_a_group_is_in_the_order_of_waiting_whoever_it_was_found_for():
    since_s = {"a": 5.0, "b": 1.0, "c": 3.0}
    for order in ("abc", "cab", "bca"):
        trio = [MatchCandidate(name, 10.0, since_s[name]) for name in order]
        assert proposed(LatencyMatchmaker(100), trio, group_size=3) == ["bca"]


def test_newcomers_have_their_turn_first_and_then_those_whose_turn_is_longest_ago(monkeypatch):
    monkeypatch.setattr(group_search, "PAIRS_PER_PASS", 5)
    search, graph = GroupSearch(Deferral(2.0, 0.6)), LatencyGraph()
    seen = []

    def seeds(candidates):
        pool = pool_of(candidates, LatencyMatchmaker(60), graph=graph, group_size=3)
        changes = search._changes.update(pool)
        found = search._seeds(pool, [*changes.came, *changes.touched])
        seen.append("".join(seed.subject_id for seed in found))

    everybody = crowd("abcdefghij")
    seeds(everybody[:6])
    seeds(everybody[:6])
    seeds(everybody[:7])
    seeds(everybody[2:7])
    assert seen == ["abcd", "efab", "gcde", "fgcd"]


def test_a_pass_predicts_about_4_000_pairs():
    search = GroupSearch(Deferral(2.0, 0.6))
    for count, turns in ((10, 10), (100, 40), (399, 10), (2000, 4)):
        everybody = people(**{f"p{at}": 20.0 for at in range(count)})
        pool = pool_of(everybody, LatencyMatchmaker(60), group_size=3)
        assert len(search._seeds(pool, everybody)) == turns


def test_whoever_was_proposed_comes_again_when_free():
    strategy, graph, trio = LatencyMatchmaker(100), LatencyGraph(), crowd("abc")
    for _ in range(3):
        assert proposed(strategy, trio, graph=graph, group_size=3) == ["abc"]
    measured(graph, all_pairs("abc"), 50, accepted=True)
    for _ in range(3):
        assert proposed(strategy, trio, graph=graph, group_size=3) == ["abc"]
