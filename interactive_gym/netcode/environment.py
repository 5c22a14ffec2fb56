"""One interface for researchers' environments: PettingZoo's parallel and AEC, and Gymnasium's.

It lists the results of each agent, and takes and loads snapshots. Neither library is imported: an
environment is recognized by its methods. ``simulation`` uses it.
"""

import pickle
from collections.abc import Sequence
from typing import Any

from interactive_gym.netcode.game_config import Agent
from interactive_gym.netcode.pixels import is_picture, pixels
from interactive_gym.netcode.turns import TurnBased, is_turn_based

Outcome = tuple[Any, Any, Any, dict[str, Any]]
"""What a step gave one agent: reward, terminated, truncated, info."""


class Environment:
    """An environment of PettingZoo's ``ParallelEnv`` interface.

    A snapshot is what the environment's ``get_state`` returns, which must not change afterwards, or
    a pickle of the whole environment where it lacks ``get_state`` and ``set_state``.

    Args:
        env: The researcher's environment.
        agents: Every agent, in the order in which actions are given and outcomes returned.

    Raises:
        ValueError: The environment has other agents than these, or no way to save its state.
    """

    def __init__(self, env: Any, agents: Sequence[Agent]) -> None:
        self._env = env
        self._agents = tuple(agents)
        self._check_agents()
        self._has_state = callable(getattr(env, "get_state", None)) and callable(
            getattr(env, "set_state", None)
        )
        if not self._has_state:
            self._check_pickles()

    def _check_agents(self) -> None:
        known = list(getattr(self._env, "possible_agents", None) or self._env.agents)
        unplayed = [agent for agent in known if agent not in self._agents]
        if unplayed:
            raise ValueError(
                f"The environment has agents that no seat controls: {unplayed!r}; "
                "name every agent in the policy mapping."
            )
        strangers = [agent for agent in self._agents if agent not in known]
        if strangers:
            raise ValueError(
                f"The seats control agents that the environment does not have: {strangers!r}; "
                f"its agents are {known!r}."
            )

    def _check_pickles(self) -> None:
        try:
            pickle.dumps(self._env, pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            raise ValueError(
                f"The environment {type(self._env).__name__} cannot be saved for rollback: it has "
                f"no get_state() and set_state(state), and pickling it fails ({error})."
            ) from error

    def reset(self, seed: int) -> tuple[list[Any], list[dict[str, Any]]]:
        """Begin an episode and return each agent's observation (or None) and info."""
        observations, infos = self._env.reset(seed=seed)[:2]
        return (
            [observations.get(agent) for agent in self._agents],
            [infos.get(agent, {}) for agent in self._agents],
        )

    def step(self, actions: Sequence[Any]) -> tuple[list[Any], list[Outcome | None]]:
        """Take one step with an action per agent.

        Returns:
            Each agent's observation and outcome; None for an agent that has left the episode.
        """
        taking_part = self._env.agents
        observations, rewards, terminations, truncations, infos = self._env.step(
            {
                agent: action
                for agent, action in zip(self._agents, actions, strict=True)
                if agent in taking_part
            }
        )
        outcomes = [
            (rewards[agent], terminations[agent], truncations[agent], infos.get(agent, {}))
            if agent in rewards
            else None
            for agent in self._agents
        ]
        return [observations.get(agent) for agent in self._agents], outcomes

    def render(self) -> list[Any]:
        """The environment's draw commands; empty if it draws nothing.

        A picture of pixels, as of ``render_mode="rgb_array"``, becomes one command.

        Raises:
            TypeError: ``render`` returned neither a list nor a picture.
        """
        commands = self._env.render()
        if commands is None:
            return []
        if is_picture(commands):
            return [pixels(commands)]
        if not isinstance(commands, list):
            raise TypeError(
                "render() must return a list of draw commands (docs/protocol.md §6) or an array of "
                f"RGB pixels in uint8, not {_named(commands)}."
            )
        return commands

    def save(self) -> Any:
        """A snapshot of the environment."""
        if self._has_state:
            return self._env.get_state()
        return pickle.dumps(self._env, pickle.HIGHEST_PROTOCOL)

    def unpack(self, state: Any) -> Any:
        """The content of a snapshot, for comparing one with another."""
        return state if self._has_state else pickle.loads(state)

    def load(self, state: Any) -> None:
        """Load a snapshot."""
        if self._has_state:
            self._env.set_state(state)
        else:
            self._env = pickle.loads(state)


class SingleAgentEnvironment(Environment):
    """An environment of Gymnasium's ``Env`` interface."""

    def _check_agents(self) -> None:
        if len(self._agents) != 1:
            raise ValueError(
                f"The environment {type(self._env).__name__} has a single agent, but the seats "
                f"control {len(self._agents)}: {list(self._agents)!r}."
            )

    def reset(self, seed: int) -> tuple[list[Any], list[dict[str, Any]]]:
        """Begin an episode and return the agent's observation and info."""
        observation, info = self._env.reset(seed=seed)
        return [observation], [info]

    def step(self, actions: Sequence[Any]) -> tuple[list[Any], list[Outcome | None]]:
        """Take one step with the agent's action."""
        observation, *outcome = self._env.step(actions[0])
        return [observation], [tuple(outcome)]


def _named(value: Any) -> str:
    """A value by its type, and an array also by its shape and kind."""
    shape, kind = getattr(value, "shape", None), getattr(value, "dtype", None)
    name = type(value).__name__
    return name if shape is None else f"{name} of {kind} with the shape {tuple(shape)}"


def adapt(env: Any, agents: Sequence[Agent]) -> Environment:
    """Wrap a researcher's environment by the interface it has.

    Raises:
        ValueError: The environment does not fit the agents, or cannot be saved.
        TypeError: The object is not an environment.
    """
    if is_turn_based(env):
        env = TurnBased(env)
    for name in ("reset", "step", "render"):
        if not callable(getattr(env, name, None)):
            raise TypeError(
                f"The environment {type(env).__name__} has no {name}() method; it must follow "
                "PettingZoo's ParallelEnv or AECEnv, or Gymnasium's Env."
            )
    if hasattr(env, "possible_agents") or hasattr(env, "agents"):
        return Environment(env, agents)
    return SingleAgentEnvironment(env, agents)
