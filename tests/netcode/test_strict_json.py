import json
from typing import Any

import pytest

from interactive_gym.netcode import strict_json


class Array:
    """Like a NumPy array."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def tolist(self) -> Any:
        return self.values


def test_what_json_cannot_say_becomes_null_and_the_rest_stays() -> None:
    value = {"a": [1, 0.5, float("nan")], "b": (float("inf"), {"c": float("-inf")}), "d": "NaN"}
    assert json.loads(strict_json.dumps(value)) == {
        "a": [1, 0.5, None],
        "b": [None, {"c": None}],
        "d": "NaN",
    }


def test_numpy_values_become_plain() -> None:
    assert strict_json.dumps([Array(3), Array([1.5, 2.0])]) == "[3,[1.5,2.0]]"
    assert strict_json.dumps([Array([float("nan"), 2.0])]) == "[[null,2.0]]"


def test_what_has_no_form_in_json_is_an_error() -> None:
    with pytest.raises(TypeError, match="set"):
        strict_json.dumps({"x": {1}})


def test_json_has_no_needless_spaces_and_keeps_numbers_as_they_are() -> None:
    value = {"a": [1, True, None, "x"], "b": {"c": -0.0, "d": 1e300}}
    assert strict_json.dumps(value) == '{"a":[1,true,null,"x"],"b":{"c":-0.0,"d":1e+300}}'
    with_nan = {**value, "n": float("nan")}
    assert strict_json.dumps(with_nan) == strict_json.dumps(value)[:-1] + ',"n":null}'


def test_values_of_any_kind_beside_one_that_json_cannot_say_stay() -> None:
    value = [float("inf"), True, None, "x", 7, Array([[1, float("nan")]]), (2, 3), {4: 5}]
    assert strict_json.dumps(value) == '[null,true,null,"x",7,[[1,null]],[2,3],{"4":5}]'
