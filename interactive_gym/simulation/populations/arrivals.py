"""When the people of a simulated study arrive at the waitroom.

Each rule gives the times of as many arrivals as asked for, in seconds from the first moment,
in order. It draws from the generator it is given and knows nothing of who arrives.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import Protocol

from interactive_gym.options.validation import number, whole_number


class Arrivals(Protocol):
    """A rule for the times of arrivals."""

    @property
    def description(self) -> str:
        """The rule in a few words for tables and pictures."""

    def times_s(self, participants: int, rng: random.Random) -> list[float]:
        """The arrival times of that many people, in order, in seconds."""


@dataclass(frozen=True)
class PoissonArrivals:
    """People arrive independently of each other, as from a panel that shows the study to many."""

    mean_gap_s: float
    """The average time between two arrivals, in seconds."""

    def __post_init__(self) -> None:
        number("mean_gap_s", self.mean_gap_s, "seconds")

    @property
    def description(self) -> str:
        """The rule in a few words."""
        return f"an arrival every {self.mean_gap_s:g} s (Poisson)"

    def times_s(self, participants: int, rng: random.Random) -> list[float]:
        """Arrival times with exponential gaps."""
        gaps = (rng.expovariate(1.0 / self.mean_gap_s) for _ in range(participants))
        return list(itertools.accumulate(gaps))


@dataclass(frozen=True)
class BurstArrivals:
    """Some arrive at the same moment, again and again, as when a study is released in slots."""

    size: int
    """How many arrive together."""

    gap_s: float
    """The time from one burst to the next, in seconds."""

    def __post_init__(self) -> None:
        whole_number("size", self.size, 1)
        number("gap_s", self.gap_s, "seconds")

    @property
    def description(self) -> str:
        """The rule in a few words."""
        return f"{self.size} at once every {self.gap_s:g} s"

    def times_s(self, participants: int, rng: random.Random) -> list[float]:
        """Arrival times with `size` people at each multiple of `gap_s`, the first at 0."""
        return [index // self.size * self.gap_s for index in range(participants)]
