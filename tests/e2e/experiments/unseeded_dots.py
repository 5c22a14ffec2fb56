"""Two dots on a line, with the classic mistake: later they draw from the unseeded ``random``.

Run in participants' browsers by tests of what becomes of a game on which browsers do not agree.
"""

import random
from typing import Any

WIDTH = 300
COLORS = {"red": "#c0392b", "green": "#1e8449"}
FAITHFUL_STEPS = 90
"""For so many steps every browser computes the same."""


class UnseededDots:
    """A ``ParallelEnv`` that breaks its promise after `FAITHFUL_STEPS`."""

    metadata = {"name": "unseeded_dots"}  # noqa: RUF012

    def __init__(self) -> None:
        self.possible_agents = list(COLORS)
        self.agents = self.possible_agents[:]
        self._x = dict.fromkeys(COLORS, WIDTH // 2)
        self._steps = 0

    def reset(self, seed: int = 0, options: object = None) -> tuple[dict[str, int], dict[str, Any]]:
        """Place the dots in the middle."""
        self.agents = self.possible_agents[:]
        self._x = dict.fromkeys(COLORS, WIDTH // 2)
        self._steps = 0
        return self._x.copy(), self._infos()

    def step(self, actions: dict[str, int]) -> tuple[dict[str, Any], ...]:
        """Move the dots as their players say, and later as chance will have it."""
        self._steps += 1
        for agent, action in actions.items():
            step = (0, -3, 3)[action]
            if self._steps > FAITHFUL_STEPS:
                step += random.randrange(3)
            self._x[agent] = min(WIDTH, max(0, self._x[agent] + step))
        goes_on = dict.fromkeys(self._x, False)
        return self._x.copy(), dict.fromkeys(self._x, 0.0), goes_on, goes_on.copy(), self._infos()

    def get_state(self) -> tuple[int, ...]:
        """Where the dots are, and since when."""
        return self._steps, *self._x.values()

    def set_state(self, state: tuple[int, ...]) -> None:
        """Go back to where `get_state` was called."""
        self._steps, *places = state
        self._x = dict(zip(self._x, places, strict=True))

    def render(self) -> list[dict[str, Any]]:
        """The dots, one below the other."""
        return [
            {"type": "circle", "id": agent, "x": x, "y": 50 + 50 * row, "radius": 12}
            | {"color": COLORS[agent]}
            for row, (agent, x) in enumerate(self._x.items())
        ]

    def _infos(self) -> dict[str, dict[str, int]]:
        return {agent: {"x": x} for agent, x in self._x.items()}


if __name__ == "__main__":
    env = UnseededDots()
