"""A dot that moves while its only player presses a key, and else stays: to time pictures by.

Run in the participant's browser; served by ``timed_dot.py``.
"""

from typing import Any

WIDTH = 300
STEPS = {0: 0, 1: -3, 2: 3}
"""By how many pixels each action moves the dot: stay, left, right."""


class OneDot:
    """The smallest ``ParallelEnv`` to be seen."""

    metadata = {"name": "one_dot"}  # noqa: RUF012

    def __init__(self) -> None:
        self.possible_agents = ["dot"]
        self.agents = ["dot"]
        self._x = WIDTH // 2

    def reset(self, seed: int = 0, options: object = None) -> tuple[dict[str, int], dict[str, Any]]:
        """Place the dot in the middle."""
        self.agents = ["dot"]
        self._x = WIDTH // 2
        return {"dot": self._x}, {"dot": {}}

    def step(self, actions: dict[str, int]) -> tuple[dict[str, Any], ...]:
        """Move the dot."""
        self._x = min(WIDTH, max(0, self._x + STEPS[actions["dot"]]))
        return {"dot": self._x}, {"dot": 0.0}, {"dot": False}, {"dot": False}, {"dot": {}}

    def get_state(self) -> int:
        """Where the dot is."""
        return self._x

    def set_state(self, state: int) -> None:
        """Put the dot back."""
        self._x = state

    def render(self) -> list[dict[str, Any]]:
        """The dot, as tall as the picture."""
        dot = {"type": "rect", "id": "dot", "x": self._x, "y": 0, "width": 12, "height": 200}
        return [dot | {"color": "#c0392b"}]


if __name__ == "__main__":
    env = OneDot()
