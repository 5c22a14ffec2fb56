"""Tells a strategy what has changed since its last pass: arrivals, departures, and changed pairs.

What it computed for the other candidates still holds, so a pass over a large waitroom is cheap.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.relaxation import due_expansions


@dataclass(frozen=True)
class Changes:
    """What is different from the pass before."""

    left: list[str]
    """Subject ids of candidates who are not free any more, or not the same."""

    came: list[MatchCandidate]
    """Candidates who were not there, in the order of waiting."""

    touched: list[MatchCandidate]
    """Others whose pairs may stand differently: measured, expired, relaxed, at their limit."""


class PoolChanges:
    """Compares each pool with the one before."""

    def __init__(self) -> None:
        self._graph: LatencyGraph | None = None
        self._revision = 0
        self._known: dict[str, MatchCandidate] = {}
        # Whose objects are in `_known`: most of a large pool is told to be the same by it alone.
        self._known_objects: set[int] = set()
        self._at_probe_limit: frozenset[str] = frozenset()
        self._relaxing: list[tuple[float, str]] = []
        self._awaited: set[tuple[float, str]] = set()
        self._retries = True

    def update(self, pool: MatchPool) -> Changes:
        """What this pool changes."""
        if pool.graph is not self._graph:
            left = list(self._known)
            self.take_out(*left)
            self._graph, self._revision = pool.graph, pool.graph.revision
        else:
            present = set(map(id, pool.candidates))
            left = [
                subject_id
                for subject_id, known in self._known.items()
                if id(known) not in present and subject_id not in pool
            ]
            self.take_out(*left)
        came = []
        for candidate in [c for c in pool.candidates if id(c) not in self._known_objects]:
            known = self._known.get(candidate.subject_id)
            if known is not candidate and not _is_same(known, candidate):
                if known is not None:
                    left.append(candidate.subject_id)
                    self._known_objects.discard(id(known))
                came.append(candidate)
                self._known[candidate.subject_id] = candidate
                self._known_objects.add(id(candidate))
        touched = dict.fromkeys(pool.graph.changed_since(self._revision))
        self._revision = pool.graph.revision
        if pool.retries != self._retries:
            self._retries = pool.retries
            touched.update(dict.fromkeys(who for pair in pool.graph.failed_pairs for who in pair))
        limited = frozenset(pool.at_probe_limit)
        touched.update(dict.fromkeys(sorted(limited ^ self._at_probe_limit)))
        self._at_probe_limit = limited
        touched.update(dict.fromkeys(self._relaxed(pool, came)))
        new = {candidate.subject_id for candidate in came}
        return Changes(
            left, came, [pool.candidate(s) for s in touched if s in pool and s not in new]
        )

    def take_out(self, *subject_ids: str) -> None:
        """Treat these candidates, which were proposed, as arrivals once they are free again."""
        for subject_id in subject_ids:
            known = self._known.pop(subject_id, None)
            self._known_objects.discard(id(known))

    def _relaxed(self, pool: MatchPool, came: list[MatchCandidate]) -> list[str]:
        """The subject ids of candidates for whom an expansion has come due."""
        for candidate in came:
            self._await_expansion(pool, candidate)
        relaxed = []
        while self._relaxing and self._relaxing[0][0] <= pool.now_s:
            entry = heapq.heappop(self._relaxing)
            self._awaited.discard(entry)
            subject_id = entry[1]
            if subject_id in self._known:
                relaxed.append(subject_id)
                self._await_expansion(pool, self._known[subject_id])
        return relaxed

    def _await_expansion(self, pool: MatchPool, candidate: MatchCandidate) -> None:
        waited_s = pool.waited_s(candidate)
        due = due_expansions(pool.expansions, waited_s)
        if due < len(pool.expansions):
            # Where only rounding keeps it from being due it would else come up for ever.
            soonest_s = math.nextafter(pool.now_s, math.inf)
            at_s = max(pool.now_s + pool.expansions[due][0] - waited_s, soonest_s)
            entry = (at_s, candidate.subject_id)
            if entry not in self._awaited:
                self._awaited.add(entry)
                heapq.heappush(self._relaxing, entry)


def _is_same(known: MatchCandidate | None, candidate: MatchCandidate) -> bool:
    return known == candidate and known is not None and known.attributes == candidate.attributes
