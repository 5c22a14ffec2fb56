import pytest

from interactive_gym.server.participants.load_failures import (
    MAX_KEPT,
    LoadFailures,
    plain_reason,
)


def test_the_first_failure_of_each_kind_and_participant_is_new():
    failures = LoadFailures()
    for subject_id in ("a", "b"):
        for resource in ("page", "game"):
            assert failures.is_new(subject_id, resource)
            assert not failures.is_new(subject_id, resource)


def test_thousands_of_made_up_participants_are_not_kept():
    failures = LoadFailures()
    assert sum(failures.is_new(str(number), "page") for number in range(MAX_KEPT + 9)) == MAX_KEPT


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("main.js could not be loaded", "main.js could not be loaded"),
        ("http://a/?PROLIFIC_PID=5f3c failed", "http://a/ failed"),
        ("one\r\nERROR forged", "one\\r\\nERROR forged"),
        ("…", "\\u2026"),
    ],
)
def test_a_reason_is_one_line_without_the_recruitment_id(told, kept):
    assert plain_reason(told) == kept
