"""How long participants may expect to wait for an acceptable partner, by how rare theirs are.

Those who came lately stand for those who will come: a participant who would be accepted by a share
A of them meets an acceptable one every (time between arrivals) / A.
"""

from __future__ import annotations

from math import exp, inf, pi, sqrt

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.pool import MatchPool

_PROBIT = pi / 8.0

_PRIOR_SHARE, _PRIOR_WEIGHT = 0.33, 1.5
"""The share of acceptable partners before anybody came, and for how many arrivals it counts."""


class Scarcity:
    """Remembers the shares by server RTT, until somebody comes or the predictions change."""

    def __init__(self) -> None:
        self._shares: dict[int, float] = {}
        self._chances: dict[tuple[int, int], float] = {}
        self._recent: list[int] = []
        self._arrivals = -1
        self._predictions: tuple[object, ...] = ()

    def wait_s(self, candidate: MatchCandidate, pool: MatchPool) -> float:
        """The wait until another acceptable partner comes, in seconds."""
        statistics, predictor = pool.statistics, pool.graph.predictor
        predictions = (id(predictor), predictor.version, pool.base_threshold_ms)
        if predictions != self._predictions:
            self._predictions = predictions
            self._chances.clear()
            self._arrivals = -1
        if statistics.arrivals != self._arrivals:
            self._arrivals = statistics.arrivals
            self._recent = [predictor.bin_of(ms) for ms in statistics.recent_server_rtts_ms]
            self._shares.clear()
        own = predictor.bin_of(candidate.rtt_ms)
        share = self._shares.get(own)
        if share is None:
            share = self._shares[own] = self._share(own, pool)
        # What is known of the participant alone shifts the odds with everybody.
        odds = (1.0 / share - 1.0) * exp(-predictor.effect(candidate.subject_id).mean)
        return statistics.typical_gap_s * (1.0 + odds)

    def _share(self, own: int, pool: MatchPool) -> float:
        """The share of recent arrivals with whom a participant of this bin would be accepted."""
        accepted = _PRIOR_SHARE * _PRIOR_WEIGHT
        for other in self._recent:
            chance = self._chances.get((own, other))
            if chance is None:
                chance = self._chances[own, other] = _chance(own, other, pool)
            accepted += chance
        return accepted / (len(self._recent) + _PRIOR_WEIGHT)


def _chance(own: int, other: int, pool: MatchPool) -> float:
    """The probability that two strangers of these bins are accepted."""
    predictor = pool.graph.predictor
    eta, flattening = predictor.row(pool.base_threshold_ms or inf, own)[other]
    spread = 2.0 * _PROBIT * predictor.stranger.variance
    return 1.0 / (1.0 + exp(-eta / sqrt(flattening + spread)))
