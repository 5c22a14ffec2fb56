import sys

import pytest

from interactive_gym.environment_checks.checks.unsaved import MOST, unsaved_attributes
from tests.support.environment_trials import trial_of


def unsaved(name: str) -> list[str]:
    with trial_of(name) as (source, trial):
        return unsaved_attributes(source.load(), trial)


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("UnsavedAttribute", "env.wind, which is not part of the saved state (0 when saved, 8 "),
        ("UnsavedSlot", "env.balls[0].x, which is not part of the saved state ("),
        ("SharedMutableState", "SharedMutableState.gusts[0], which is not part of the saved"),
        ("GlobalRandomSeeded", "the generator of the random module, which is not part of"),
    ],
)
def test_what_is_changed_and_not_saved_is_named_with_its_values(name: str, cause: str) -> None:
    assert any(found.startswith(cause) for found in unsaved(name))


@pytest.mark.parametrize("name", ["Sound", "Pickled"])
def test_of_an_environment_that_saves_all_it_changes_nothing_is_named(name: str) -> None:
    assert unsaved(name) == []


def test_what_lies_beside_the_classes_in_their_module_is_looked_at_too() -> None:
    with trial_of("Sound") as (source, trial):
        loaded = source.load()
        beside, step = vars(sys.modules["__main__"]), loaded.env.step

        def count(actions):
            beside["COUNT"] = [beside["COUNT"][0] + 1]
            return step(actions)

        loaded.env.step = count
        (found,) = unsaved_attributes(loaded, trial)
    assert found == (
        "__main__.COUNT[0], which is not part of the saved state (0 when saved, 8 when loaded)"
    )


def test_what_changes_only_after_the_first_frames_is_found_too() -> None:
    with trial_of("Sound") as (source, trial):
        loaded = source.load()
        loaded.env.late, step = 0, loaded.env.step

        def count(actions):
            told = step(actions)
            loaded.env.late = loaded.env.steps // 50
            return told

        loaded.env.step = count
        (found,) = unsaved_attributes(loaded, trial)
    assert found.startswith("env.late, which is not part of the saved state (0 when saved, 1 ")


def test_no_more_are_named_than_can_be_read() -> None:
    with trial_of("UnsavedAttribute") as (source, trial):
        loaded = source.load()
        loaded.env.unsaved = [0] * 9
        step = loaded.env.step

        def count(actions):
            loaded.env.unsaved = [number + 1 for number in loaded.env.unsaved]
            return step(actions)

        loaded.env.step = count
        assert len(unsaved_attributes(loaded, trial)) == MOST
