from random import Random
from typing import Any

import numpy
import pytest

from interactive_gym.netcode.state_difference import find_difference


class Thing:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ("x",)

    def __init__(self, x: int) -> None:
        self.x = x


def circle(value: int) -> Thing:
    thing = Thing(parts=[{"value": value}])
    thing.itself = thing
    return thing


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (float("nan"), float("nan")),
        ({"a": (1, [2.5])}, {"a": (1, [2.5])}),
        (Thing(x={3, 4}), Thing(x={4, 3})),
        (Slotted(3), Slotted(3)),
        (Random(4), Random(4)),
        (circle(3), circle(3)),
        (numpy.array([float("nan"), 0.0]), numpy.array([float("nan"), 0.0])),
    ],
)
def test_what_is_alike_has_no_difference(first: Any, second: Any) -> None:
    assert find_difference(first, second) is None


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (0.0, -0.0, "state"),
        (1, True, "state"),
        ({"a": (1, [2.5])}, {"a": (1, [2.6])}, "state['a'][1][0]"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "state: keys"),
        ([1], [1, 2], "state: length"),
        (Thing(x=1), Thing(x=2), "state.x"),
        (Thing(x=1, y=1), Thing(y=1), "state.x"),
        (Slotted(3), Slotted(4), "state.x"),
        (Thing(x={3, 4}), Thing(x={3}), "state.x"),
        (circle(3), circle(4), "state.parts[0]['value']"),
        (Thing(grid=numpy.zeros((2, 2))), Thing(grid=numpy.eye(2)), "state.grid[0][0]"),
        (numpy.zeros(2), numpy.zeros(3), "state: shape"),
        (numpy.float32(1), numpy.float64(1), "state"),
        (numpy.zeros(1, "f4"), numpy.zeros(1, "f8"), "state: dtype"),
    ],
)
def test_the_way_to_the_first_difference_is_told(first: Any, second: Any, path: str) -> None:
    found = find_difference(first, second)
    assert found is not None
    assert found.path == path


@pytest.mark.parametrize(
    ("first", "second"), [(Slotted(3), Slotted(4)), (Random(4), Random(5)), (Thing(), Slotted(1))]
)
def test_a_difference_is_found_in_what_only_pickle_can_see(first: Any, second: Any) -> None:
    assert find_difference(first, second) is not None
