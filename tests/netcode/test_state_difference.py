import copy
from collections import OrderedDict, deque
from random import Random
from typing import Any

import numpy
import pytest

from interactive_gym.netcode.state_difference import find_difference, pickled_parts


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


@pytest.mark.parametrize(("length", "shown"), [(78, "x" * 78), (79, "x" * 76)])
def test_what_is_shown_of_a_value_has_at_most_eighty_characters(length: int, shown: str) -> None:
    found = find_difference("x" * length, "y")
    assert found is not None
    text = f"'{shown}'" if length == 78 else f"'{shown}..."
    assert (found.first, found.second) == (text, "'y'")
    assert len(found.first) == 80


def test_both_values_are_shown_in_their_order() -> None:
    assert find_difference([1, 2], [1, 3]) == ("state[1]", "2", "3")
    assert find_difference([1], [1, 3]) == ("state: length", "1", "2")
    assert find_difference({"a": 1}, {"b": 1}) == ("state: keys", "['a']", "['b']")
    more, fewer = Thing(x=1, y=1), Thing(y=1)
    assert find_difference(more, fewer) == ("state.x", "True", "False")
    assert find_difference(fewer, more) == ("state.x", "False", "True")
    assert find_difference({1}, {2}, "env") == ("env", "{1}", "{2}")
    assert find_difference(numpy.zeros(1), numpy.zeros(2)) == ("state: shape", "(1,)", "(2,)")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1j, 2j),
        ("a", "b"),
        (b"a", b"b"),
        (bytearray(b"a"), bytearray(b"b")),
        (None, 0),
        (int, float),
        (circle, find_difference),
        ((1,), [1]),
        (frozenset("ab"), frozenset("ac")),
        (deque([1, 2]), deque([2, 1])),
        (OrderedDict(a=1), OrderedDict(a=2)),
    ],
)
def test_every_kind_of_value_is_looked_into(first: Any, second: Any) -> None:
    assert find_difference(first, second) is not None
    assert find_difference(second, first) is not None
    for value in (first, second):
        assert find_difference(value, copy.deepcopy(value)) is None


def test_slots_and_attributes_of_one_object_are_both_looked_into() -> None:
    class Both(Slotted):
        def __init__(self, x: int, y: int) -> None:
            super().__init__(x)
            self.y = y

    assert find_difference(Both(1, 2), Both(1, 2)) is None
    for other, path in ((Both(1, 3), "state.y"), (Both(3, 2), "state.x")):
        found = find_difference(Both(1, 2), other)
        assert found is not None
        assert found.path == path


def test_what_pickle_would_store_is_told_by_what_it_is_for() -> None:
    parts = pickled_parts(OrderedDict(a=1))
    assert parts["callable"] is OrderedDict
    assert (parts["state"], parts["items"], parts["pairs"]) == (None, None, [("a", 1)])
    assert pickled_parts(deque([1, 2]))["items"] == [1, 2]
    assert pickled_parts(Thing(x=1))["state"] == {"x": 1}


def test_a_thing_that_pickle_stores_as_a_name_is_told_by_it() -> None:
    class Named:
        def __reduce_ex__(self, protocol: Any) -> str:
            return "the_name"

    assert pickled_parts(Named()) == {"global": "the_name"}


def test_two_parts_that_refer_to_each_other_are_compared_once_and_still_found_different() -> None:
    first, second = circle(3), circle(3)
    first.other, second.other = Thing(x=1, back=first), Thing(x=2, back=second)
    found = find_difference(first, second)
    assert found is not None
    assert found.path == "state.other.x"
