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
        self._moment: tuple[object, ...] = ()

    def wait_s(self, candidate: MatchCandidate, pool: MatchPool) -> float:
        """The wait until another acceptable partner comes, in seconds."""
        statistics, predictor = pool.statistics, pool.graph.predictor
        moment = (id(predictor), predictor.version, statistics.arrivals, pool.base_threshold_ms)
        if moment != self._moment:
            self._moment = moment
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
        predictor = pool.graph.predictor
        row = predictor.row(pool.base_threshold_ms or inf, own)
        spread = 2.0 * _PROBIT * predictor.stranger.variance
        accepted = _PRIOR_SHARE * _PRIOR_WEIGHT
        for rtt_ms in pool.statistics.recent_server_rtts_ms:
            eta, flattening = row[predictor.bin_of(rtt_ms)]
            accepted += 1.0 / (1.0 + exp(-eta / sqrt(flattening + spread)))
        return accepted / (len(pool.statistics.recent_server_rtts_ms) + _PRIOR_WEIGHT)
