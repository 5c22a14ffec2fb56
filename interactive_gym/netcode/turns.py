"""Turn-based environments, of PettingZoo's AEC interface, played as those in which all act at once.

A frame is not a turn: in each frame the agent whose turn it is may act, and an action that is not
legal is neutral. ``environment.adapt`` uses it; PettingZoo is not imported.
"""

from typing import Any

IS_TURN = "is_turn"
"""The info, and so the column, that tells whether it is an agent's turn."""
LEGAL_ACTIONS = "legal_actions"
"""The info that lists the actions that an agent's mask allows, such as ``0 3 4``."""


def is_turn_based(env: Any) -> bool:
    """Whether an environment has PettingZoo's AEC interface."""
    names = ("observe", "last", "possible_agents", "agent_iter")
    return not isinstance(env, TurnBased) and all(hasattr(env, name) for name in names)


class TurnBased:
    """An environment of turns with PettingZoo's ParallelEnv interface.

    It keeps nothing of its own, so that a state is the environment's. What it lacks is taken from
    the environment.

    Args:
        env: The researcher's environment.
    """

    def __init__(self, env: Any) -> None:
        self.env = env

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "env" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.__dict__["env"], name)

    @property
    def agents(self) -> list[str | int]:
        """The agents that still take part."""
        env = self.env
        return [
            agent
            for agent in getattr(env, "agents", [])
            if not (env.terminations[agent] or env.truncations[agent])
        ]

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        """Begin an episode."""
        self.env.reset(seed=seed)
        return self._observations(self.agents), self._infos(self.agents)

    def step(self, actions: dict[str | int, Any]) -> tuple[Any, Any, Any, Any, Any]:
        """Let the agent whose turn it is act, if its action is legal."""
        env, taking_part = self.env, self.agents
        rewards: dict[str | int, Any] = dict.fromkeys(taking_part, 0)
        agent = env.agent_selection
        if agent in actions and self._is_legal(agent, actions[agent]):
            env.step(actions[agent])
            rewards = {agent: env.rewards.get(agent, 0) for agent in taking_part}
        ended = [
            {agent: bool(flags.get(agent, True)) for agent in taking_part}
            for flags in (env.terminations, env.truncations)
        ]
        told = self._observations(taking_part), self._infos(taking_part)
        self._take_out_ended()
        return told[0], rewards, ended[0], ended[1], told[1]

    def _take_out_ended(self) -> None:
        """Step those with no action whose episode is over, as the interface demands."""
        env = self.env
        while env.agents:
            agent = env.agent_selection
            if not (env.terminations[agent] or env.truncations[agent]):
                return
            env.step(None)

    def _is_legal(self, agent: str | int, action: Any) -> bool:
        mask = self._mask(agent)
        if mask is not None:
            is_index = isinstance(action, int) and not isinstance(action, bool)
            return is_index and 0 <= action < len(mask) and bool(mask[action])
        space = self.env.action_space(agent) if hasattr(self.env, "action_space") else None
        return action is not None and (space is None or bool(space.contains(action)))

    def _mask(self, agent: str | int) -> Any:
        """Which actions are legal for an agent, by observation or info; None if neither tells."""
        observation = self.env.observe(agent)
        if isinstance(observation, dict) and "action_mask" in observation:
            return observation["action_mask"]
        return self.env.infos.get(agent, {}).get("action_mask")

    def _observations(self, agents: list[str | int]) -> dict[str | int, Any]:
        return {agent: self.env.observe(agent) for agent in agents}

    def _infos(self, agents: list[str | int]) -> dict[str | int, dict[str, Any]]:
        infos = {}
        for agent in agents:
            own = {k: v for k, v in self.env.infos.get(agent, {}).items() if k != "action_mask"}
            is_over = self.env.terminations.get(agent, True) or self.env.truncations.get(agent)
            is_turn = agent == self.env.agent_selection and not is_over
            infos[agent] = {**own, IS_TURN: is_turn}
            mask = self._mask(agent)
            if mask is not None:
                legal = [str(number) for number, allowed in enumerate(mask) if allowed]
                infos[agent][LEGAL_ACTIONS] = " ".join(legal) if is_turn else ""
        return infos
