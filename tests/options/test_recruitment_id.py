import pytest

from interactive_gym.options.recruitment_id import MAX_LENGTH, recruitment_id


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, None),
        ({"PROLIFIC_PID": ["5f3c"]}, "5f3c"),
        ({"PROLIFIC_PID": ["  5f3c\n"]}, "5f3c"),
        ({"other": ["5f3c"]}, None),
        ({"workerId": ["W"], "PROLIFIC_PID": ["P"]}, "P"),
        ({"workerId": ["W"], "PROLIFIC_PID": [""]}, "W"),
        ({"PROLIFIC_PID": ["", "second", "third"]}, "second"),
        ({"PROLIFIC_PID": ["a" * MAX_LENGTH]}, "a" * MAX_LENGTH),
        ({"PROLIFIC_PID": ["e\u0301"]}, "\u00e9"),
        ({"PROLIFIC_PID": ["ABC"]}, "ABC"),
        ({"participant_id": ["Anna B"]}, "Anna B"),
        ({"survey_code": ["a+b/c=@d.e"]}, "a+b/c=@d.e"),
    ],
)
def test_the_first_value_of_the_most_important_parameter_that_can_be_an_id_counts(query, found):
    assert recruitment_id(query) == found


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "{{%PROLIFIC_PID%}}",
        "%PROLIFIC_PID%",
        "${e://Field/PID}",
        "[id]",
        "<script>",
        "undefined",
        "NULL",
        "None",
        "NaN",
        "a\x00b",
        "a\u200bb",
        "a\u2028b",
        "a" * (MAX_LENGTH + 1),
    ],
)
def test_what_cannot_be_an_id_is_none(value):
    assert recruitment_id({"PROLIFIC_PID": [value]}) is None
    assert recruitment_id({"PROLIFIC_PID": [value], "workerId": ["W"]}) == "W"


def test_the_parameters_can_be_chosen():
    query = {"PROLIFIC_PID": ["P"], "sona": ["S"]}
    assert recruitment_id(query, ("sona",)) == "S"
    assert recruitment_id({"PROLIFIC_PID": ["P"]}, ("sona",)) is None
