import math
import re
from fractions import Fraction

import pytest

from interactive_gym.options.validation import (
    UNSET,
    filled_text,
    flag,
    folder_name,
    given,
    is_number,
    number,
    text,
    text_or_file,
    web_address,
    whole_number,
)

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


def test_an_option_that_was_left_out_keeps_its_earlier_value():
    assert given(UNSET, 3) == 3
    assert given(None, 3) is None


@pytest.mark.parametrize("value", [2, 3, 7])
def test_a_whole_number_may_be_either_limit(value):
    assert whole_number("fps", value, 2, 7) == value


def test_a_whole_number_may_have_no_upper_limit():
    assert whole_number("fps", 10**12, 2) == 10**12


@pytest.mark.parametrize("value", [1, 8, 2.0, "3", True, None])
def test_what_is_no_whole_number_between_the_limits_is_refused(value):
    sentence = f"fps is {value!r}: give a whole number from 2 to 7."
    with pytest.raises(ValueError, match=re.escape(sentence)):
        whole_number("fps", value, 2, 7)


def test_the_refusal_of_a_number_without_an_upper_limit_names_the_lower_one():
    with pytest.raises(ValueError, match="fps is 1: give a whole number of at least 2"):
        whole_number("fps", 1, 2)


def test_only_true_and_false_are_flags():
    assert flag("relay", False) is False
    for value in (0, 1, None, "True"):
        with pytest.raises(ValueError, match=f"relay is {value!r}: give True or False"):
            flag("relay", value)


def test_a_text_may_be_empty_but_not_where_it_must_say_something():
    assert text("header", "") == ""
    assert filled_text("message", " Hello ") == " Hello "
    for value in ("", " \n"):
        with pytest.raises(ValueError, match="give a string that is not empty"):
            filled_text("message", value)
    for accept in (text, filled_text):
        with pytest.raises(ValueError, match="header is 7: give a string"):
            accept("header", 7)


@pytest.mark.parametrize("value", ["a", "Game_2-b", "x" * 100])
def test_a_folder_name_has_letters_digits_and_two_signs(value):
    assert folder_name("scene_id", value) == value


@pytest.mark.parametrize("value", ["", "x" * 101, "a/b", "..", "a b", "é", "a\n", None, 3])
def test_what_could_be_no_folder_everywhere_is_refused(value):
    with pytest.raises(ValueError, match=r"scene_id is .*: it names a folder of data"):
        folder_name("scene_id", value)


@pytest.mark.parametrize("value", [None, "https://example.org/a?b=1", "http://10.0.0.1:5702"])
def test_an_address_is_a_full_one_or_none(value):
    assert web_address("url", value) == value


@pytest.mark.parametrize(
    "value", ["example.org", "javascript:1", "https://", "https:///a", "ftp://a", " https://a", 3]
)
def test_an_address_that_leads_nowhere_is_refused(value):
    with pytest.raises(ValueError, match=r"url is .*: give a full address"):
        web_address("url", value)


def test_a_text_is_given_or_read_from_a_file_or_stays(tmp_path):
    file = tmp_path / "body.html"
    file.write_text("<p>é</p>", encoding="utf-8")
    assert text_or_file("body", "new", UNSET, "old") == "new"
    assert text_or_file("body", UNSET, file, "old") == "<p>é</p>"
    assert text_or_file("body", UNSET, UNSET, "old") == "old"


def test_a_text_cannot_be_given_and_read_at_once(tmp_path):
    with pytest.raises(ValueError, match="body and body_filepath are both given"):
        text_or_file("body", "new", tmp_path, "old")


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_file_that_cannot_be_read_as_text_is_refused_by_name(tmp_path, content):
    file = tmp_path / "body.html"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=f"body_filepath is '{file}', which cannot be read"):
        text_or_file("body", UNSET, file, "old")


def test_what_is_no_path_or_no_text_is_refused():
    with pytest.raises(ValueError, match="body_filepath is 'None', which cannot be read as text"):
        text_or_file("body", UNSET, None, "old")
    with pytest.raises(ValueError, match="body is 7: give a string"):
        text_or_file("body", 7, UNSET, "old")
