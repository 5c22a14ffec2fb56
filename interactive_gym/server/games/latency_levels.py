"""Assigns games to levels of latency, as many to one as to another.

Permuted blocks: each block has every level once, in random order. See K. F. Schulz and D. A.
Grimes, "Generation of allocation sequences in randomised trials: chance, not choice", The Lancet
359 (2002).
"""

import random
from collections.abc import Sequence


class LatencyLevels:
    """The levels of one scene's games.

    Args:
        levels_ms: the levels, in milliseconds; empty where latency is not manipulated.
        rng: draws the order in each block.
    """

    def __init__(self, levels_ms: Sequence[float], rng: random.Random) -> None:
        self._levels_ms = tuple(levels_ms)
        self._rng = rng
        self._block: list[float] = []

    def draw(self) -> float | None:
        """The level of the next game; `None` where latency is not manipulated."""
        if not self._block:
            self._block = self._rng.sample(self._levels_ms, len(self._levels_ms))
        return self._block.pop() if self._block else None
