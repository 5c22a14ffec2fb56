"""Weights that make those who got a game stand for all who asked for one.

Inverse-probability weights (D. Horvitz and D. Thompson, "A generalization of sampling without
replacement from a finite universe", 1952), stabilized (J. Robins, M. Hernán and B. Brumback,
"Marginal structural models and causal inference in epidemiology", 2000). The probability of being
matched under a frozen plan is a logistic regression on the logarithm of the server RTT.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from interactive_gym.reporting.exclusion import Seeker, standardized_difference

LEAST_OF_EACH = 10
"""The fewest matched, and the fewest others, for which a regression is fitted."""

SMALL_PROBABILITY = 0.05
"""Below this a probability is close to none, and a weight rests on few people."""

_RIDGE = 1e-3
_STEPS = 50


@dataclass(frozen=True)
class Weighting:
    """The weights of a scene under one plan."""

    scene_id: str
    """The scene."""
    plan_digest: str | None
    """The plan."""
    matched: int
    """How many got a game."""
    others: int
    """How many left without one."""
    left_out: int
    """How many are not in the regression, as they may still wait or have no server RTT."""
    reason: str | None
    """Why there are no weights; `None` if there are."""
    slope: float | None = None
    """By how much the log odds of a game change when the server RTT doubles."""
    weights: tuple[tuple[str, float, float], ...] = ()
    """Subject, probability and weight of everybody who got a game."""
    effective: float | None = None
    """The effective number of them (L. Kish, "Survey sampling", 1965)."""
    difference_before: float | None = None
    """The standardized difference of log server RTT between the matched and all who asked."""
    difference_after: float | None = None
    """The same with the weights."""


def weightings_of(seekers: Sequence[Seeker]) -> list[Weighting]:
    """The weights of every scene and plan.

    Args:
        seekers: everybody who asked for a game.
    """
    groups: dict[tuple[str, str | None], list[Seeker]] = {}
    for seeker in seekers:
        groups.setdefault((seeker.scene_id, seeker.plan_digest), []).append(seeker)
    return [_weighting(*key, group) for key, group in groups.items()]


def _weighting(scene_id: str, plan_digest: str | None, group: list[Seeker]) -> Weighting:
    usable = [
        (it, math.log2(it.server_rtt_ms))
        for it in group
        if it.fate != "undecided" and it.server_rtt_ms is not None and it.server_rtt_ms > 0
    ]
    is_matched = [it.fate == "matched" for it, _ in usable]
    matched, others = sum(is_matched), len(usable) - sum(is_matched)
    left_out = len(group) - len(usable)
    if min(matched, others) < LEAST_OF_EACH:
        reason = (
            f"{matched} matched and {others} others with a server RTT; "
            f"a regression needs {LEAST_OF_EACH} of each"
        )
        return Weighting(scene_id, plan_digest, matched, others, left_out, reason)
    intercept, slope = logistic_fit([value for _, value in usable], is_matched)
    share = matched / len(usable)
    weights = []
    for (seeker, value), has_game in zip(usable, is_matched, strict=True):
        if has_game:
            probability = 1 / (1 + math.exp(-(intercept + slope * value)))
            weights.append((seeker.subject_id, probability, share / probability))
    total = sum(weight for *_, weight in weights)
    everybody = [(value, 1.0) for _, value in usable]
    values = [value for (_, value), has_game in zip(usable, is_matched, strict=True) if has_game]
    weighted = [(value, it[2]) for value, it in zip(values, weights, strict=True)]
    return Weighting(
        scene_id,
        plan_digest,
        matched,
        others,
        left_out,
        None,
        slope,
        tuple(weights),
        total**2 / sum(weight**2 for *_, weight in weights),
        standardized_difference([(value, 1.0) for value in values], everybody),
        standardized_difference(weighted, everybody),
    )


def logistic_fit(values: Sequence[float], outcomes: Sequence[bool]) -> tuple[float, float]:
    """Intercept and slope of a logistic regression, by Newton's method.

    A slight ridge penalty on the slope keeps it finite where a value tells the outcomes apart.

    Args:
        values: the predictor.
        outcomes: what came of each.
    """
    center = sum(values) / len(values)
    intercept = slope = 0.0
    for _ in range(_STEPS):
        gradient = [0.0, -_RIDGE * slope]
        curvature = [1e-9, 0.0, _RIDGE]
        for value, outcome in zip(values, outcomes, strict=True):
            x = value - center
            score = max(-30.0, min(30.0, intercept + slope * x))
            probability = 1 / (1 + math.exp(-score))
            residual, spread = outcome - probability, probability * (1 - probability)
            gradient[0] += residual
            gradient[1] += residual * x
            curvature[0] += spread
            curvature[1] += spread * x
            curvature[2] += spread * x * x
        determinant = curvature[0] * curvature[2] - curvature[1] ** 2
        if determinant <= 1e-12:
            break
        change = (
            (curvature[2] * gradient[0] - curvature[1] * gradient[1]) / determinant,
            (curvature[0] * gradient[1] - curvature[1] * gradient[0]) / determinant,
        )
        largest = max(map(abs, change))
        # Far steps can overshoot where the outcomes are nearly separated.
        scale = min(1.0, 4.0 / largest) if largest > 0 else 1.0
        intercept += scale * change[0]
        slope += scale * change[1]
        if largest < 1e-10:
            break
    return intercept - slope * center, slope
