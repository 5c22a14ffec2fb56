"""Whether a proposal is worth its probe now, or is deferred.

A probe occupies its participants, who may meanwhile miss a better partner. It is worth its price
when

    p · (W + age_weight · mean age + G) ≥ price

with p the predicted probability of acceptance, W the typical wait, G the time since the last
arrival, and the price proportional to the typical duration of a probe. The left side is what an
acceptance saves: the wait that is still expected. It grows with the time already waited, as a long
wait indicates poor chances, and while no participant arrives. This is a reservation value as in
McCall, "Economics of information and job search" (1970), that falls with waiting, so every deferral
ends.
"""

from __future__ import annotations

from dataclasses import dataclass

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

    def price(self, statistics: MatchingStatistics) -> float:
        """The price of a probe, in seconds of waiting."""
        return self.probe_price * statistics.typical_probe_s

    def wait_s(self, statistics: MatchingStatistics, now_s: float, mean_age_s: float) -> float:
        """The further wait expected after a mean wait of `mean_age_s`, in seconds."""
        typical_s = max(statistics.typical_wait_s, self.price(statistics) / SURE_P)
        return typical_s + self.age_weight * mean_age_s + statistics.since_arrival_s(now_s)

    def is_worth_it(
        self, p: float, statistics: MatchingStatistics, now_s: float, mean_age_s: float
    ) -> bool:
        """Whether a proposal that is accepted with probability `p` is to be probed now."""
        return max(p, LEAST_P) * self.wait_s(statistics, now_s, mean_age_s) >= self.price(
            statistics
        )
