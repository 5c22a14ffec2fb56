import random
from collections import Counter

from interactive_gym.server.games.latency_levels import LatencyLevels

LEVELS_MS = (0.0, 60.0, 120.0)


def drawn(count: int, seed: int = 1) -> list[float | None]:
    levels = LatencyLevels(LEVELS_MS, random.Random(seed))
    return [levels.draw() for _ in range(count)]


def test_every_block_has_every_level_once():
    for number in range(0, 60, 3):
        assert sorted(drawn(60)[number : number + 3]) == [0, 60, 120]


def test_the_order_is_random_and_follows_from_the_seed():
    orders = Counter(tuple(drawn(3, seed)) for seed in range(600))
    assert len(orders) == 6
    assert min(orders.values()) > 60
    assert drawn(30) == drawn(30)


def test_where_latency_is_not_manipulated_there_is_no_level_and_nothing_is_drawn():
    rng = random.Random(1)
    assert LatencyLevels((), rng).draw() is None
    assert rng.random() == random.Random(1).random()
