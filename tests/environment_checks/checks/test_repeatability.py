import pytest

from interactive_gym.environment_checks.checks.repeatability import check_processes, check_seeds
from tests.support.environment_trials import trial_of


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GlobalRandom", "the same seed gives another game: after step 0 env.balls[1].x is "),
        ("LeftOver", "after the reset state['level'] is 1, then "),
    ],
)
def test_a_seed_that_gives_another_game_the_second_time_is_told_with_the_first_difference(
    name: str, text: str
) -> None:
    with trial_of(name) as (source, trial):
        found = check_seeds(source, trial)
    assert (found.check, found.status) == ("seeds", "wrong")
    assert text in found.text


def test_one_seed_gives_one_game_and_another_seed_another() -> None:
    with trial_of("Sound") as (source, trial):
        assert check_seeds(source, trial).status == "ok"


def test_a_seed_that_changes_nothing_is_noted() -> None:
    with trial_of("IgnoredSeed") as (source, trial):
        found = check_seeds(source, trial)
    assert (found.status, found.text) == ("note", "every seed gives the same game")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("WallClock", "state['balls'][0][1] is "),
        ("SetOrder", "state['balls'][0][1] is "),
        ("Identity", "after the reset state['balls'][1][1] is "),
        ("SystemRandom", "after the reset state['rng'] is "),
    ],
)
def test_what_two_processes_do_not_agree_on_is_named(name: str, text: str) -> None:
    with trial_of(name) as (source, trial):
        found = check_processes(source, trial)
    assert (found.check, found.status) == ("processes", "wrong")
    assert text in found.text


def test_two_processes_play_a_sound_environment_alike() -> None:
    with trial_of("Sound") as (source, trial):
        assert check_processes(source, trial).status == "ok"


def test_a_process_that_cannot_play_says_why() -> None:
    # Two agents' actions are no step of an environment for one.
    with trial_of("SingleAgent") as (source, trial):
        found = check_processes(source, trial)
    assert found.status == "wrong"
    assert found.text.startswith("a process of its own could not play it: ")
