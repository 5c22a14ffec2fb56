"""What is known of the connections between participants: measured edges and failed attempts.

A measurement and its verdict are remembered until they expire; a technical failure is no
measurement and only delays the next attempt. It never reads a clock and never judges an RTT: the
GameManager of a scene tells it times and verdicts, and asks which pairs it may propose or probe.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from interactive_gym.server.probe_report import ProbeReport

Pair = tuple[str, str]
"""Two subject ids. Functions here take them in either order."""


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
    """What both sides measured, if the prober tells."""


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

    Args:
        fresh_s: seconds for which a measured edge and its verdict count.
        backoff_s: seconds before a pair is tried again after a first technical failure; doubled
            with every further one in a row.
        backoff_limit_s: the longest backoff in seconds.
    """

    def __init__(
        self, *, fresh_s: float = 120.0, backoff_s: float = 2.0, backoff_limit_s: float = 60.0
    ) -> None:
        self._fresh_s = fresh_s
        self._backoff_s = backoff_s
        self._backoff_limit_s = backoff_limit_s
        self._edges: dict[Pair, Edge] = {}
        self._failures: dict[Pair, Failure] = {}
        self._lapses: list[tuple[float, Pair]] = []

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
        heapq.heappush(self._lapses, (failure.retry_at_s, key))
        heapq.heappush(self._lapses, (self._forgotten_at_s(failure), key))
        return failure

    def edge(self, pair: Pair, now_s: float) -> Edge | None:
        """The fresh measurement of a pair, if there is one."""
        edge = self._edges.get(_key(pair))
        return edge if edge is not None and now_s < edge.expires_at_s else None

    def is_blocked(self, pair: Pair, now_s: float) -> bool:
        """Whether a pair must not be proposed now: freshly rejected, or in backoff."""
        edge = self.edge(pair, now_s)
        if edge is not None and not edge.accepted:
            return True
        failure = self._failures.get(_key(pair))
        return failure is not None and now_s < failure.retry_at_s

    def is_known_good(self, pair: Pair, now_s: float) -> bool:
        """Whether a pair may play without another probe: freshly accepted, and no failure since."""
        edge = self.edge(pair, now_s)
        return edge is not None and edge.accepted and _key(pair) not in self._failures

    def lapse(self, now_s: float) -> list[Pair]:
        """Forget what has expired; returns the pairs that may be proposed again because of it."""
        freed: list[Pair] = []
        while self._lapses and self._lapses[0][0] <= now_s:
            _, key = heapq.heappop(self._lapses)
            edge = self._edges.get(key)
            if edge is not None and edge.expires_at_s <= now_s:
                del self._edges[key]
            failure = self._failures.get(key)
            if failure is not None and self._forgotten_at_s(failure) <= now_s:
                del self._failures[key]
            if not self.is_blocked(key, now_s) and key not in freed:
                freed.append(key)
        return freed

    def _forgotten_at_s(self, failure: Failure) -> float:
        """When a row of failures no longer lengthens the next backoff."""
        return failure.retry_at_s + self._backoff_limit_s


def _key(pair: Pair) -> Pair:
    return pair if pair[0] <= pair[1] else (pair[1], pair[0])
