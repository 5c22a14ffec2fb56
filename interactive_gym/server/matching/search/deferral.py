"""Whether a proposal is worth its probe now, or is deferred: the rule of versions 0.1 and 0.2.

Ledgers that they wrote are replayed by it; `BoundedDeferral` is today's. A probe occupies its
participants, who may meanwhile miss a better partner. It is worth its price when

    p · (W + age_weight · mean age + G) ≥ price

with p the predicted probability of acceptance, W the typical wait, G the time since the last
arrival, and the price proportional to the typical duration of a probe. The left side is what an
acceptance saves: the wait that is still expected. It grows with the time already waited, as a long
wait indicates poor chances, and while no participant arrives. This is a reservation value as in
McCall, "Economics of information and job search" (1970), that falls with waiting, so every deferral
ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.statistics import MatchingStatistics

LEAST_P = 0.015
"""The least probability used in the rule, so that every deferral ends: at the defaults and with
probes of a second, within four minutes."""

SURE_P = 0.75
"""Proposals likelier than this are never deferred."""


@dataclass(frozen=True)
class Deferral:
    """The rule with its two parameters."""

    probe_price: float
    """What one second of a probe costs, in seconds of waiting."""

    age_weight: float
    """By how many seconds each second waited raises the wait that is still expected."""

    least_p_again: float = LEAST_P
    """The least probability that a pair is accepted when it is measured again."""

    def price(self, statistics: MatchingStatistics) -> float:
        """The price of a probe, in seconds of waiting."""
        return self.probe_price * statistics.typical_probe_s

    def wait_s(self, statistics: MatchingStatistics, now_s: float, mean_age_s: float) -> float:
        """The further wait expected after a mean wait of `mean_age_s`, in seconds."""
        typical_s = self.typical_wait_s(statistics)
        return typical_s + self.age_weight * mean_age_s + statistics.since_arrival_s(now_s)

    def typical_wait_s(self, statistics: MatchingStatistics) -> float:
        """The wait that anybody may expect, in seconds."""
        return max(statistics.typical_wait_s, self.price(statistics) / SURE_P)

    def expected_wait_s(self, candidate: MatchCandidate, pool: MatchPool) -> float:
        """What one candidate may expect to wait beyond that, in seconds."""
        return 0.0

    def hold_s(self, statistics: MatchingStatistics) -> float:
        """After how many seconds of waiting, of all members, a proposal is not deferred."""
        return math.inf

    def rank(self, p: float, worth_s: float, statistics: MatchingStatistics) -> float:
        """In which order proposals are made, the highest first."""
        price = self.price(statistics)
        return price * (worth_s / (price / p) - 1.0)

    def is_worth_it(
        self,
        p: float,
        statistics: MatchingStatistics,
        now_s: float,
        mean_age_s: float,
        expected_s: float = 0.0,
    ) -> bool:
        """Whether a proposal that is accepted with probability `p` is to be probed now.

        `expected_s` is the mean of what its members may expect to wait.
        """
        worth_s = self.wait_s(statistics, now_s, mean_age_s) + expected_s
        return max(p, LEAST_P) * worth_s >= self.price(statistics)
