"""When the participants of a simulated study arrive at the waitroom.

Each rule gives the times of a number of arrivals in order, in seconds from the beginning. It draws
from the generator it is given.
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
        """The rule in a few words, for tables and charts."""

    def times_s(self, participants: int, rng: random.Random) -> list[float]:
        """The arrival times of that many participants, in order, in seconds."""


@dataclass(frozen=True)
class PoissonArrivals:
    """Independent arrivals, as from a panel that shows the study to many people."""

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
    """Several arrivals at once, again and again, as when a study is released in slots."""

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
        """`size` arrivals at each multiple of `gap_s`, the first at 0."""
        return [index // self.size * self.gap_s for index in range(participants)]
