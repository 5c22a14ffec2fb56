import csv
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interactive_gym.netcode.cells import cell, is_formula, is_number, text_of


class Scalar:
    """Like a NumPy scalar."""

    ndim = 0

    def __init__(self, value: Any) -> None:
        self.value = value

    def item(self) -> Any:
        return self.value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (0.1, "0.1"),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (1e300, "1e+300"),
        (float("nan"), "nan"),
        (None, ""),
        ("plain", "plain"),
        ("a,b", '"a,b"'),
        ('say "x"', '"say ""x"""'),
        ("two\nlines", '"""two\\nlines"""'),
        ([0, 1], '"[0,1]"'),
        (Scalar(2.5), "2.5"),
        (Scalar(True), "true"),
    ],
)
def test_a_value_has_one_form_as_a_cell(value: Any, text: str) -> None:
    assert cell(value) == text


FORMULAS = [
    *("=cmd()", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =1+1", "＝1", "－x", "+", "=", "-"),
    *("a;=1", 'a;"=1', "a; -b", "x;@y;=z", ";=", ";';'=cmd()"),
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_takes_for_a_formula_becomes_json(text: str) -> None:
    assert is_formula(text)
    assert not is_formula(text_of(text))
    assert json.loads(text_of(text)) == text
    assert not is_formula(text_of([text, {"k": text}]))
    assert json.loads(text_of([text])) == [text]


@pytest.mark.parametrize(
    "text",
    ["plain", "a=b", "left -> right", "a - b", "-5", "-0.0", "-1e-07", "-inf", "[-1,-2]", "a; b"],
)
def test_all_other_text_stays_as_it_is(text: str) -> None:
    assert not is_formula(text)
    assert text_of(text) == text


@example("{\x1f")
@example("[1]\n=1")
@given(st.text())
def test_no_text_is_a_formula_or_breaks_its_row(text: str) -> None:
    made = text_of(text)
    assert made.isprintable()
    first, *others = made.split(";")
    pieces = [first.lstrip(), *(other.lstrip("\"' ") for other in others)]
    assert is_number(made) or not any(piece.startswith(("=", "+", "-", "@")) for piece in pieces)
    assert next(csv.reader([cell(text) + ",0"])) == [made, "0"]


@given(st.floats() | st.integers(-(10**40) + 1, 10**40 - 1))
def test_the_text_of_a_number_is_that_of_a_number(value: float) -> None:
    assert is_number(text_of(value))
    assert type(value)(text_of(value)) == value or value != value


def test_an_integer_that_nothing_reads_as_a_number_is_text() -> None:
    assert text_of(-(10**41)) == f'"-1{"0" * 41}"'
    assert not is_formula(text_of(-(10**41)))


@pytest.mark.parametrize(
    "text", ["", "banana", "1,5", "0x1f", "1_000", "--1", "1e", "１", "infinity"]
)
def test_other_text_is_no_number(text: str) -> None:
    assert not is_number(text)
