"""Whatever a line holds, every parser reads it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.server.messages.strict_json import MAX_DEPTH, dumps

CIRCULAR: list = []
CIRCULAR.append(CIRCULAR)


class Speechless:
    def __str__(self):
        raise RuntimeError("no words")


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def read(line):
    return json.loads(line, parse_constant=refuse)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(scalars, inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@given(values)
def test_any_value_becomes_json(value):
    assert set(read(dumps({"attributes": value}))) == {"attributes"}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (float("nan"), None),
        ([1.5, float("inf")], [1.5, None]),
        ({"rtt": -float("inf"), "name": "é", "is": True}, {"rtt": None, "name": "é", "is": True}),
        ({(1, 2): 3}, {"(1, 2)": 3}),
        ({float("nan"): 3}, {"nan": 3}),
        ({"odd": {(1, 2): {4}}}, {"odd": {"(1, 2)": "{4}"}}),
        ([float("nan"), 10**30], [None, "1" + "0" * 30]),
        ([float("nan"), Speechless()], [None, "a Speechless"]),
    ],
)
def test_what_json_has_no_form_for_is_null_or_text(value, told):
    assert read(dumps({"a": value})) == {"a": told}


def test_a_number_too_long_to_be_written_is_told_by_its_kind():
    assert read(dumps({"a": 10**5000})) == {"a": "a int"}


def test_what_holds_itself_or_is_too_deep_ends_as_text():
    told = read(dumps({"a": CIRCULAR}))["a"]
    for _ in range(MAX_DEPTH - 1):
        (told,) = told
    assert told == "[[...]]"


def test_what_json_can_say_stands_there_as_it_is():
    fields = {"a": [1, 2.5, None, "x"], "b": {"c": True}, "d": 10**30}
    assert dumps(fields) == json.dumps(fields)
