"""Whether a proposal is worth its probe now, or is held back for a while that has a bound.

A probe is worth its price when

    p · (w + age_weight · mean age + G) ≥ price

with p the predicted probability of acceptance, w how long the members may expect to wait for
another acceptable partner (see `Scarcity`), G the time since the last arrival, and the price
proportional to the typical duration of a probe that measured something. So whoever has few
acceptable partners is tried early and with less likely ones, and comes first among all who are
worth a probe: a partner who suits them is not spent on others, who find one soon anyway. It is a
reservation value as in McCall, "Economics of information and job search" (1970).

Predictions may be wrong, so what is not worth a probe is tried all the same once all members have
waited for the hold, which is a few probes' time, and a small share of the patience at most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.search.deferral import SURE_P, Deferral
from interactive_gym.server.matching.search.scarcity import Scarcity
from interactive_gym.server.matching.statistics import MatchingStatistics

LEAST_PROBE_S = 2.0
"""A probe counts as if it took this time at least, in seconds: two browsers connect for it, however
quickly that goes."""

HOLD_PROBES = 3.5
"""The hold, as a multiple of the typical duration of a probe."""

HOLD_SHARE = 0.05
"""The hold is at most this share of the patience."""


@dataclass(frozen=True)
class BoundedDeferral(Deferral):
    """The rule with its two parameters."""

    scarcity: Scarcity = field(default_factory=Scarcity)
    """Knows for whom acceptable partners are rare."""

    least_p_again: float = 1e-3
    """The least probability that a pair is accepted when it is measured again."""

    def price(self, statistics: MatchingStatistics) -> float:
        """The price of a probe, in seconds of waiting."""
        return self.probe_price * _probe_s(statistics)

    def typical_wait_s(self, statistics: MatchingStatistics) -> float:
        """Nothing: what is expected is known of each candidate."""
        return 0.0

    def expected_wait_s(self, candidate: MatchCandidate, pool: MatchPool) -> float:
        """How long a candidate may expect to wait for another partner, in seconds.

        It is never so short that a proposal likelier than `SURE_P` would be deferred.
        """
        least_s = self.price(pool.statistics) / SURE_P
        return max(least_s, self.scarcity.wait_s(candidate, pool))

    def hold_s(self, statistics: MatchingStatistics) -> float:
        """After how many seconds of waiting, of all members, a proposal is not deferred."""
        hold_s = HOLD_PROBES * _probe_s(statistics)
        patience_s = statistics.patience_s
        return hold_s if patience_s is None else min(hold_s, HOLD_SHARE * patience_s)

    def rank(self, p: float, worth_s: float, statistics: MatchingStatistics) -> float:
        """In which order proposals are made, the highest first.

        The root lets whoever is hard to match go before what is likely.
        """
        return math.sqrt(p) * worth_s


def _probe_s(statistics: MatchingStatistics) -> float:
    return max(LEAST_PROBE_S, statistics.typical_probe_s)
