"""The game as rollback sees it: one state that is saved, loaded and stepped, policies included.

An episode's end and the next one's reset happen inside a step, so they are rolled back like
anything else. ``game_loop`` knows which frames are confirmed.
"""

import copy
import hashlib
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from interactive_gym.netcode.cells import MAX_KEY_CHARS, is_formula
from interactive_gym.netcode.environment import Environment
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.input_queue import ACTION_MASK, VACANT
from interactive_gym.netcode.policies import Policies
from interactive_gym.netcode.state_digest import state_digest


class FrameResult(NamedTuple):
    """What one simulated frame adds to the data once it is confirmed."""

    episode: int
    """The episode that the frame belongs to."""

    step: int
    """The frame's number within its episode."""

    inputs: bytes
    """One input per seat."""

    actions: list[Any]
    """The action of each agent."""

    outcomes: list[tuple[Any, ...] | None]
    """Per agent: reward, terminated, truncated, then the values of the info columns."""

    ends_game: bool
    """Whether this was the last frame of the last episode."""


class Simulation:
    """A seeded run through all episodes of a game.

    Args:
        environment: The environment, which is reset at once.
        config: The game.
        namespace: Where the names of policies are looked up.

    Raises:
        ValueError: A policy does not exist or cannot be saved.
    """

    def __init__(
        self, environment: Environment, config: GameConfig, namespace: Mapping[str, Any]
    ) -> None:
        self._environment = environment
        self._config = config
        # The environment may change a list that it is given, but not the game's table.
        self._has_compound_actions = any(
            isinstance(action, (list, dict)) for action in config.actions
        )
        self._policies = Policies(config, namespace)
        self.episode = 0
        self.step_number = 0
        self.is_over = False
        self.info_keys = scalar_keys(self._begin_episode(()))

    def save(self) -> tuple[Any, ...]:
        """A snapshot of everything that later frames depend on."""
        environment_state = self._environment.save()
        progress = self.episode, self.step_number, self.is_over
        return environment_state, self._policies.save(), progress

    def load(self, state: tuple[Any, ...]) -> None:
        """Load a snapshot."""
        environment_state, policies_state, progress = state
        self.episode, self.step_number, self.is_over = progress
        self._environment.load(environment_state)
        self._policies.load(policies_state)

    def unpack(self, state: tuple[Any, ...]) -> tuple[Any, Any, Any]:
        """The content of a snapshot: of the environment, of the policies, and where the game is."""
        environment_state, policies_state, progress = state
        return (
            self._environment.unpack(environment_state),
            self._policies.unpack(policies_state),
            progress,
        )

    def digest(self, state: tuple[Any, ...]) -> bytes:
        """The digest of a snapshot, equal on all machines for equal states."""
        return state_digest(self.unpack(state))

    def render(self) -> list[Any]:
        """The draw commands of the present state."""
        return self._environment.render()

    def step(self, inputs: bytes) -> FrameResult | None:
        """Simulate one frame; after the end of the game do nothing and return None."""
        if self.is_over:
            return None
        actions = self._actions(inputs)
        given = copy.deepcopy(actions) if self._has_compound_actions else actions
        observations, raw_outcomes = self._environment.step(given)
        episode, step_number = self.episode, self.step_number
        at_limit = step_number + 1 == self._config.max_steps
        outcomes: list[tuple[Any, ...] | None] = []
        episode_over = True
        for raw in raw_outcomes:
            if raw is None:
                outcomes.append(None)
                continue
            reward, terminated, truncated, info = raw
            truncated = truncated or (at_limit and not terminated)
            if not (terminated or truncated):
                episode_over = False
            # Values are taken out now: the environment may reuse the dict in its next step.
            values = [info.get(key) for key in self.info_keys]
            outcomes.append((reward, terminated, truncated, *values))
        vacant = self._vacant(inputs)
        if episode_over:
            self._end_episode(vacant)
        else:
            self.step_number += 1
            self._policies.decide(self.step_number, observations, vacant)
        return FrameResult(episode, step_number, inputs, actions, outcomes, self.is_over)

    def _actions(self, inputs: bytes) -> list[Any]:
        """The action of every agent, from a participant's input or a policy's decision."""
        actions = list(self._policies.actions)
        table = self._config.actions
        for position, seat in enumerate(self._config.seat_of_agent):
            if seat is not None and inputs[seat] != VACANT:
                actions[position] = table[inputs[seat] & ACTION_MASK]
        return actions

    def _vacant(self, inputs: bytes) -> list[int]:
        """The positions of the agents whose participants are gone."""
        if VACANT not in inputs:
            return []
        return [
            position
            for position, seat in enumerate(self._config.seat_of_agent)
            if seat is not None and inputs[seat] == VACANT
        ]

    def _end_episode(self, vacant: Collection[int]) -> None:
        if self.episode + 1 == self._config.num_episodes:
            self.is_over = True
            return
        self.episode += 1
        self.step_number = 0
        self._begin_episode(vacant)

    def _begin_episode(self, vacant: Collection[int]) -> list[dict[str, Any]]:
        seed = episode_seed(self._config.seed, self.episode)
        observations, infos = self._environment.reset(seed)
        self._policies.reset(seed)
        self._policies.decide(0, observations, vacant)
        return infos


def episode_seed(seed: int, episode: int) -> int:
    """The environment seed of an episode: the game's seed for the first, then 31 derived bits."""
    if episode == 0:
        return seed
    digest = hashlib.sha256(f"{seed}:{episode}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def scalar_keys(infos: list[dict[str, Any]]) -> tuple[str, ...]:
    """The keys of the infos that can be columns and whose values fit into a cell, sorted."""
    return tuple(
        sorted(
            {
                key
                for info in infos
                for key, value in info.items()
                if is_column_key(key) and is_scalar(value)
            }
        )
    )


def is_column_key(key: Any) -> bool:
    """Whether the key of an info can be the name of a column: printable text, and no formula."""
    return (
        isinstance(key, str)
        and 0 < len(key) <= MAX_KEY_CHARS
        and key.isprintable()
        and not is_formula(f"info_{key}")
    )


def is_scalar(value: Any) -> bool:
    """Whether a value is None, text, a number or a boolean, or a NumPy scalar of these."""
    if value is None or isinstance(value, (str, int, float)):
        return True
    return hasattr(value, "item") and getattr(value, "ndim", None) == 0
