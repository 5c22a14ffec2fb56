"""Checks what rollback relies on: saved states stay as they are, drawing changes nothing.

It plays one trial in this process. ``rollback`` then checks the rest.
"""

import pickle
from typing import Any

from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.running.environment_source import LoadedEnvironment
from interactive_gym.environment_checks.running.state_leaves import (
    Leaves,
    describe,
    different,
    leaves,
)
from interactive_gym.environment_checks.running.trial import Trial, named_result, saves_itself
from interactive_gym.netcode import draw_commands, strict_json
from interactive_gym.netcode.environment import adapt

EVERY = 10
"""Frames from one state that is looked at to the next; every picture is looked at."""


class SnapshotCheck:
    """Looks at saved states and pictures along a trial.

    Args:
        loaded: A fresh environment, which the check changes.
        trial: What is played.
    """

    def __init__(self, loaded: LoadedEnvironment, trial: Trial) -> None:
        self._trial = trial
        self._environment = adapt(loaded.env, trial.agents)
        self._root = "state" if saves_itself(loaded.env) else "env"
        self._largest_picture: tuple[int, int] = (0, 0)
        self._largest_state = 0

    def run(self) -> list[Finding]:
        """The findings on the state and on the pictures."""
        trial, environment = self._trial, self._environment
        environment.reset(trial.seed)
        about_state: str | None = None
        about_picture: str | None = None
        step = 0
        for number, inputs in enumerate(trial.inputs(len(trial.agents))):
            actions = [trial.actions[index] for index in inputs]
            about_picture = about_picture or self._look_at_picture(step)
            if number % EVERY == 0:
                about_picture = about_picture or self._what_drawing_changes()
                about_state = about_state or self._look_at_state(actions, step)
            _, outcomes = environment.step(actions)
            step += 1
            over = all(outcome is None or outcome[1] or outcome[2] for outcome in outcomes)
            if over or step == trial.max_steps:
                environment.reset(trial.seed + number)
                step = 0
        return [self._state_finding(about_state), self._picture_finding(about_picture)]

    def _state_finding(self, wrong: str | None) -> Finding:
        if wrong:
            return Finding("saved state", "wrong", f"{wrong}.")
        how = {"state": "get_state and set_state", "env": "a pickle of the environment"}[self._root]
        return Finding("saved state", "ok", f"{how}, {_bytes(self._largest_state)}")

    def _picture_finding(self, wrong: str | None) -> Finding:
        if wrong:
            return Finding("drawing", "wrong", f"{wrong}.")
        commands, size = self._largest_picture
        if not commands:
            return Finding("drawing", "note", "render() draws nothing")
        return Finding("drawing", "ok", f"up to {commands} draw commands, {_bytes(size)}")

    def _look_at_picture(self, step: int) -> str | None:
        try:
            picture = self._environment.render()
        except Exception as error:
            return f"render() raises {type(error).__name__}: {error}"
        wrong = draw_commands.wrong_with(picture)
        if wrong:
            return f"{wrong} (before step {step})"
        size = len(strict_json.dumps(picture))
        self._largest_picture = max(self._largest_picture, (len(picture), size))
        return None

    def _what_drawing_changes(self) -> str | None:
        before = self._state_now()
        self._environment.render()
        if changed := different(before, after := self._state_now()):
            return f"render() changes the state: {describe(before, after, changed[0])}"
        return None

    def _look_at_state(self, actions: list[Any], step: int) -> str | None:
        """Save, go on, load: the saved state and the loaded one must be as before."""
        environment = self._environment
        before = self._state_now()
        picture = leaves(environment.render(), "picture")
        saved = environment.save()
        self._largest_state = max(self._largest_state, _size(saved))
        try:
            told = self._step(actions)
            if changed := different(before, after := self._spelled(saved)):
                return self._aliased("after it was saved", before, after, changed[0])
            environment.load(saved)
            if changed := different(before, after := self._state_now()):
                return _not_back("it", before, after, changed[0], step)
            again = leaves(environment.render(), "picture")
            if changed := different(picture, again):
                return _not_back("its picture", picture, again, changed[0], step)
            told_again = self._step(actions)
            if changed := different(before, after := self._spelled(saved)):
                return self._aliased("after it was loaded", before, after, changed[0])
            if changed := different(told, told_again):
                return _not_back("its next step", told, told_again, changed[0], step)
        finally:
            environment.load(saved)
        return None

    def _aliased(self, when: str, before: Leaves, after: Leaves, path: str) -> str:
        return (
            f"a saved state changes {when}, because the game goes on with the same objects: "
            f"{describe(before, after, path)}; copy them in get_state and in set_state"
        )

    def _step(self, actions: list[Any]) -> Leaves:
        """Take a step and return the leaves of what each agent is told."""
        found: Leaves = {}
        for agent, *result in zip(
            self._trial.agents, *self._environment.step(actions), strict=True
        ):
            for name, value in named_result(agent, *result).items():
                found.update(leaves(value, name))
        return found

    def _state_now(self) -> Leaves:
        return self._spelled(self._environment.save())

    def _spelled(self, saved: Any) -> Leaves:
        return leaves(self._environment.unpack(saved), self._root)


def _not_back(what: str, first: Leaves, second: Leaves, path: str, step: int) -> str:
    difference = describe(first, second, path)
    return f"loading a saved state does not bring {what} back: {difference} (before step {step})"


def _size(saved: Any) -> int:
    """The approximate size of a saved state in bytes."""
    if isinstance(saved, bytes):
        return len(saved)
    try:
        return len(pickle.dumps(saved, pickle.HIGHEST_PROTOCOL))
    except Exception:
        return len(repr(saved))


def _bytes(size: int) -> str:
    return f"{size} bytes" if size < 1000 else f"{size / 1000:.1f} kB"
