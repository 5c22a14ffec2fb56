"""The smallest game that shows every difference: a wrong input is never forgotten in its rows."""

from typing import Any

MULTIPLIER, INCREMENT, MODULUS = 1664525, 1013904223, 2**32


class StubGame:
    """Agents push a number about; an episode ends when it hits a rare value.

    Follows PettingZoo's ParallelEnv. Its random numbers are an integer, part of the state.
    """

    def __init__(self, num_agents: int = 2) -> None:
        self.possible_agents = [f"player_{number}" for number in range(num_agents)]
        self.agents: list[str] = []
        self.rng = 0
        self.totals = [0.0] * num_agents

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        self.agents = list(self.possible_agents)
        self.rng = seed or 0
        self.totals = [0.0] * len(self.possible_agents)
        return dict.fromkeys(self.agents, self.rng), self._infos()

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        for number, agent in enumerate(self.possible_agents):
            self.rng = (self.rng * MULTIPLIER + INCREMENT + actions[agent]) % MODULUS
            self.totals[number] += self.rng / MODULUS - 0.5
        over = self.rng % 61 == 0
        rewards = {agent: self.totals[n] / 3 for n, agent in enumerate(self.possible_agents)}
        ended = dict.fromkeys(self.possible_agents, over)
        if over:
            self.agents = []
        return {}, rewards, ended, dict.fromkeys(self.possible_agents, False), self._infos()

    def _infos(self) -> dict[str, Any]:
        return {agent: {"rng": self.rng, "totals": []} for agent in self.possible_agents}

    def get_state(self) -> tuple[Any, ...]:
        return self.rng, tuple(self.totals), tuple(self.agents)

    def set_state(self, state: tuple[Any, ...]) -> None:
        self.rng, self.totals, self.agents = state[0], list(state[1]), list(state[2])

    def render(self) -> list[dict[str, Any]]:
        return [
            {"type": "circle", "id": n, "x": total, "y": 10, "radius": 5, "color": "red"}
            for n, total in enumerate(self.totals)
        ]
