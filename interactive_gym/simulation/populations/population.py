"""The participants of simulated studies: server RTTs, and a true P2P RTT for every pair.

A cohort, the participants of one study, is drawn from a population. The simulator decides what a
matchmaker may know of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Cohort:
    """The participants of one simulated study, by index from 0."""

    server_rtt_ms: tuple[float, ...]
    """The true server RTTs in milliseconds."""

    rtt_ms: Callable[[int, int], float]
    """The true P2P RTT of two participants in milliseconds, in either order."""

    regions: tuple[str, ...] | None = None
    """The region of each participant, if the population has regions."""

    def __len__(self) -> int:
        return len(self.server_rtt_ms)


class Population(Protocol):
    """What cohorts are drawn from."""

    @property
    def description(self) -> str:
        """What it is in a few words, for tables and charts."""

    @property
    def most_participants(self) -> int | None:
        """How many participants can all be different; `None` for any number."""

    def cohort(self, participants: int, rng: random.Random) -> Cohort:
        """Draw the participants of one study."""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of `values` lies, interpolated linearly.

    Raises:
        ValueError: if there are no values.
    """
    if not values:
        raise ValueError("There is no percentile of nothing.")
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
