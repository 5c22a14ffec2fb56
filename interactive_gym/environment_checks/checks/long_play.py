"""Compares everything an environment holds, draws and tells after loading, in long and varied play.

What changes only after a rare event is not seen in one short trial. So several games are played:
with random actions and several seeds, with each action held by all and by one alone, and with
episodes that are cut short.
"""

import pickle
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.checks.unsaved import MOST, surroundings
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.environment_checks.running.state_leaves import (
    Leaves,
    describe,
    different,
    leaves,
    shortened,
)
from interactive_gym.environment_checks.running.trial import Trial, named_result, saves_itself
from interactive_gym.netcode.environment import adapt

AHEAD = 8
"""Frames after which a state is loaded again."""
SEEDS = (1, 2, 3)
"""The seeds of games with random actions."""
MOST_SCRIPTED = 8
"""The most actions that are held for a game."""
SHORT_EPISODE = 20
"""Frames of an episode that is cut short."""


class Game(NamedTuple):
    """What is played."""

    seed: int
    inputs: list[bytes]
    max_steps: int | None
    """After how many frames an episode is cut short; None for when it ends by itself."""


def games(trial: Trial) -> Iterator[Game]:
    """The games of a long play."""
    seats = len(trial.agents)
    for seed in SEEDS:
        yield Game(seed, replace(trial, inputs_seed=seed).inputs(seats), None)
    yield Game(trial.seed, trial.inputs(seats), SHORT_EPISODE)
    for action in range(min(len(trial.actions), MOST_SCRIPTED)):
        length = trial.max_steps
        yield Game(trial.seed, [bytes([action] * seats)] * length, None)
        if seats > 1:
            yield Game(trial.seed, [bytes([action] + [0] * (seats - 1))] * length, None)


def check_long_play(source: EnvironmentSource, trial: Trial) -> Finding:
    """Play all games, and load a state of every eighth frame."""
    lost: dict[str, str] = {}
    frames = 0
    for game in games(trial):
        play = _Play(source, trial, game)
        for _ in play.windows():
            if play.wrong is not None:
                causes = tuple(play.lost.values())[:MOST]
                return Finding("long play", "wrong", play.wrong, causes)
        lost = {**play.lost, **lost}
        frames += len(game.inputs)
    if lost:
        named = "; ".join([*lost.values()][:MOST])
        more = f"; and {len(lost) - MOST} more" if len(lost) > MOST else ""
        return Finding("long play", "note", f"nothing came out differently, but {named}{more}")
    return Finding("long play", "ok", f"{frames} frames, everything the same after loading")


class _Play:
    """One game; `windows` goes on by eight frames at a time."""

    def __init__(self, source: EnvironmentSource, trial: Trial, game: Game) -> None:
        self._env = source.load().env
        self._trial = trial
        self._game = game
        self._has_state = saves_itself(self._env)
        self._environment = adapt(self._env, trial.agents)
        self.lost: dict[str, str] = {}
        """What a saved state does not bring back, by path, in words."""
        self.wrong: str | None = None
        """What came out differently when it was played again."""

    def windows(self) -> Iterator[None]:
        seed, inputs, max_steps = self._game
        self._environment.reset(seed)
        begun = 0
        for start in range(0, len(inputs), AHEAD):
            frames = inputs[start : start + AHEAD]
            before = self._all()
            saved = self._environment.save()
            told, _ = self._step(frames)
            self._load(saved)
            self._note_lost(before, self._all())
            again, is_over = self._step(frames)
            self._compare(told, again, start)
            yield
            if is_over or (max_steps is not None and start - begun >= max_steps):
                begun = start
                self._environment.reset(seed + start)

    def _step(self, frames: list[bytes]) -> tuple[list[bytes], bool]:
        """Take these steps; return what each told and drew, pickled, and whether the episode is
        over."""
        told = []
        for frame in frames:
            actions = [self._trial.actions[index] for index in frame]
            observations, outcomes = self._environment.step(actions)
            moment: dict[str, Any] = {}
            for result in zip(self._trial.agents, observations, outcomes, strict=True):
                moment.update(named_result(*result))
            moment["picture"] = self._environment.render()
            # A copy, as an environment may reuse what it tells.
            told.append(pickle.dumps(moment, pickle.HIGHEST_PROTOCOL))
            if all(outcome is None or outcome[1] or outcome[2] for outcome in outcomes):
                return told, True
        return told, False

    def _load(self, saved: Any) -> None:
        if self._has_state:
            self._environment.load(saved)
        else:
            self._env = pickle.loads(saved)
            self._environment = adapt(self._env, self._trial.agents)

    def _all(self) -> Leaves:
        return {**leaves(self._env, "env"), **surroundings(self._env)}

    def _note_lost(self, before: Leaves, after: Leaves) -> None:
        for path in different(before, after):
            self.lost.setdefault(
                path,
                f"{path}, which is not part of the saved state "
                f"({shortened(before.get(path, 'missing'))} when saved, "
                f"{shortened(after.get(path, 'missing'))} when loaded)",
            )

    def _compare(self, told: list[bytes], again: list[bytes], start: int) -> None:
        for number, (first, second) in enumerate(zip(told, again, strict=False)):
            # Equal values may have different pickles, but equal pickles have equal values.
            if first != second:
                one, other = _spelled(first), _spelled(second)
                changed = different(one, other)
                if not changed:
                    continue
                what = describe(one, other, changed[0])
                self.wrong = (
                    f"what is played on from a loaded state comes out differently: {what} (frame "
                    f"{start + number} of a game with seed {self._game.seed})."
                )
                return
        if len(told) != len(again):
            self.wrong = f"an episode ends otherwise after a state is loaded (frame {start})."


def _spelled(moment: bytes) -> Leaves:
    found: Leaves = {}
    for name, value in pickle.loads(moment).items():
        found.update(leaves(value, name))
    return found
