"""Recommends a threshold: the lowest one with which a study stays within its budget of waiting.

The simulated studies are a sample of what could happen. The mean share of participants that they
match in time has the interval of Student ("The probable error of a mean", Biometrika 6, 1908), and
a threshold is recommended if all of that interval is within the budget.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from interactive_gym.simulation.threshold_forecast import ThresholdForecast

CONFIDENCE = 0.95
"""The confidence of intervals."""


@dataclass(frozen=True)
class Budget:
    """How many participants must get a game, and how soon."""

    matched_share: float = 0.95
    """The share of participants, from 0 to 1."""

    within_s: float = 60.0
    """The longest wait that counts, in seconds."""


@dataclass(frozen=True)
class InTime:
    """The share of participants who got a game in time, over the simulated studies."""

    mean: float
    """The mean of the studies."""

    low: float | None
    """The lower end of its interval, at least 0; `None` with a single study."""

    high: float | None
    """The upper end, at most 1; `None` with a single study."""

    worst: float
    """The share in the worst study."""


@dataclass(frozen=True)
class Recommendation:
    """What follows for a study."""

    budget: Budget
    """The budget."""

    threshold_ms: float | None
    """The recommended threshold in milliseconds; `None` if none fits."""

    in_time: tuple[InTime, ...]
    """The shares of each threshold, in the order of the forecasts."""

    sentence: str
    """The recommendation in a sentence."""


def recommend(forecasts: Sequence[ThresholdForecast], budget: Budget) -> Recommendation:
    """Recommend one of the thresholds of a forecast, or none.

    Args:
        forecasts: the forecast of each threshold.
        budget: what the study can afford.
    """
    in_time = tuple(in_time_of(each, budget.within_s) for each in forecasts)
    pairs = sorted(zip(forecasts, in_time, strict=True), key=lambda pair: pair[0].threshold_ms)
    fitting = [pair for pair in pairs if _lower_end(pair[1]) >= budget.matched_share]
    best = fitting[0] if fitting else None
    return Recommendation(
        budget,
        None if best is None else best[0].threshold_ms,
        in_time,
        _none_fits(pairs, budget) if best is None else _fits(*best, budget),
    )


def in_time_of(forecast: ThresholdForecast, within_s: float) -> InTime:
    """The share of participants who got a game with this wait at most."""
    shares = [
        sum(wait_s <= within_s for wait_s in waits_s)
        / len(forecast.waits_s)
        * len(forecast.studies)
        for waits_s in forecast.matched_waits_s
    ]
    mean, worst = statistics.fmean(shares), min(shares)
    if len(shares) < 2:
        return InTime(mean, None, None, worst)
    low, high = mean_interval(shares)
    return InTime(mean, max(0.0, low), min(1.0, high), worst)


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Student's interval of the mean of at least two values, with `CONFIDENCE`."""
    mean, error = statistics.fmean(values), statistics.stdev(values) / math.sqrt(len(values))
    reach = error * t_quantile(len(values) - 1)
    return mean - reach, mean + reach


def t_quantile(degrees: int) -> float:
    """The quantile of Student's t that an interval with `CONFIDENCE` on both sides needs.

    Exact for one and two degrees of freedom; else the expansion of M. Abramowitz and I. A. Stegun,
    "Handbook of Mathematical Functions" (1964), 26.7.5, whose error is below 1% at three degrees
    and below 0.1% from six on.
    """
    p = (1.0 + CONFIDENCE) / 2.0
    if degrees == 1:
        return math.tan(math.pi * (p - 0.5))
    if degrees == 2:
        return (2.0 * p - 1.0) * math.sqrt(2.0 / (4.0 * p * (1.0 - p)))
    x = NormalDist().inv_cdf(p)
    terms = (
        x,
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return math.fsum(term / degrees**power for power, term in enumerate(terms))


def in_words(in_time: InTime) -> str:
    """A share with its interval."""
    if in_time.low is None or in_time.high is None:
        return f"{in_time.mean:.1%}"
    return f"{in_time.mean:.1%} ({in_time.low:.1%}–{in_time.high:.1%})"


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"


def _lower_end(in_time: InTime) -> float:
    return in_time.mean if in_time.low is None else in_time.low


def _fits(forecast: ThresholdForecast, in_time: InTime, budget: Budget) -> str:
    return (
        f"Recommended: {forecast.threshold_ms:g} ms, the lowest threshold that matches "
        f"{_goal(budget)}: {_evidence(forecast, in_time)}."
    )


def _none_fits(pairs: Sequence[tuple[ThresholdForecast, InTime]], budget: Budget) -> str:
    forecast, in_time = max(pairs, key=lambda pair: pair[1].mean)
    return (
        f"No threshold is recommended, as none is sure to match {_goal(budget)}. "
        f"{forecast.threshold_ms:g} ms comes nearest: {_evidence(forecast, in_time)}."
    )


def _goal(budget: Budget) -> str:
    return f"{budget.matched_share * 100:.4g}% within {budget.within_s:g} s"


def _evidence(forecast: ThresholdForecast, in_time: InTime) -> str:
    count = len(forecast.studies)
    if in_time.low is None or in_time.high is None:
        return f"{in_time.mean:.1%} in the only simulated study"
    return (
        f"{in_time.mean:.1%} on average of {count} simulated studies ({CONFIDENCE:.0%} interval "
        f"{in_time.low:.1%} to {in_time.high:.1%}), {in_time.worst:.1%} in the worst"
    )
