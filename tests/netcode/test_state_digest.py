import random
import subprocess
import sys
from collections import OrderedDict, deque
from enum import IntEnum
from typing import Any

import pytest

from interactive_gym.netcode.state_digest import state_digest


class Color(IntEnum):
    RED = 1


class Thing:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x


class Unpicklable:
    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("no")


def circle(value: int) -> list[Any]:
    items: list[Any] = [value]
    items.append(items)
    return items


def grid(value: int) -> list[Thing]:
    """Cells that know all their neighbours, so that there are very many ways through them."""
    cells = [Thing(value=0, neighbours=[]) for _ in range(60)]
    for index, cell in enumerate(cells):
        cell.neighbours = cells[max(0, index - 3) : index + 4]
    cells[41].value = value
    return cells


ALIKE: list[tuple[Any, Any]] = [
    (float("nan"), -float("nan")),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({"a", "b", "c"}, {"c", "b", "a"}),
    ([[1, 2]] * 2, [[1, 2], [1, 2]]),
    (Thing(x=1, y=[2]), Thing(y=[2], x=1)),
    (Slotted([1]), Slotted([1])),
    (circle(1), circle(1)),
    (grid(1), grid(1)),
    (Unpicklable(), Unpicklable()),
    (random.Random(3), random.Random(3)),
    ("x" * 500, "x" * 499 + "x"),
]

UNLIKE: list[tuple[Any, Any]] = [
    (1, 2),
    (1, 1.0),
    (1, True),
    (0.0, -0.0),
    (0.1, 0.30000000000000004 - 0.2),
    ("1", 1),
    ("a,b", ["a", "b"]),
    ([1, 2], [2, 1]),
    ([1, [2]], [[1], 2]),
    ([], [None]),
    (["x" * 80, "y"], ["x" * 80, "z"]),
    ({"a": 1}, {"a": 2}),
    ({1: 2, 3: 4}, {1: 4, 3: 2}),
    ({1, 2}, {1, 3}),
    (Thing(x=1), Thing(x=2)),
    (Thing(x=1), Slotted(1)),
    (Slotted([1]), Slotted([2])),
    (Color.RED, 1),
    (circle(1), circle(2)),
    (grid(1), grid(2)),
    (random.Random(3), random.Random(4)),
    (deque([1, 2]), deque([2, 1])),
    (OrderedDict(a=1), OrderedDict(a=2)),
    (int, float),
    (state_digest, circle),
    (b"1", bytearray(b"1")),
]


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_equal_states_have_one_digest(first: Any, second: Any) -> None:
    assert state_digest(first) == state_digest(second)


@pytest.mark.parametrize(("first", "second"), UNLIKE)
def test_different_states_have_different_digests(first: Any, second: Any) -> None:
    assert state_digest(first) != state_digest(second)


def test_arrays_and_generators_of_numpy_count_by_their_content() -> None:
    numpy = pytest.importorskip("numpy")
    assert state_digest(numpy.arange(2000)) == state_digest(numpy.arange(2000))
    changed = numpy.arange(2000)
    changed[1000] = 0
    assert state_digest(numpy.arange(2000)) != state_digest(changed)
    assert state_digest(numpy.zeros(4)) != state_digest(numpy.zeros((2, 2)))
    assert state_digest(numpy.float64(1)) != state_digest(numpy.float64(2))
    generators = [numpy.random.default_rng(seed) for seed in (1, 1, 2)]
    digests = [state_digest(generator) for generator in generators]
    assert digests[0] == digests[1] != digests[2]


def test_the_digest_is_the_same_in_every_process() -> None:
    program = (
        "from interactive_gym.netcode.state_digest import state_digest; import sys\n"
        "state = {'a': {'x', 'y', 'z'}, 'b': frozenset('hello'), 'c': [int, 0.1]}\n"
        "sys.stdout.write(state_digest(state).hex())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(digests) == 1
    assert len(digests.pop()) == 64


def test_arrays_have_one_digest_however_they_lie_in_memory_and_whatever_their_nan() -> None:
    numpy = pytest.importorskip("numpy")
    rows = numpy.arange(12.0).reshape(3, 4)
    assert state_digest(rows) == state_digest(numpy.asfortranarray(rows))
    assert state_digest(rows[:, ::2]) == state_digest(rows[:, ::2].copy())
    strange = numpy.array([0x7FF8000000000001, 0xFFF8000000000000], "uint64").view("float64")
    assert state_digest(strange) == state_digest(numpy.array([numpy.nan, numpy.nan]))
    assert numpy.isnan(strange).all() and strange.view("uint64")[0] == 0x7FF8000000000001
    assert state_digest(strange[0]) == state_digest(strange[1])


def test_arrays_differ_by_kind_shape_and_the_sign_of_zero() -> None:
    numpy = pytest.importorskip("numpy")
    zeros = [
        numpy.zeros(4),
        numpy.zeros(4, "float32"),
        numpy.zeros((2, 2)),
        -numpy.zeros(4),
        numpy.zeros(4, bool),
        numpy.array([None] * 4),
        numpy.float64(0),
        [0.0] * 4,
    ]
    assert len({state_digest(value) for value in zeros}) == len(zeros)
