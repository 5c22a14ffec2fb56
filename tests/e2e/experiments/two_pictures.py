"""Two pictures that their players move: the smallest ``ParallelEnv`` for two that draws images.

Run in participants' browsers; served by ``hosted.py``, with the images of ``pictures/``.
"""

from typing import Any

WIDTH = 300
STEPS = {0: 0, 1: -3, 2: 3}
"""By how many pixels each action moves a picture: stay, left, right."""
PICTURES = {"upper": "square.svg", "lower": "square.png"}


class TwoPictures:
    """Pictures that start where the seed puts them."""

    metadata = {"name": "two_pictures"}  # noqa: RUF012

    def __init__(self) -> None:
        self.possible_agents = list(PICTURES)
        self.agents = self.possible_agents[:]
        self._x = dict.fromkeys(PICTURES, 0)

    def reset(self, seed: int = 0, options: object = None) -> tuple[dict[str, int], dict[str, Any]]:
        """Place the pictures by the seed."""
        self.agents = self.possible_agents[:]
        self._x = dict.fromkeys(PICTURES, seed % WIDTH)
        return self._x.copy(), {agent: {} for agent in PICTURES}

    def step(self, actions: dict[str, int]) -> tuple[dict[str, Any], ...]:
        """Move both pictures."""
        for agent, action in actions.items():
            self._x[agent] = min(WIDTH, max(0, self._x[agent] + STEPS[action]))
        goes_on = dict.fromkeys(PICTURES, False)
        rewards = dict.fromkeys(PICTURES, 0.0)
        return self._x.copy(), rewards, goes_on, goes_on.copy(), {agent: {} for agent in PICTURES}

    def get_state(self) -> tuple[int, ...]:
        """Where the pictures are."""
        return tuple(self._x.values())

    def set_state(self, state: tuple[int, ...]) -> None:
        """Put the pictures back where `get_state` found them."""
        self._x = dict(zip(PICTURES, state, strict=True))

    def render(self) -> list[dict[str, Any]]:
        """The pictures, one below the other."""
        size = {"width": 40, "height": 40}
        return [
            {"type": "image", "id": agent, "asset": asset, "x": self._x[agent], **size}
            | {"y": 30 + 80 * row}
            for row, (agent, asset) in enumerate(PICTURES.items())
        ]


if __name__ == "__main__":
    env = TwoPictures()
