import random
from itertools import combinations

import pytest

from interactive_gym.simulation.oracle import first_clique, simulate_oracle
from tests.support.small_studies import known_study


def test_whoever_arrives_plays_with_the_longest_waiting_who_is_near():
    study = known_study([0.0, 1.0, 2.0, 5.0], [(0, 3), (1, 3), (2, 3)])
    result = simulate_oracle(study, 100.0)
    assert [game.members for game in result.games] == [(0, 3)]
    assert [(p.fate, p.wait_s) for p in result.participants] == [
        ("matched", 6.0),
        ("waited_in_vain", 300.0),
        ("waited_in_vain", 300.0),
        ("matched", 1.0),
    ]
    assert result.probes == 1


def test_a_group_needs_all_its_pairs():
    pairs = [(0, 3), (1, 3), (2, 3), (1, 2)]
    result = simulate_oracle(known_study([0.0, 1.0, 2.0, 5.0], pairs, group_size=3), 100.0)
    assert [game.members for game in result.games] == [(1, 2, 3)]


def test_who_has_lost_patience_is_not_matched():
    result = simulate_oracle(known_study([0.0, 300.0], [(0, 1)]), 100.0)
    assert [p.fate for p in result.participants] == ["waited_in_vain", "waited_in_vain"]


def test_who_closed_the_page_is_not_matched():
    study = known_study([0.0, 100.0], [(0, 1)], mean_dropout_s=0.01)
    result = simulate_oracle(study, 100.0)
    assert [p.fate for p in result.participants] == ["dropped_out", "dropped_out"]
    assert result.participants[0].wait_s == result.study.dropout_s[0]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4])
def test_the_first_clique_is_the_first_of_all_combinations_whose_pairs_are_acceptable(size):
    for seed in range(30):
        rng = random.Random(seed)
        near = {pair for pair in combinations(range(9), 2) if rng.random() < 0.5}
        cliques = (
            members
            for members in combinations(range(9), size)
            if all(pair in near for pair in combinations(members, 2))
        )
        found = first_clique(range(9), size, lambda a, b, near=near: (a, b) in near)
        assert found == next(cliques, None)
