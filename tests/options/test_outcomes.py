import pytest

from interactive_gym.options.outcomes import FINISHED, OUTCOMES, checked_names, overall_outcome


@pytest.mark.parametrize(
    ("outcomes", "overall"),
    [
        ([], "completed"),
        (["completed", "completed"], "completed"),
        (["partner_left", "completed"], "partner_left"),
        (["partner_left", "technical_error"], "technical_error"),
        (["partner_left", "idle", "no_partner"], "idle"),
        (["completed", "no_partner"], "no_partner"),
        (["no_partner", "failed_quiz"], "failed_quiz"),
    ],
)
def test_the_first_that_kept_the_way_from_being_complete_counts(outcomes, overall):
    assert overall_outcome(outcomes) == overall


def test_whoever_was_let_down_by_a_partner_did_their_part():
    assert {"completed", "partner_left"} == FINISHED


def test_names_of_outcomes_are_taken_alone_and_in_lists():
    assert checked_names("only_if", "idle") == {"idle"}
    assert checked_names("only_if", ["left", "played"], ("played",)) == {"left", "played"}


@pytest.mark.parametrize("value", [[], None, 3, "gone", ["idle", "gone"], [3]])
def test_other_names_are_refused_with_those_that_there_are(value):
    with pytest.raises(ValueError, match="only_if .*" + ", ".join(OUTCOMES)):
        checked_names("only_if", value)
