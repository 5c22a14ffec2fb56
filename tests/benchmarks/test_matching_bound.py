import random
from itertools import combinations

import pytest

from tests.support.small_studies import known_study

pytest.importorskip("networkx")

from tests.benchmarks.matching_bound import most_matched


def most_pairs(pairs: set[tuple[int, int]]) -> int:
    """The size of a maximum matching, by trying everything."""
    if not pairs:
        return 0
    a, b = min(pairs)
    without = pairs - {(a, b)}
    apart = {pair for pair in without if not {a, b} & {*pair}}
    return max(1 + most_pairs(apart), most_pairs(without))


@pytest.mark.parametrize("seed", range(20))
def test_of_pairs_it_is_the_most_that_any_choice_gives(seed):
    rng = random.Random(seed)
    near = {pair for pair in combinations(range(8), 2) if rng.random() < 0.3}
    study = known_study([float(person) for person in range(8)], sorted(near))
    assert most_matched(study, 100.0) == most_pairs(near) * 2 / 8


def test_who_does_not_wait_at_the_same_time_cannot_be_matched():
    assert most_matched(known_study([0.0, 299.0], [(0, 1)]), 100.0) == 1.0
    assert most_matched(known_study([0.0, 301.0], [(0, 1)]), 100.0) == 0.0


def test_of_groups_it_counts_who_has_one_at_all_in_whole_groups():
    near = [(0, 1), (0, 2), (1, 2), (2, 3), (1, 3)]
    study = known_study([0.0, 1.0, 2.0, 3.0], near, group_size=3)
    assert most_matched(study, 100.0) == 3 / 4
