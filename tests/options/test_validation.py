import math
from fractions import Fraction

import pytest

from interactive_gym.options.validation import is_number, number, whole_number

NO_NUMBERS = [True, False, None, "1", [1], 1j, math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("value", [0, -1, 1.5, 10**400, Fraction(1, 3)])
def test_finite_real_numbers_are_numbers(value):
    assert is_number(value)


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_nothing_else_is_a_number(value):
    assert not is_number(value)
    with pytest.raises(ValueError, match=r"^wait_s is "):
        number("wait_s", value)
    with pytest.raises(ValueError, match=r"^count is "):
        whole_number("count", value, 1)


@pytest.mark.parametrize("value", [1, 0.5, 10**400])
def test_a_number_that_is_accepted_stays_as_it_is(value):
    assert number("wait_s", value) is value


@pytest.mark.parametrize(
    ("value", "options", "sentence"),
    [
        (0, {}, "wait_s is 0: give a positive number."),
        (-0.5, {"unit": "seconds"}, "wait_s is -0.5: give a positive number of seconds."),
        (0, {"minimum": 1}, "wait_s is 0: give a number of at least 1."),
        (
            "2",
            {"unit": "seconds", "minimum": 0, "other": "None for never"},
            "wait_s is '2': give a number of seconds of at least 0, or None for never.",
        ),
    ],
)
def test_a_number_out_of_range_is_refused_with_what_would_do(value, options, sentence):
    with pytest.raises(ValueError) as refusal:
        number("wait_s", value, **options)
    assert str(refusal.value) == sentence


def test_the_least_and_the_largest_number_are_accepted():
    assert number("wait_s", 0, minimum=0) == 0
    assert [whole_number("count", value, 1, 3) for value in (1, 3)] == [1, 3]


@pytest.mark.parametrize(
    ("value", "limits", "sentence"),
    [
        (0, (1,), "count is 0: give a whole number of at least 1."),
        (4, (1, 3), "count is 4: give a whole number from 1 to 3."),
        (1.0, (1, 3), "count is 1.0: give a whole number from 1 to 3."),
    ],
)
def test_what_is_no_whole_number_in_range_is_refused_with_what_would_do(value, limits, sentence):
    with pytest.raises(ValueError) as refusal:
        whole_number("count", value, *limits)
    assert str(refusal.value) == sentence
    with pytest.raises(ValueError) as refusal:
        whole_number("count", value, *limits, other='"auto"')
    assert str(refusal.value) == sentence[:-1] + ', or "auto".'
