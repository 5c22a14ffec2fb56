"""Remembers the connections between participants: measured edges and failed attempts.

A measurement and its verdict hold until they expire, and serve predictions for longer. A technical
failure only delays the next attempt.
"""

from __future__ import annotations

import heapq
import math
import statistics
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, NamedTuple

from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.matching.reliability import Reliability
from interactive_gym.server.matching.rtt_predictor import Prediction, RttPredictor
from interactive_gym.server.probing.conduct import FailureCause
from interactive_gym.server.probing.doubts import Doubt
from interactive_gym.server.probing.report import ProbeReport

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
    """What both sides measured, if the prober reports it; dropped when the edge expires."""

    doubts: tuple[Doubt, ...] = ()
    """What speaks against the measurement."""

    disputed: tuple[str, ...] = ()
    """Subject ids of those of the two whose reports disagreed with several partners by then."""

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
        """How the connection ran, by the ICE candidates of both ends; `None` if not reported."""
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
    """Consecutive technical failures of a pair."""

    count: int
    """How many attempts failed since the last measurement."""

    failed_at_s: float
    """When the latest failed, in seconds of the owner's monotonic clock."""

    retry_at_s: float
    """When the pair may be tried again, in seconds of the owner's monotonic clock."""


@dataclass(slots=True)
class Link:
    """All that is known of a pair."""

    edge: Edge | None = None
    """The last measurement, even if it has expired."""

    failure: Failure | None = None
    """The technical failures since, if any."""

    on_blocklist: bool = False
    """Whether the pair is never to be proposed."""

    is_probed: bool = False
    """Whether the pair is being measured, while both may be proposed with others."""

    @property
    def is_barred(self) -> bool:
        """Whether something other than a measurement or a failure forbids proposing the pair."""
        return self.on_blocklist or self.is_probed

    def is_in_backoff(self, now_s: float) -> bool:
        """Whether the pair waits to be tried again after a technical failure."""
        return self.failure is not None and now_s < self.failure.retry_at_s

    def fresh_edge(self, now_s: float) -> Edge | None:
        """The measurement, unless it has expired."""
        return self.edge if self.edge is not None and now_s < self.edge.expires_at_s else None

    def is_blocked(self, now_s: float) -> bool:
        """Whether the pair's latest verdict forbids proposing it."""
        edge = self.fresh_edge(now_s)
        is_rejected = edge is not None and not edge.accepted
        return is_rejected or self.is_barred or self.is_in_backoff(now_s)


class LatencyGraph:
    """Edges between participants, with expiry, and failures, with exponential backoff.

    Its memory grows with the edges measured within the last `fresh_s + 2 * remember_s` seconds. The
    links of one participant are found without a search over the others.

    Args:
        fresh_s: seconds for which a measured edge and its verdict count.
        remember_s: seconds for which an expired edge still serves to predict its pair's RTT, and
            after that it is known who had it.
        backoff_s: seconds before a pair is tried again after a first technical failure; doubled
            with every further one in a row.
        backoff_limit_s: the longest backoff in seconds.
        blocklist: pairs that are never to be proposed.
        predictor: predicts pairs that were never measured.
        reliability: remembers through whom attempts failed.
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
        reliability: Reliability | None = None,
    ) -> None:
        self.predictor = predictor or RttPredictor()
        self.reliability = reliability or Reliability()
        """Through whom attempts failed."""
        self._failed: dict[Pair, None] = {}
        self._fresh_s = fresh_s
        self._remember_s = remember_s
        self._backoff_s = backoff_s
        self._backoff_limit_s = backoff_limit_s
        self._links: dict[str, dict[str, Link]] = {}
        self._revisions: dict[str, int] = {}
        self._revision = 0
        self._lapses: list[tuple[float, str, str]] = []
        self._lapsed_at_s = 0.0
        self._without_links: deque[tuple[float, str]] = deque()
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
        doubts: tuple[Doubt, ...] = (),
    ) -> Edge:
        """Remember a measured edge and its verdict; earlier failures of the pair are forgotten."""
        self.reliability.record_measurement(
            pair, agreed=report is None or not report.disagreement, now_s=now_s
        )
        disputed = tuple(who for who in pair if self.reliability.is_disputed(who))
        expires_at_s = now_s + self._fresh_s
        edge = Edge(rtt_ms, accepted, now_s, wall_s, expires_at_s, report, doubts, disputed)
        link = self._open_link(pair)
        link.edge = edge
        self._clear_failure(link, pair)
        heapq.heappush(self._lapses, (edge.expires_at_s, *pair))
        return edge

    def record_failure(
        self,
        pair: Pair,
        causes: Mapping[str, FailureCause] | None = MappingProxyType({}),
        *,
        now_s: float,
    ) -> Failure:
        """Remember that an attempt failed for technical reasons, and when to try again.

        It speaks against neither of the two if `causes` is `None`.
        """
        if causes is not None:
            self.reliability.record_failure(pair, causes, now_s=now_s)
        self._failed[_sorted(pair)] = None
        link = self._open_link(pair)
        count = 1 if link.failure is None else link.failure.count + 1
        # The exponent is bounded so that a pair failing for days cannot overflow a float.
        delay_s = min(self._backoff_s * 2.0 ** min(count - 1, 32), self._backoff_limit_s)
        link.failure = Failure(count, now_s, now_s + delay_s)
        heapq.heappush(self._lapses, (link.failure.retry_at_s, *pair))
        return link.failure

    def block(self, pair: Pair) -> None:
        """Put a pair on the blocklist: it is never proposed."""
        self._open_link(pair).on_blocklist = True

    def mark_probed(self, pair: Pair, *, is_probed: bool) -> None:
        """Note that the measurement of a pair begins or is over; until then it is not proposed."""
        link = self._open_link(pair)
        link.is_probed = is_probed
        self._drop_if_empty(link, pair)

    def learn(
        self, a: MatchCandidate, b: MatchCandidate, *, accepted: bool, threshold_ms: float
    ) -> None:
        """Teach the predictor a verdict on a measured pair, given under `threshold_ms`."""
        self.predictor.observe(a, b, accepted=accepted, threshold_ms=threshold_ms)

    def link(self, pair: Pair) -> Link | None:
        """All that is known of a pair; `None` if nothing is. Not to be modified."""
        return self._links.get(pair[0], {}).get(pair[1])

    def links(self, subject_id: str) -> Mapping[str, Link]:
        """All that is known of this participant's pairs, by partner. Not to be modified."""
        return self._links.get(subject_id, {})

    def edge(self, pair: Pair, now_s: float) -> Edge | None:
        """The fresh measurement of a pair, if there is one."""
        link = self.link(pair)
        return None if link is None else link.fresh_edge(now_s)

    @property
    def failed_pairs(self) -> Iterable[Pair]:
        """The pairs whose last attempt failed, in backoff or not."""
        return self._failed

    def failed_with(self, subject_id: str) -> set[str]:
        """The subject ids of those with whom this participant's last attempt failed."""
        if not self._failed:
            return set()
        return {who for who, link in self.links(subject_id).items() if link.failure is not None}

    def is_blocked(self, pair: Pair, now_s: float) -> bool:
        """Whether a pair must not be proposed now: freshly rejected, in backoff, on the list."""
        link = self.link(pair)
        return link is not None and link.is_blocked(now_s)

    @property
    def revision(self) -> int:
        """The number of changes so far."""
        return self._revision

    def changed_since(self, revision: int) -> list[str]:
        """The subject ids of participants whose links have changed since that revision."""
        changed = []
        for subject_id in reversed(self._revisions):
            if self._revisions[subject_id] <= revision:
                break
            changed.append(subject_id)
        return changed

    def p_accept(self, a: MatchCandidate, b: MatchCandidate, threshold_ms: float) -> float:
        """The probability that a pair will be measured within `threshold_ms`, never 0 or 1.

        An earlier measurement predicts better than server RTTs do, even when it has expired.
        """
        link = self.link((a.subject_id, b.subject_id))
        if link is None or link.edge is None:
            return self.predictor.p_accept(a, b, threshold_ms)
        return p_remeasured(link.edge, threshold_ms)

    def predicted_rtt_ms(self, a: MatchCandidate, b: MatchCandidate) -> Prediction:
        """The predicted P2P RTT of a pair, with its uncertainty."""
        link = self.link((a.subject_id, b.subject_id))
        if link is None or link.edge is None:
            return self.predictor.predict(a, b)
        rtt_ms, spread = link.edge.rtt_ms, math.exp(_DRIFT * math.log(9.0))
        return Prediction(rtt_ms, rtt_ms / spread, rtt_ms * spread)

    def lapse(self, now_s: float) -> list[Pair]:
        """Drop what has expired; returns the pairs that may be proposed again because of it.

        Rejected ones are among them, as their threshold may have relaxed since. An expired edge
        keeps its RTT for `remember_s` seconds more, and loses its report.
        """
        self.reliability.lapse(now_s)
        self._lapsed_at_s = now_s
        while self._without_links and self._without_links[0][0] <= now_s:
            _, subject_id = self._without_links.popleft()
            if subject_id not in self._links:
                self._revisions.pop(subject_id, None)
        freed: dict[Pair, None] = {}
        while self._lapses and self._lapses[0][0] <= now_s:
            at_s, a, b = heapq.heappop(self._lapses)
            link = self.link((a, b))
            if link is None:
                continue
            is_barred = link.is_barred or link.is_in_backoff(now_s)
            if self._lapse_link(link, at_s, (a, b)) and not is_barred:
                freed[_sorted((a, b))] = None
            self._drop_if_empty(link, (a, b))
        return list(freed)

    def forget(self, subject_id: str) -> None:
        """Drop all that is known of a participant who is gone for good, but the blocklist."""
        for partner, link in list(self.links(subject_id).items()):
            link.edge = None
            self._clear_failure(link, (subject_id, partner))
            self._drop_if_empty(link, (subject_id, partner))
        self.predictor.forget(subject_id)

    def _lapse_link(self, link: Link, at_s: float, pair: Pair) -> bool:
        """Drop what ended at `at_s`; returns whether this changes the pair's standing.

        It does when a verdict or a backoff ends, or when a failure after a measurement is
        forgotten.
        """
        ended = False
        failure, edge = link.failure, link.edge
        if failure is not None and failure.retry_at_s == at_s:
            ended = True
            heapq.heappush(self._lapses, (self._forgotten_at_s(failure), *pair))
        elif failure is not None and self._forgotten_at_s(failure) <= at_s:
            self._clear_failure(link, pair)
            ended = link.fresh_edge(at_s) is not None
        if edge is not None and edge.expires_at_s == at_s:
            ended = True
            link.edge = replace(edge, report=None)
            heapq.heappush(self._lapses, (at_s + self._remember_s, *pair))
        elif edge is not None and edge.expires_at_s + self._remember_s <= at_s:
            link.edge = None
        self._note(*pair)
        return ended

    def _clear_failure(self, link: Link, pair: Pair) -> None:
        link.failure = None
        self._failed.pop(_sorted(pair), None)

    def _open_link(self, pair: Pair) -> Link:
        """The link of a pair that is about to change."""
        self._note(*pair)
        link = self.link(pair)
        if link is None:
            link = Link()
            for subject_id, partner in (pair, pair[::-1]):
                self._links.setdefault(subject_id, {})[partner] = link
        return link

    def _drop_if_empty(self, link: Link, pair: Pair) -> None:
        if link.edge is not None or link.failure is not None or link.is_barred:
            return
        self._note(*pair)
        for subject_id, partner in (pair, pair[::-1]):
            links = self._links[subject_id]
            del links[partner]
            if not links:
                del self._links[subject_id]
                # Those who ask what has changed have to learn of this first.
                self._without_links.append((self._lapsed_at_s + self._remember_s, subject_id))
                self.predictor.forget(subject_id)

    def _note(self, *subject_ids: str) -> None:
        """Count a change; the latest changed come last in `_revisions`."""
        self._revision += 1
        for subject_id in subject_ids:
            self._revisions.pop(subject_id, None)
            self._revisions[subject_id] = self._revision

    def _forgotten_at_s(self, failure: Failure) -> float:
        """When a series of failures no longer lengthens the next backoff."""
        return failure.retry_at_s + self._backoff_limit_s


def p_remeasured(edge: Edge, threshold_ms: float) -> float:
    """The probability that an edge that has expired would be measured within `threshold_ms`."""
    distance = math.log(threshold_ms / edge.rtt_ms) / _DRIFT
    return 1.0 / (1.0 + math.exp(-max(-20.0, min(20.0, distance))))


def _sorted(pair: Pair) -> Pair:
    return pair if pair[0] <= pair[1] else (pair[1], pair[0])


class Known(NamedTuple):
    """An answer, and until when it holds."""

    until_s: float
    """When the first of the pairs stops being blocked, in seconds of the graph's owner's clock."""

    partners: frozenset[str]
    """The subject ids."""


class BlockedPartners:
    """The partners that a participant must not be proposed with, by what was measured.

    Remembers the graph's answers, so that a pass over a full waitroom looks only at participants
    whose links have changed.

    Args:
        graph: what is known of pairs.
    """

    def __init__(self, graph: LatencyGraph) -> None:
        self._graph = graph
        self._known: dict[str, Known] = {}
        self._revision = graph.revision

    def blocked_with(self, subject_id: str, now_s: float) -> frozenset[str]:
        """The subject ids of all whom this participant must not be proposed with now."""
        for changed in self._graph.changed_since(self._revision):
            self._known.pop(changed, None)
        self._revision = self._graph.revision
        known = self._known.get(subject_id)
        if known is None or now_s >= known.until_s:
            ends_s = {
                partner: _blocked_until_s(link, now_s)
                for partner, link in self._graph.links(subject_id).items()
                if link.is_blocked(now_s)
            }
            until_s = min(ends_s.values(), default=math.inf)
            known = self._known[subject_id] = Known(until_s, frozenset(ends_s))
        return known.partners


def _blocked_until_s(link: Link, now_s: float) -> float:
    """When the first of the reasons that block a pair ends, so that it must be looked at again."""
    edge, failure = link.fresh_edge(now_s), link.failure
    ends_s = [] if edge is None or edge.accepted else [edge.expires_at_s]
    if failure is not None and failure.retry_at_s > now_s:
        ends_s.append(failure.retry_at_s)
    return min(ends_s, default=math.inf)
