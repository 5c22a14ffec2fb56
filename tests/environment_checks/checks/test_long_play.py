from typing import Any

import pytest

from interactive_gym.environment_checks.checks.long_play import Game, check_long_play, games
from interactive_gym.environment_checks.running.environment_source import LoadedEnvironment
from interactive_gym.environment_checks.running.trial import Trial
from tests.support.broken_environments import Pickled, Sound
from tests.support.environment_trials import trial_of

FRAMES = 300


class Made:
    """A source that makes environments of a class."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def load(self) -> LoadedEnvironment:
        return LoadedEnvironment(self._make(), {})


class Rare(Sound):
    """After both have held the last action for 40 frames, something is drawn that is not saved."""

    def reset(self, seed: int | None = None, options: Any = None) -> Any:
        self.pushes = self.doors = 0
        return super().reset(seed, options)

    def step(self, actions: dict[str, int]) -> Any:
        self.pushes = self.pushes + 1 if set(actions.values()) == {2} else 0
        if self.pushes > 40:
            self.doors += 1
        return super().step(actions)

    def get_state(self) -> Any:
        return {**super().get_state(), "pushes": self.pushes}

    def set_state(self, state: Any) -> None:
        self.pushes = state["pushes"]
        super().set_state(state)


class RareAndDrawn(Rare):
    def render(self) -> list[Any]:
        return [{**super().render()[0], "radius": self.doors}]


class RareAndObserved(Rare):
    def observations(self) -> dict[str, Any]:
        return dict.fromkeys(self.possible_agents, self.doors)


class AfterACut(Sound):
    """Counts the episodes that were cut short, which it does not save."""

    cuts = 0

    def reset(self, seed: int | None = None, options: Any = None) -> Any:
        if 0 < getattr(self, "steps", 0) < 30:
            self.cuts = [len(str(self.cuts))]
        self.late = self.cuts
        return super().reset(seed, options)

    def step(self, actions: dict[str, int]) -> Any:
        if self.late:
            self.late[0] += 1
        return super().step(actions)


def finding(make: Any) -> Any:
    trial = Trial(("left", "right"), (0, 1, 2), frames=FRAMES)
    return check_long_play(Made(make), trial)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [Sound, Pickled])
def test_what_saves_all_it_changes_passes(make: Any) -> None:
    found = finding(make)
    assert (found.status, found.causes) == ("ok", ())
    assert found.text == "1800 frames, everything the same after loading"


@pytest.mark.parametrize(
    ("make", "what"),
    [(RareAndDrawn, "picture[0]['radius']"), (RareAndObserved, "observation of agent left")],
)
def test_what_is_shown_after_a_rare_event_and_not_saved_is_wrong(make: Any, what: str) -> None:
    found = finding(make)
    assert found.status == "wrong"
    assert f"comes out differently: {what} is " in found.text
    assert any("env.doors, which is not part of the saved state" in it for it in found.causes)


@pytest.mark.parametrize(("make", "name"), [(Rare, "doors"), (AfterACut, "late[0]")])
def test_what_is_not_saved_and_nobody_sees_is_noted(make: Any, name: str) -> None:
    found = finding(make)
    assert found.status == "note"
    assert f"env.{name}, which is not part of the saved state" in found.text


def test_games_differ_in_seeds_actions_and_lengths() -> None:
    trial = Trial(("left", "right"), (0, 1, 2), frames=FRAMES)
    played = list(games(trial))
    assert Game(1, [b"\2\2"] * 100, None) in played
    assert Game(1, [b"\2\0"] * 100, None) in played
    assert len({game.seed for game in played}) == 3
    assert any(game.max_steps is not None for game in played)


def test_environments_that_are_run_as_files_are_played_too() -> None:
    with trial_of("UnsavedAttribute") as (source, trial):
        found = check_long_play(source, trial)
    assert found.status == "wrong"
    assert any("env.wind" in cause for cause in found.causes)
