import math

import msgspec
import pytest

from interactive_gym.server.messages.fields import CandidateType, Count, Id, json_chars


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Id, "x"),
        (Id, "ü" * 100),
        (Count, 0),
        (Count, 2**53),
        (CandidateType, "relay"),
    ],
)
def test_what_browsers_send_is_taken_as_it_is(field, value):
    assert msgspec.convert(value, field, strict=True) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((Id, value) for value in ("", "x" * 101, 5, None, ["x"], b"x")),
        *((Count, value) for value in (-1, 2**53 + 1, 10**400, True, 1.0, math.nan, "1", None)),
        *((CandidateType, value) for value in ("HOST", "", None, ["host"], "\ud800")),
    ],
)
def test_what_a_field_cannot_be_is_refused(field, value):
    with pytest.raises(ValueError):
        msgspec.convert(value, field, strict=True)


def test_the_size_of_a_value_is_that_of_its_escaped_json():
    assert json_chars({"a": [1, "é", None]}) == len('{"a": [1, "\\u00e9", null]}')


@pytest.mark.parametrize("value", [math.nan, [math.inf], b"bytes", {1, 2}, {"a": object()}])
def test_what_is_no_json_has_no_size(value):
    with pytest.raises(ValueError):
        json_chars(value)
