"""What is known of the connections between participants: measured edges and failed attempts.

A measurement and its verdict hold until they expire, and help to predict for longer; a technical
failure is no measurement and only delays the next attempt. It never reads a clock and never judges
an RTT: the GameManager of a scene tells it times and verdicts, and asks what may be proposed.
"""

from __future__ import annotations

import heapq
import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from interactive_gym.server.probe_report import ProbeReport
from interactive_gym.server.rtt_predictor import Prediction, RttPredictor

if TYPE_CHECKING:
    from interactive_gym.server.matchmaker import MatchCandidate

Pair = tuple[str, str]
"""Two subject ids. Functions here take them in either order."""

Route = Literal["host", "srflx", "relay"]
"""How a connection runs: directly, through address translation, or over a TURN relay."""

_DRIFT = 0.12
"""Scale of the logistic change of an RTT's logarithm once its measurement has expired: an RTT a
quarter above the threshold is then within it with a probability of 13%."""


@dataclass(frozen=True)
class Edge:
    """A measured pair of participants, with the verdict on it."""

    rtt_ms: float
    """The P2P RTT that was judged, in milliseconds."""

    accepted: bool
    """The matchmaker's verdict."""

    measured_at_s: float
    """When, in seconds of the owner's monotonic clock."""

    measured_at_wall_s: float
    """When, in seconds since the epoch."""

    expires_at_s: float
    """Until when the measurement counts, in seconds of the owner's monotonic clock."""

    report: ProbeReport | None
    """What both sides measured, if the prober tells; dropped when the edge expires."""

    @property
    def samples_ms(self) -> dict[str, tuple[float, ...]]:
        """The RTT samples in milliseconds of each side, by subject id."""
        sides = () if self.report is None else self.report.sides
        return {side.subject_id: side.samples_ms for side in sides}

    @property
    def median_ms(self) -> float | None:
        """The median of both sides' samples together, in milliseconds."""
        samples = self._all_samples()
        return statistics.median(samples) if samples else None

    @property
    def minimum_ms(self) -> float | None:
        """The smallest sample of both sides, in milliseconds."""
        return min(self._all_samples(), default=None)

    @property
    def jitter_ms(self) -> float | None:
        """The larger of the two sides' jitters in milliseconds; see `ProbeSide.jitter_ms`."""
        sides = () if self.report is None else self.report.sides
        return max((s.jitter_ms for s in sides if s.jitter_ms is not None), default=None)

    @property
    def route(self) -> Route | None:
        """How the connection ran, by the ICE candidates of both ends; `None` if not told."""
        sides = () if self.report is None else self.report.sides
        types = {t for s in sides for t in (s.local_candidate_type, s.remote_candidate_type) if t}
        if not types:
            return None
        if "relay" in types:
            return "relay"
        return "host" if types == {"host"} else "srflx"

    def _all_samples(self) -> list[float]:
        return [sample for samples in self.samples_ms.values() for sample in samples]


@dataclass(frozen=True)
class Failure:
    """Technical failures of a pair in a row."""

    count: int
    """How many failed since the last measurement."""

    failed_at_s: float
    """When the latest failed, in seconds of the owner's monotonic clock."""

    retry_at_s: float
    """When the pair may be tried again, in seconds of the owner's monotonic clock."""


class LatencyGraph:
    """Edges between participants, with expiry, and failures, with exponential backoff.

    Its memory grows with the edges measured within the last `fresh_s + remember_s` seconds. What
    concerns one participant is found without looking at anybody else.

    Args:
        fresh_s: seconds for which a measured edge and its verdict count.
        remember_s: seconds for which an expired edge still serves to predict its pair's RTT.
        backoff_s: seconds before a pair is tried again after a first technical failure; doubled
            with every further one in a row.
        backoff_limit_s: the longest backoff in seconds.
        blocklist: pairs that are never to be proposed.
        predictor: predicts pairs that were never measured.
    """

    def __init__(
        self,
        *,
        fresh_s: float = 120.0,
        remember_s: float = 1800.0,
        backoff_s: float = 2.0,
        backoff_limit_s: float = 60.0,
        blocklist: Iterable[Pair] = (),
        predictor: RttPredictor | None = None,
    ) -> None:
        self.predictor = predictor or RttPredictor()
        self._fresh_s = fresh_s
        self._remember_s = remember_s
        self._backoff_s = backoff_s
        self._backoff_limit_s = backoff_limit_s
        self._edges: dict[Pair, Edge] = {}
        self._failures: dict[Pair, Failure] = {}
        self._blocklist: set[Pair] = set()
        self._partners: dict[str, set[str]] = {}
        self._revisions: dict[str, int] = {}
        self._revision = 0
        self._lapses: list[tuple[float, Pair]] = []
        for pair in blocklist:
            self.block(pair)

    def record_measurement(
        self,
        pair: Pair,
        rtt_ms: float,
        *,
        accepted: bool,
        now_s: float,
        wall_s: float,
        report: ProbeReport | None = None,
    ) -> Edge:
        """Remember a measured edge and its verdict; earlier failures of the pair are forgotten."""
        edge = Edge(rtt_ms, accepted, now_s, wall_s, now_s + self._fresh_s, report)
        key = _key(pair)
        self._edges[key] = edge
        self._failures.pop(key, None)
        self._note(key)
        heapq.heappush(self._lapses, (edge.expires_at_s, key))
        return edge

    def record_failure(self, pair: Pair, *, now_s: float) -> Failure:
        """Remember that an attempt failed for technical reasons, and when to try again."""
        key = _key(pair)
        earlier = self._failures.get(key)
        count = 1 if earlier is None else earlier.count + 1
        # The exponent is bounded so that a pair failing for days cannot overflow a float.
        delay_s = min(self._backoff_s * 2.0 ** min(count - 1, 32), self._backoff_limit_s)
        failure = Failure(count, now_s, now_s + delay_s)
        self._failures[key] = failure
        self._note(key)
        heapq.heappush(self._lapses, (failure.retry_at_s, key))
        return failure

    def block(self, pair: Pair) -> None:
        """Put a pair on the blocklist: it is never proposed."""
        self._blocklist.add(_key(pair))
        self._note(_key(pair))

    def learn(
        self, a: MatchCandidate, b: MatchCandidate, *, accepted: bool, threshold_ms: float
    ) -> None:
        """Let the predictor learn from a verdict on a measured pair under `threshold_ms`."""
        self.predictor.observe(a, b, accepted=accepted, threshold_ms=threshold_ms)

    def edge(self, pair: Pair, now_s: float) -> Edge | None:
        """The fresh measurement of a pair, if there is one."""
        edge = self._edges.get(_key(pair))
        return edge if edge is not None and now_s < edge.expires_at_s else None

    def remembered_edge(self, pair: Pair) -> Edge | None:
        """The last measurement of a pair, be it expired; `None` once it is forgotten."""
        return self._edges.get(_key(pair))

    def is_on_blocklist(self, pair: Pair) -> bool:
        """Whether a pair is never to be proposed."""
        return _key(pair) in self._blocklist

    def has_failed(self, pair: Pair) -> bool:
        """Whether the last attempt of a pair failed for technical reasons, not long ago."""
        return _key(pair) in self._failures

    def is_in_backoff(self, pair: Pair, now_s: float) -> bool:
        """Whether a pair waits to be tried again after a technical failure."""
        failure = self._failures.get(_key(pair))
        return failure is not None and now_s < failure.retry_at_s

    def is_blocked(self, pair: Pair, now_s: float) -> bool:
        """Whether a pair must not be proposed now: freshly rejected, in backoff, on the list."""
        edge = self.edge(pair, now_s)
        if edge is not None and not edge.accepted:
            return True
        return self.is_on_blocklist(pair) or self.is_in_backoff(pair, now_s)

    def is_known_good(self, pair: Pair, now_s: float) -> bool:
        """Whether a pair may play without another probe: freshly accepted, and no failure since."""
        edge = self.edge(pair, now_s)
        return edge is not None and edge.accepted and not self.has_failed(pair)

    def partners(self, subject_id: str) -> Iterable[str]:
        """Everybody of whom something is known together with this participant."""
        return self._partners.get(subject_id, ())

    def revision(self, subject_id: str) -> int:
        """Changes whenever something does that is known of this participant's pairs."""
        return self._revisions.get(subject_id, 0)

    def p_accept(self, a: MatchCandidate, b: MatchCandidate, threshold_ms: float) -> float:
        """The probability that a pair will be measured within `threshold_ms`, never 0 or 1.

        An earlier measurement tells more than server RTTs do, even when it has expired.
        """
        edge = self._edges.get(_key((a.subject_id, b.subject_id)))
        if edge is None:
            return self.predictor.p_accept(a, b, threshold_ms)
        distance = math.log(threshold_ms / edge.rtt_ms) / _DRIFT
        return 1.0 / (1.0 + math.exp(-max(-20.0, min(20.0, distance))))

    def predicted_rtt_ms(self, a: MatchCandidate, b: MatchCandidate) -> Prediction:
        """The predicted P2P RTT of a pair, with its uncertainty."""
        edge = self._edges.get(_key((a.subject_id, b.subject_id)))
        if edge is None:
            return self.predictor.predict(a, b)
        spread = math.exp(_DRIFT * math.log(9.0))
        return Prediction(edge.rtt_ms, edge.rtt_ms / spread, edge.rtt_ms * spread)

    def lapse(self, now_s: float) -> list[Pair]:
        """Let go of what has expired; returns the pairs that may be proposed again because of it.

        An expired edge keeps its RTT for `remember_s` seconds more, and loses its report.
        """
        freed: dict[Pair, None] = {}
        while self._lapses and self._lapses[0][0] <= now_s:
            at_s, key = heapq.heappop(self._lapses)
            edge, failure = self._edges.get(key), self._failures.get(key)
            ended = failure is not None and failure.retry_at_s == at_s
            if ended:
                heapq.heappush(self._lapses, (at_s + self._backoff_limit_s, key))
            elif failure is not None and self._forgotten_at_s(failure) <= now_s:
                del self._failures[key]
            if edge is not None and edge.expires_at_s == at_s:
                ended = True
                self._edges[key] = replace(edge, report=None)
                heapq.heappush(self._lapses, (at_s + self._remember_s, key))
            elif edge is not None and edge.expires_at_s + self._remember_s <= now_s:
                del self._edges[key]
            self._note(key)
            if ended and not self.is_blocked(key, now_s):
                freed[key] = None
        return list(freed)

    def forget(self, subject_id: str) -> None:
        """Drop all that is known of a participant who is gone for good."""
        for partner in list(self._partners.get(subject_id, ())):
            key = _key((subject_id, partner))
            self._edges.pop(key, None)
            self._failures.pop(key, None)
            self._note(key)
        self.predictor.forget(subject_id)

    def _note(self, key: Pair) -> None:
        """Keep the index of partners, and their revisions, after a change of a pair."""
        self._revision += 1
        is_known = key in self._edges or key in self._failures or key in self._blocklist
        for subject_id, partner in (key, key[::-1]):
            partners = self._partners.setdefault(subject_id, set())
            if is_known:
                partners.add(partner)
            else:
                partners.discard(partner)
            if partners:
                self._revisions[subject_id] = self._revision
            else:
                # A revision of 0 differs from every earlier one, so readers notice.
                del self._partners[subject_id]
                self._revisions.pop(subject_id, None)
                self.predictor.forget(subject_id)

    def _forgotten_at_s(self, failure: Failure) -> float:
        """When a row of failures no longer lengthens the next backoff."""
        return failure.retry_at_s + self._backoff_limit_s


def _key(pair: Pair) -> Pair:
    return pair if pair[0] <= pair[1] else (pair[1], pair[0])
