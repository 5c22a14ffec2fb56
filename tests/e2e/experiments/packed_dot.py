"""A dot of one participant whose environment needs packages: a compiled one and a pure one.

Its state is kept by msgpack, whose compiled module runs in the browser, and its label comes from
markdown-it-py, which needs mdurl. Run in participants' browsers.
"""

from typing import Any

import msgpack
import msgpack._cmsgpack  # the compiled part: without it, msgpack would fall back silently
from markdown_it import MarkdownIt

STEPS = {0: 0, 1: -3, 2: 3}
LABEL = MarkdownIt().render("*dot*").strip()


class PackedDot:
    """One agent, which steps to the left or to the right."""

    def __init__(self) -> None:
        self.possible_agents = ["dot"]
        self.agents = self.possible_agents[:]
        self.x = 150

    def reset(self, seed: int = 0, options: object = None) -> tuple[dict[str, int], dict[str, Any]]:
        """Place the dot by the seed."""
        self.agents = self.possible_agents[:]
        self.x = seed % 300
        return {"dot": self.x}, self._infos()

    def step(self, actions: dict[str, int]) -> tuple[dict[str, Any], ...]:
        """Move the dot."""
        self.x += STEPS[actions["dot"]]
        return {"dot": self.x}, {"dot": 0.0}, {"dot": False}, {"dot": False}, self._infos()

    def get_state(self) -> bytes:
        """Where the dot is, packed."""
        return msgpack._cmsgpack.Packer().pack({"x": self.x})

    def set_state(self, state: bytes) -> None:
        """Put the dot back where `get_state` found it."""
        self.x = msgpack.unpackb(state)["x"]

    def render(self) -> list[dict[str, Any]]:
        """The dot."""
        return [{"type": "circle", "id": "dot", "x": self.x, "y": 50, "radius": 12, "color": "red"}]

    def _infos(self) -> dict[str, dict[str, Any]]:
        return {"dot": {"x": self.x, "packed": len(self.get_state()), "label": LABEL}}


env = PackedDot()
