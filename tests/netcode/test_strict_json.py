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
