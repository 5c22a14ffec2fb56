import pytest

from interactive_gym.environment_checks.checks.rows import check_rows
from tests.support.environment_trials import trial_of


def test_the_longest_row_of_a_sound_environment_is_told() -> None:
    with trial_of("Sound") as (source, trial):
        finding = check_rows(source.load(), trial)
    assert finding.status == "ok"
    # 99,1,38,right,2,false,0.5,false,false,39
    assert finding.text == "the longest row has 40 characters of at most 4096"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LongText", r"Frame 6 makes a row of \d+ characters .* in info_story; a row can have"),
        ("ManyInfos", r"the first reset have 92 keys, but a game can record 91"),
    ],
)
def test_what_does_not_fit_into_a_row_is_named(name: str, text: str) -> None:
    with trial_of(name) as (source, trial), pytest.raises(ValueError, match=text):
        check_rows(source.load(), trial)
