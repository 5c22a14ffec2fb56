"""When a proposal is worth its probe, and when it had better wait for a better one.

A probe occupies its participants, who may meanwhile miss somebody they suit better. It is worth
its price when

    p · (W + age_weight · mean age + G) ≥ price

with p the predicted probability of acceptance, W the typical wait, G the time since somebody last
arrived, and the price proportional to the typical duration of a probe. The left side is what an
acceptance saves: the wait that is still expected, which grows with the time already waited as the
chances do not seem to be good, and when nobody comes any more. This is a reservation value as in
McCall, "Economics of information and job search" (1970), that falls with waiting; so a deferral
only ever puts off, and ends. Pure arithmetic of the pace that the GameManager keeps.
"""

from __future__ import annotations

from dataclasses import dataclass

from interactive_gym.server.matching.statistics import MatchingPace

LEAST_P = 0.015
"""Nothing is deferred as if it were less likely than this, so that every deferral ends: at the
defaults and with probes of a second, within four minutes."""

SURE_P = 0.75
"""What is likelier than this is never deferred."""


@dataclass(frozen=True)
class Deferral:
    """The rule with its two parameters."""

    probe_price: float
    """What one second of a probe costs, in seconds of waiting."""

    age_weight: float
    """By how many seconds each second waited raises the wait that is still expected."""

    def price(self, pace: MatchingPace) -> float:
        """The price of a probe, in seconds of waiting."""
        return self.probe_price * pace.typical_probe_s

    def wait_s(self, pace: MatchingPace, now_s: float, mean_age_s: float) -> float:
        """The wait still expected of people who have waited `mean_age_s`, in seconds."""
        typical_s = max(pace.typical_wait_s, self.price(pace) / SURE_P)
        return typical_s + self.age_weight * mean_age_s + pace.since_arrival_s(now_s)

    def is_worth_it(self, p: float, pace: MatchingPace, now_s: float, mean_age_s: float) -> bool:
        """Whether a proposal that is accepted with probability `p` is to be probed now."""
        return max(p, LEAST_P) * self.wait_s(pace, now_s, mean_age_s) >= self.price(pace)
