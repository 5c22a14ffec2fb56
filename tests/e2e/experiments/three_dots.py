"""Three dots on a line: the smallest three-player ``ParallelEnv`` that shows whose input arrived.

Each agent steps its dot to the left or to the right, and all are rewarded when dots meet. Run in
participants' browsers; whole numbers alone, so every machine computes the same game.
"""

from typing import Any

WIDTH = 300
COLORS = {"red": "#c0392b", "green": "#1e8449", "blue": "#2471a3"}
STEPS = {0: 0, 1: -3, 2: 3}
"""By how many pixels each action moves a dot: stay, left, right."""


class ThreeDots:
    """Dots that start where the seed puts them and move within the canvas for ever."""

    metadata = {"name": "three_dots"}  # noqa: RUF012

    def __init__(self) -> None:
        self.possible_agents = list(COLORS)
        self.agents = self.possible_agents[:]
        self._x = dict.fromkeys(COLORS, WIDTH // 2)

    def reset(self, seed: int = 0, options: object = None) -> tuple[dict[str, int], dict[str, Any]]:
        """Place the dots by the seed."""
        self.agents = self.possible_agents[:]
        for index, agent in enumerate(self._x):
            self._x[agent] = (seed >> (8 * index)) % WIDTH
        return self._x.copy(), self._infos()

    def step(self, actions: dict[str, int]) -> tuple[dict[str, Any], ...]:
        """Move every dot, and reward all of them if two are at the same place."""
        for agent, action in actions.items():
            self._x[agent] = min(WIDTH, max(0, self._x[agent] + STEPS[action]))
        reward = float(len(self._x) - len(set(self._x.values())))
        goes_on = dict.fromkeys(self._x, False)
        return (
            self._x.copy(),
            dict.fromkeys(self._x, reward),
            goes_on,
            goes_on.copy(),
            self._infos(),
        )

    def get_state(self) -> tuple[int, ...]:
        """Where the dots are."""
        return tuple(self._x.values())

    def set_state(self, state: tuple[int, ...]) -> None:
        """Put the dots back where `get_state` found them."""
        self._x = dict(zip(self._x, state, strict=True))

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
    env = ThreeDots()
