import pytest

from interactive_gym.environment_checks.checks.rollback import (
    check_policy,
    check_rollback,
    likely_causes,
)
from tests.support.environment_trials import trial_of


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("UnsavedAttribute", "state['balls'][1][0] is "),
        ("SharedMutableState", "env.balls[0].x is "),
        ("GlobalRandom", "env.balls[1].x is "),
        ("GlobalRandomSeeded", "env.balls[1].x is "),
    ],
)
def test_what_a_rollback_does_not_bring_back_is_named(name: str, text: str) -> None:
    with trial_of(name) as (source, trial):
        found = check_rollback(source, trial)
    assert (found.check, found.status) == ("rollback", "wrong")
    assert text in found.text


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("UnsavedAttribute", "env.wind, which is not part of the saved state"),
        ("SharedMutableState", "SharedMutableState.gusts[0], which is not part"),
        ("GlobalRandomSeeded", "the generator of the random module, which is not"),
    ],
)
def test_the_likely_cause_is_told_with_it(name: str, cause: str) -> None:
    with trial_of(name) as (source, trial):
        found = check_rollback(source, trial)
    assert any(cause in told for told in found.causes)


@pytest.mark.parametrize("name", ["Sound", "Pickled"])
def test_a_sound_environment_can_be_rolled_back_in_every_frame(name: str) -> None:
    with trial_of(name) as (source, trial):
        found = check_rollback(source, trial)
    assert (found.status, found.causes) == ("ok", ())
    assert found.text == "100 frames, each simulated again after going back up to 8"


def test_an_environment_that_fails_when_it_steps_on_from_a_loaded_state_says_how() -> None:
    with trial_of("Unpicklable") as (source, trial):
        found = check_rollback(source, trial)
    assert found.status == "wrong"
    assert found.text.startswith("stepping on from a loaded state raises ")


def test_of_an_environment_that_fails_in_itself_no_cause_is_guessed() -> None:
    with trial_of("Unpicklable") as (source, trial):
        assert likely_causes(source, trial) == ()


@pytest.mark.parametrize("policy", ["steady", "counting"])
def test_a_policy_that_remembers_nothing_or_in_its_pickle_plays_in_a_rollback(policy: str) -> None:
    with trial_of("Sound") as (source, trial):
        found = check_policy(source, trial, policy)
    assert (found.check, found.status) == (f"policy {policy}", "ok")
    assert found.text == "plays agent right, 100 frames rolled back"


def test_a_policy_that_remembers_where_no_snapshot_sees_it_is_told_what_it_must_do() -> None:
    with trial_of("Sound") as (source, trial):
        found = check_policy(source, trial, "forgetful")
    assert found.status == "wrong"
    assert "a policy must decide by the observation and the agent" in found.text


def test_a_policy_that_is_not_defined_or_fails_is_named() -> None:
    with trial_of("Sound") as (source, trial):
        absent = check_policy(source, trial, "absent")
        # A class of the environments' file can be called, but not as a policy.
        failing = check_policy(source, trial, "Ball")
    assert (absent.status, failing.status) == ("wrong", "wrong")
    assert "defines no function or object absent" in absent.text
    assert failing.text.startswith("it fails in a game: ")
