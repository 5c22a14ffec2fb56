"""Two dots, each of which moves while its player presses a key, and else stays: to time them by.

Run in participants' browsers; served by ``equal_latency.py``. The left player's dot is in the upper
half of the picture, the other's in the lower.
"""

from typing import Any

WIDTH = 300
HALF = 100
COLORS = {"upper": "#c0392b", "lower": "#1e8449"}
STEPS = {0: 0, 1: -3, 2: 3}
"""By how many pixels each action moves a dot: stay, left, right."""


class TwoDots:
    """The smallest ``ParallelEnv`` in which two can be told apart."""

    metadata = {"name": "two_dots"}  # noqa: RUF012

    def __init__(self) -> None:
        self.possible_agents = list(COLORS)
        self.agents = self.possible_agents[:]
        self._x = dict.fromkeys(COLORS, WIDTH // 2)

    def reset(self, seed: int = 0, options: object = None) -> tuple[dict[str, int], dict[str, Any]]:
        """Place both in the middle."""
        self.agents = self.possible_agents[:]
        self._x = dict.fromkeys(COLORS, WIDTH // 2)
        return self._x.copy(), {agent: {"x": x} for agent, x in self._x.items()}

    def step(self, actions: dict[str, int]) -> tuple[dict[str, Any], ...]:
        """Move both."""
        for agent, action in actions.items():
            self._x[agent] = min(WIDTH, max(0, self._x[agent] + STEPS[action]))
        goes_on = dict.fromkeys(self._x, False)
        infos = {agent: {"x": x} for agent, x in self._x.items()}
        return self._x.copy(), dict.fromkeys(self._x, 0.0), goes_on, goes_on.copy(), infos

    def get_state(self) -> tuple[int, ...]:
        """Where the dots are."""
        return tuple(self._x.values())

    def set_state(self, state: tuple[int, ...]) -> None:
        """Put the dots back."""
        self._x = dict(zip(self._x, state, strict=True))

    def render(self) -> list[dict[str, Any]]:
        """The dots, each as tall as its half of the picture."""
        return [
            {"type": "rect", "id": agent, "x": x, "y": HALF * row, "width": 12, "height": HALF}
            | {"color": COLORS[agent]}
            for row, (agent, x) in enumerate(self._x.items())
        ]


if __name__ == "__main__":
    env = TwoDots()
