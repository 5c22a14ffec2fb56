from collections import deque
from random import Random
from typing import Any

import numpy
import pytest

from interactive_gym.environment_checks.running.state_leaves import describe, different, leaves


class Slotted:
    __slots__ = ("__hidden", "x")

    def __init__(self, x: int, hidden: int = 0) -> None:
        self.x = x
        self.__hidden = hidden


class Thing:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


def circle(value: int) -> Thing:
    thing = Thing(parts=[{"value": value}])
    thing.itself = thing
    return thing


def drawn(seed: int, times: int) -> Random:
    generator = Random(seed)
    for _ in range(times):
        generator.random()
    return generator


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": [1, (2.5,)]}, {"a": [1, (2.5,)]}),
        (Thing(x={"b", "a"}), Thing(x={"a", "b"})),
        (Slotted(3), Slotted(3)),
        (drawn(4, 2), drawn(4, 2)),
        (circle(3), circle(3)),
        (Thing(f=len, kind=int), Thing(f=len, kind=int)),
        (numpy.array([[1, 2]]), numpy.array([[1, 2]])),
        (Thing(parts={Slotted(1)}), Thing(parts={Slotted(1)})),
    ],
)
def test_what_is_alike_has_the_same_leaves(first: Any, second: Any) -> None:
    assert leaves(first, "env") == leaves(second, "env")


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        ({"a": [1, (2.5,)]}, {"a": [1, (2.6,)]}, "env['a'][1][0]"),
        (Slotted(3), Slotted(4), "env.x"),
        (Slotted(3), Slotted(3, 1), "env._Slotted__hidden"),
        (Thing(x=1), Thing(), "env.x"),
        (Thing(x={1}), Thing(x={2}), "env.x"),
        (circle(3), circle(4), "env.parts[0]['value']"),
        (Thing(rng=drawn(4, 2)), Thing(rng=drawn(4, 3)), "env.rng"),
        (Thing(q=deque([1])), Thing(q=deque([2])), "env.q"),
        (Thing(grid=numpy.zeros((2, 2))), Thing(grid=numpy.eye(2)), "env.grid[0][0]"),
        (Thing(grid=numpy.zeros(999)), Thing(grid=numpy.ones(999)), "env.grid"),
        (numpy.int32(1), numpy.int64(1), "env: dtype"),
        ([1], [1, 2], "env[1]"),
        ({}, {"a": []}, "env: keys"),
        (1, True, "env"),
    ],
)
def test_the_way_to_what_differs_is_told(first: Any, second: Any, path: str) -> None:
    assert path in different(leaves(first, "env"), leaves(second, "env"))


def test_a_difference_is_described_by_both_values() -> None:
    first, second = leaves(Thing(x=1), "env"), leaves(Thing(x="y" * 99), "env")
    assert describe(first, second, "env.x") == f"env.x is 1, then '{'y' * 56}..."
    assert describe(first, {}, "env.x") == "env.x is 1, then missing"
