"""Predicts the P2P RTT of two participants who were never connected, from their server RTTs.

It learns from every verdict, and a prediction states its uncertainty.

Two participants at server RTTs a and b have a P2P RTT between L = |a − b| and U = a + b, as far as
the triangle inequality holds (Francis et al., "IDMaps", 2001, bound distances in the same way). If
all lie in a plane around the server and all angles are equally likely, the RTT follows from the law
of cosines, which gives the probability that it is within a threshold t. Real paths are no plane, so
this is only the offset of a logistic regression on 1, log(L/t + 0.1) and log(U/t). These have no
unit, so what was learnt holds for a relaxed threshold too. Each participant also has an effect of
their own, for what server RTTs do not show, such as a bad last mile or a location on the far side
of the server. Weights and effects are Gaussian beliefs, updated once per verdict by one step of
assumed-density filtering, which for a logistic likelihood is that of Spiegelhalter and Lauritzen,
"Sequential updating of conditional probabilities on directed graphical structures" (1990).
Probabilities average over the beliefs by MacKay's approximation, "The evidence framework applied
to classification networks" (1992): uncertain probabilities are drawn towards one half.

What is learnt from some pairs need not hold for others: rejections among participants near the
server would make a far region look hopeless, so that it is never probed and never learnt about. So
where few verdicts were given, the higher of the geometric and the learnt probability counts. This
is optimism in the face of uncertainty, as in Auer, Cesa-Bianchi and Fischer, "Finite-time analysis
of the multiarmed bandit problem" (2002). It affects what is probed, not what is predicted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, sqrt

from interactive_gym.server.matching.candidate import MatchCandidate

UNKNOWN_BIN = -1
"""The bin of participants whose server RTT is not known."""

_BIN_STEP = 0.03
"""Server RTTs are binned in logarithmic steps of 3%, finer than they can be measured."""

_PROBIT = math.pi / 8.0
"""By how much a variance flattens a logistic curve, in MacKay's approximation."""

_PATH_NOISE = ((-1.6, -0.8, 0.0, 0.8, 1.6), 0.35)
"""Points in standard deviations, and the standard deviation of the logarithm of real paths."""

_LEAST_GEOMETRIC = 0.003
"""The geometric probability is at least this far from 0 and from 1."""

_BLIND_MEDIAN_MS, _BLIND_SPREAD = 100.0, 0.5
"""For two participants without server RTTs: median P2P RTT, and the scale of its logarithm."""

_LARGEST_FEATURE = 2.5
"""Logarithms further from 0 than this are cut: nothing was learnt of such pairs."""

_VIOLATION = 1.6
"""By which factor an RTT is thought to exceed U, or to fall below L, at most. About 6% of the
triples of PlanetLab violate the triangle inequality at all."""

_REGION_STEP = 0.5
"""Verdicts count as given nearby within a square of this side in the two features."""

_HOPEFUL_VERDICTS = 4.0
"""After so many verdicts nearby, half of the difference to a higher geometric probability is
left."""

_QUANTILE_STEPS = 40
"""At how many thresholds the distribution of an RTT is computed."""


@dataclass(frozen=True)
class Prediction:
    """A predicted P2P RTT with its uncertainty."""

    median_ms: float
    """As likely above as below, in milliseconds."""

    low_ms: float
    """In nine cases of ten the RTT is larger, in milliseconds."""

    high_ms: float
    """In nine cases of ten the RTT is smaller, in milliseconds."""


@dataclass(frozen=True)
class Effect:
    """The belief about one participant beyond their server RTT, on the logistic scale."""

    mean: float
    """Above 0 if their pairs are accepted more often than their server RTT says."""

    variance: float
    """How unsure that is."""


Linear = tuple[float, float]
"""The linear predictor of two bins, and 1 + π/8 times its variance."""


Features = tuple[float, float, float, float]
"""The features of two bins: 1, log(L/t + 0.1), log(U/t), and 0; or 0, 0, 0 and 1 if one of the two
server RTTs is not known."""


class Row(dict[int, Linear]):
    """One bin against every other, filled when asked for."""

    def __init__(self, predictor: RttPredictor, threshold_ms: float, own: int) -> None:
        super().__init__()
        self._predictor, self._threshold_ms, self._own = predictor, threshold_ms, own

    def __missing__(self, other: int) -> Linear:
        value = self[other] = self._predictor.linear(self._threshold_ms, self._own, other)
        return value


class RttPredictor:
    """The probability that a pair's P2P RTT is within a threshold.

    Args:
        weight_sd: prior standard deviation of the regression's weights.
        person_sd: prior standard deviation of a participant's own effect; at 0.7, one standard
            deviation doubles or halves the odds.
    """

    def __init__(self, *, weight_sd: float = 1.0, person_sd: float = 0.7) -> None:
        # The fourth weight is the intercept of pairs with an unknown server RTT.
        self._weights = [0.0] * 4
        self._covariance = [[weight_sd**2 if i == j else 0.0 for j in range(4)] for i in range(4)]
        self.stranger = Effect(0.0, person_sd**2)
        """The belief about a participant of whom nothing was measured."""
        self._outbox: dict[str, Effect] = {}
        self._features: dict[tuple[float, int, int], tuple[float, Features]] = {}
        self._rows: dict[tuple[float, int], Row] = {}
        self._verdicts_nearby: dict[tuple[int, ...], int] = {}
        self._observed = 0
        self._published_at = 0
        self._published = (list(self._weights), [list(row) for row in self._covariance])

    @property
    def version(self) -> int:
        """Changes when the predictions of all pairs do, not only those of the two just observed.

        That happens whenever there is 5% more evidence, so that readers may cache what they compute
        in between.
        """
        return self._published_at

    @staticmethod
    def bin_of(server_rtt_ms: float | None) -> int:
        """The bin of a server RTT in milliseconds; participants of one bin are treated alike."""
        if server_rtt_ms is None or not 0.0 <= server_rtt_ms < math.inf:
            return UNKNOWN_BIN
        return round(math.log(max(1.0, min(server_rtt_ms, 10_000.0))) / _BIN_STEP)

    def effect(self, subject_id: str) -> Effect:
        """The belief about this participant."""
        return self._outbox.get(subject_id, self.stranger)

    def forget(self, subject_id: str) -> None:
        """Drop the belief about a participant who is gone for good."""
        self._outbox.pop(subject_id, None)

    def p_accept(self, a: MatchCandidate, b: MatchCandidate, threshold_ms: float) -> float:
        """The probability that the P2P RTT of two candidates is at most `threshold_ms`, hopeful
        where little is known."""
        linear = self.row(threshold_ms, self.bin_of(a.rtt_ms))[self.bin_of(b.rtt_ms)]
        return self._probability(linear, a, b)

    def _probability(self, linear: Linear, a: MatchCandidate, b: MatchCandidate) -> float:
        eta, flattening = linear
        effect_a, effect_b = self.effect(a.subject_id), self.effect(b.subject_id)
        eta += effect_a.mean + effect_b.mean
        variance = effect_a.variance + effect_b.variance
        return _sigmoid(eta / sqrt(flattening + _PROBIT * variance))

    def predict(self, a: MatchCandidate, b: MatchCandidate) -> Prediction:
        """The predicted P2P RTT of two candidates."""
        grid_ms = _thresholds_around(a.rtt_ms, b.rtt_ms)
        bins = self.bin_of(a.rtt_ms), self.bin_of(b.rtt_ms)
        learnt = (self._probability(self._learnt(*self._base(t, *bins)), a, b) for t in grid_ms)
        # A learnt curve may bend back a little; a distribution function never does.
        curve = list(accumulate(learnt, max))
        low_ms, median_ms, high_ms = (_quantile(grid_ms, curve, p) for p in (0.1, 0.5, 0.9))
        return Prediction(median_ms=median_ms, low_ms=low_ms, high_ms=high_ms)

    def row(self, threshold_ms: float, own: int) -> Row:
        """The linear predictors of one bin against every other, for a reader of many pairs.

        The probability of a pair is `1 / (1 + exp(-(eta + m) / sqrt(q + π/8 · v)))` with `eta, q`
        from the row and m, v the sums of the two effects' means and variances. A row holds until
        `version` changes.
        """
        key = (threshold_ms, own)
        found = self._rows.get(key)
        if found is None:
            found = self._rows[key] = Row(self, threshold_ms, own)
        return found

    def linear(self, threshold_ms: float, own: int, other: int) -> Linear:
        """What a row holds for the bin `other`: the learnt predictor, or a more optimistic one."""
        offset, x = self._base(threshold_ms, own, other)
        eta, flattening = self._learnt(offset, x)
        if offset > eta:
            verdicts = self._verdicts_nearby.get(_region(x), 0)
            eta += (offset - eta) * _HOPEFUL_VERDICTS / (_HOPEFUL_VERDICTS + verdicts)
        return eta, flattening

    def _learnt(self, offset: float, x: Features) -> Linear:
        weights, covariance = self._published
        variance = _dot(x, [_dot(row, x) for row in covariance])
        return offset + _dot(weights, x), 1.0 + _PROBIT * variance

    def observe(
        self, a: MatchCandidate, b: MatchCandidate, *, accepted: bool, threshold_ms: float
    ) -> None:
        """Learn from a verdict on a measured pair, given under `threshold_ms`."""
        offset, x = self._base(threshold_ms, self.bin_of(a.rtt_ms), self.bin_of(b.rtt_ms))
        effect_a, effect_b = self.effect(a.subject_id), self.effect(b.subject_id)
        spread = [_dot(row, x) for row in self._covariance]
        variance = _dot(spread, x) + effect_a.variance + effect_b.variance
        eta = offset + _dot(self._weights, x) + effect_a.mean + effect_b.mean
        p = _sigmoid(eta / sqrt(1.0 + _PROBIT * variance))
        information = max(p * (1.0 - p), 1e-3)
        step = 1.0 / (1.0 + information * variance)
        gain = (accepted - p) * step
        shrink = information * step
        for i, spread_i in enumerate(spread):
            self._weights[i] += spread_i * gain
            for j, spread_j in enumerate(spread):
                self._covariance[i][j] -= spread_i * spread_j * shrink
        for candidate, effect in ((a, effect_a), (b, effect_b)):
            self._outbox[candidate.subject_id] = Effect(
                effect.mean + effect.variance * gain,
                effect.variance - effect.variance**2 * shrink,
            )
        region = _region(x)
        self._verdicts_nearby[region] = self._verdicts_nearby.get(region, 0) + 1
        self._observed += 1
        if self._observed >= self._published_at * 1.05:
            self._published_at = self._observed
            self._published = (list(self._weights), [list(row) for row in self._covariance])
            self._rows.clear()

    def _base(self, threshold_ms: float, a: int, b: int) -> tuple[float, Features]:
        """The geometric offset and the features of two bins."""
        low, high = (a, b) if a <= b else (b, a)
        key = (threshold_ms, low, high)
        found = self._features.get(key)
        if found is None:
            found = self._features[key] = _base(threshold_ms, low, high)
        return found


def geometric_p(a_ms: float, b_ms: float, threshold_ms: float) -> float:
    """The probability that two points at distances a and b of the server are within a threshold,
    all angles being alike: the RTT is between |a − b| and a + b by the law of cosines."""
    cosine = (a_ms * a_ms + b_ms * b_ms - threshold_ms * threshold_ms) / (2.0 * a_ms * b_ms)
    return math.acos(max(-1.0, min(1.0, cosine))) / math.pi


def _base(threshold_ms: float, low: int, high: int) -> tuple[float, Features]:
    if low == UNKNOWN_BIN:
        offset = math.log(threshold_ms / _BLIND_MEDIAN_MS) / _BLIND_SPREAD
        return offset, (0.0, 0.0, 0.0, 1.0)
    a_ms, b_ms = exp(low * _BIN_STEP), exp(high * _BIN_STEP)
    points, noise = _PATH_NOISE
    weights = [exp(-point * point / 2.0) for point in points]
    p = sum(
        weight * geometric_p(a_ms, b_ms, threshold_ms * exp(noise * point))
        for weight, point in zip(weights, points, strict=True)
    ) / sum(weights)
    p = min(max(p, _LEAST_GEOMETRIC), 1.0 - _LEAST_GEOMETRIC)
    lower = _cut(math.log((b_ms - a_ms) / threshold_ms + 0.1))
    upper = _cut(math.log((a_ms + b_ms) / threshold_ms))
    return math.log(p / (1.0 - p)), (1.0, lower, upper, 0.0)


def _region(features: Features) -> tuple[int, ...]:
    return tuple(round(feature / _REGION_STEP) for feature in features[1:])


def _cut(feature: float) -> float:
    return max(-_LARGEST_FEATURE, min(_LARGEST_FEATURE, feature))


def _thresholds_around(a_ms: float | None, b_ms: float | None) -> list[float]:
    """Thresholds in milliseconds, evenly spread in logarithm, that an RTT must be among."""
    low_ms, high_ms = 1.0, 5_000.0
    if a_ms is not None and b_ms is not None:
        low_ms = max(low_ms, abs(a_ms - b_ms) / _VIOLATION)
        high_ms = max(2.0 * low_ms, (a_ms + b_ms) * _VIOLATION)
    ratio = (high_ms / low_ms) ** (1.0 / (_QUANTILE_STEPS - 1))
    return [low_ms * ratio**step for step in range(_QUANTILE_STEPS)]


def _quantile(grid_ms: list[float], curve: list[float], share: float) -> float:
    return next((t for t, p in zip(grid_ms, curve, strict=True) if p >= share), grid_ms[-1])


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    # Written out for speed: it is computed for every new pair of bins during an arrival.
    a, b, c, d = left
    e, f, g, h = right
    return a * e + b * f + c * g + d * h


def _sigmoid(eta: float) -> float:
    return 1.0 / (1.0 + exp(-max(-50.0, min(50.0, eta))))
