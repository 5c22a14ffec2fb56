import pytest

from interactive_gym.options.link_parameters import (
    MAX_FREE_PARAMETERS,
    MAX_VALUE_LENGTH,
    NO_PARAMETERS,
    link_parameters,
)


def read(query, **options):
    named = {"study": "STUDY_ID", "session": "SESSION_ID", "free": ["wave", "source"], **options}
    return link_parameters({name: [value] for name, value in query.items()}, **named)


def test_study_session_and_the_free_parameters_that_are_named_are_kept():
    found = read({"STUDY_ID": "st", "SESSION_ID": " se ", "wave": "2", "other": "x"})
    assert (found.study_id, found.session_id) == ("st", "se")
    assert found.parameters == {"wave": "2"}


def test_a_platform_without_study_and_session_has_none():
    found = read({"STUDY_ID": "st", "SESSION_ID": "se"}, study=None, session=None)
    assert found == NO_PARAMETERS


@pytest.mark.parametrize(
    "value", ["", "  ", "{{%STUDY_ID%}}", "%X%", "a\x00", "a\nb", "a" * (MAX_VALUE_LENGTH + 1)]
)
def test_what_is_no_short_text_or_was_not_filled_in_is_left_out(value):
    assert read({"STUDY_ID": value, "SESSION_ID": value, "wave": value}) == NO_PARAMETERS


def test_the_first_value_that_is_text_counts():
    query = {"wave": ["", "1", "2"]}
    assert link_parameters(query, study=None, session=None, free=["wave"]).parameters == {
        "wave": "1"
    }


def test_no_link_makes_a_study_keep_more_than_a_bounded_number():
    names = [f"p{number}" for number in range(3 * MAX_FREE_PARAMETERS)]
    found = read(dict.fromkeys(names, "x"), free=names)
    assert len(found.parameters) == MAX_FREE_PARAMETERS
