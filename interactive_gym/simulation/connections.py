"""How the connections of a simulated study depart from RTTs that are fixed and always measurable.

RTTs may change over the hours, some pairs may never connect, and some participants may stop
answering though the server still sees them connected.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from interactive_gym.options.validation import number
from interactive_gym.simulation.populations.pair_draws import PairDraws
from interactive_gym.simulation.populations.population import Cohort


@dataclass(frozen=True)
class ConnectionSettings:
    """What connections are like; by default nothing changes and all pairs can connect.

    Raises:
        ValueError: if a number is out of its range.
    """

    change: float = 0.0
    """By how much RTTs change: the amplitude of a slow wave in each pair's logarithm."""

    change_period_s: float = 7200.0
    """How long a wave is, in seconds; every pair has a phase of its own."""

    never_connect_share: float = 0.0
    """The share of pairs that can never be connected."""

    silent_leaver_share: float = 0.0
    """The share of participants who stop answering while the server sees them connected."""

    silent_after_s: float = 60.0
    """After which time of waiting they do so on average (exponentially distributed), in seconds."""

    def __post_init__(self) -> None:
        number("change", self.change, minimum=0)
        for name in ("change_period_s", "silent_after_s"):
            number(name, getattr(self, name), "seconds")
        for name in ("never_connect_share", "silent_leaver_share"):
            share = number(name, getattr(self, name), minimum=0)
            if share > 1.0:
                raise ValueError(f"{name} must be a share from 0 to 1; got {share}.")


class Connections:
    """The connections between the participants of one study.

    Args:
        settings: what connections are like.
        cohort: who there is, with the RTTs that change.
        rng: draws the pairs' phases, and which never connect.
    """

    def __init__(self, settings: ConnectionSettings, cohort: Cohort, rng: random.Random) -> None:
        self._settings = settings
        self._cohort = cohort
        self._phases = PairDraws(rng.getrandbits(64))
        self._barriers = PairDraws(rng.getrandbits(64))

    def rtt_ms(self, a: int, b: int, at_s: float) -> float:
        """The true P2P RTT of two participants at a moment, in milliseconds."""
        rtt_ms = self._cohort.rtt_ms(a, b)
        change = self._settings.change
        if change == 0.0:
            return rtt_ms
        turns = at_s / self._settings.change_period_s + self._phases.uniform(a, b)
        return rtt_ms * math.exp(change * math.sin(2.0 * math.pi * turns))

    def least_rtt_ms(self, a: int, b: int) -> float:
        """No RTT of this pair at any time is smaller, in milliseconds."""
        return self._cohort.rtt_ms(a, b) * math.exp(-self._settings.change)

    def can_connect(self, a: int, b: int) -> bool:
        """Whether two participants can be connected at all."""
        share = self._settings.never_connect_share
        return share == 0.0 or self._barriers.uniform(a, b) >= share
