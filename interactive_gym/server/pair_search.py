"""Finds the pairs worth a probe among many waiting people, without looking at every pair again.

The arithmetic behind the LatencyMatchmaker for groups of two. It owns what it remembers between
passes, keeps it for the people of the last pool alone, and never changes the pool or the graph.

A probe of a pair is worth its price when

    p · (W + age_weight · mean age + G) ≥ price

with p the predicted probability of acceptance, W the typical wait, G the time since somebody last
arrived. Solved for what moves with time,

    price / p + age_weight · mean time of joining  ≤  W + age_weight · now + G.

The left side, the pair's *height*, stands still; the right side, the *level*, is the same for all
and rises while people wait. So each person's lowest height tells when to look at them again.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from math import exp, inf, sqrt
from typing import Any

from interactive_gym.server.latency_graph import Edge, p_remeasured
from interactive_gym.server.match_pool import MatchPool
from interactive_gym.server.matchmaker import MatchCandidate
from interactive_gym.server.pool_changes import PoolChanges
from interactive_gym.server.relaxation import due_expansions

LEAST_P = 0.01
"""No pair is deferred as if it were less likely than this, so that every deferral ends."""

PAIRS_PER_PASS = 32_000
"""About how many pairs are computed in one pass; whoever is left over is due in the next."""

NOTICEABLE = 0.1
"""By which share the price of a probe must change for all heights to be computed anew."""

_PROBIT = math.pi / 8.0


@dataclass
class _Person:
    """A free candidate, and what was worked out of them."""

    candidate: MatchCandidate
    since_s: float
    order: int
    height: float = -inf
    stamp: int = 0
    version: int = 0
    incompatible: set[str] = field(default_factory=set)
    standings: _Standings | None = None


@dataclass(frozen=True)
class _Standings:
    """The partners of whom something is known, by how the pair stands."""

    blocked: list[str]
    ready: list[str]
    remembered: dict[str, Edge]


Found = tuple[float, float, float, _Person, _Person]
"""A pair under the level: minus its surplus, and since when its two have waited."""


class PairSearch:
    """Which pairs to probe now, or to let play if their edge is known.

    Args:
        probe_price: what one second of a probe costs, in seconds of waiting.
        age_weight: by how many seconds each second waited raises the wait still expected.
    """

    def __init__(self, *, probe_price: float, age_weight: float) -> None:
        self._probe_price = probe_price
        self._age_weight = age_weight
        self._changes = PoolChanges()
        self._people: dict[str, _Person] = {}
        self._came = 0
        self._price = 0.0
        self._version = 0
        self._predictor_version = -1
        self._outdated: list[str] = []
        self._due: list[tuple[float, int, int, str]] = []
        # The free as parallel columns, so that one comprehension looks at all partners of one.
        self._at: dict[str, int] = {}
        self._free: list[_Person] = []
        self._bins: list[int] = []
        self._expanded: list[int] = []
        self._means: list[float] = []
        self._variances: list[float] = []
        self._halves: list[float] = []

    def propose(self, pool: MatchPool) -> list[list[MatchCandidate]]:
        """Disjoint pairs, the most worthwhile first."""
        self._follow(pool)
        level = self._level(pool)
        due = self._take_due(level)
        found: list[Found] = []
        for person in due:
            found += self._look(person, level, pool)
        found.sort(key=lambda pair: pair[:3])
        chosen: list[list[MatchCandidate]] = []
        for *_, a, b in found:
            if a.candidate.subject_id in self._at and b.candidate.subject_id in self._at:
                self._remove(a.candidate.subject_id)
                self._remove(b.candidate.subject_id)
                self._changes.take_out(a.candidate.subject_id, b.candidate.subject_id)
                chosen.append([a.candidate, b.candidate])
        for person in due:
            if person.candidate.subject_id in self._at:
                self._look_again(person, person.height)
        if len(self._due) > 4 * len(self._free) + 256:
            self._due = [entry for entry in self._due if self._is_valid(entry)]
            heapq.heapify(self._due)
        return chosen

    def next_look_s(self, pool: MatchPool) -> float | None:
        """When a pair comes under the level if nothing else happens, in seconds from now."""
        while self._due and not self._is_valid(self._due[0]):
            heapq.heappop(self._due)
        if len(self._free) < 2 or not self._due:
            return None
        if self._outdated:
            return 0.0
        height = self._due[0][0]
        if height == inf:
            return None
        return max(0.0, (height - self._level(pool)) / (self._age_weight + 1.0))

    def _level(self, pool: MatchPool) -> float:
        pace = pool.pace
        gap_s = pace.since_arrival_s(pool.now_s)
        return pace.typical_wait_s + self._age_weight * pool.now_s + gap_s

    def _follow(self, pool: MatchPool) -> None:
        """Bring what is remembered up to the present pool."""
        changes = self._changes.update(pool)
        for subject_id in changes.left:
            self._remove(subject_id)
        for candidate in changes.touched:
            self._remove(candidate.subject_id)
        for candidate in [*changes.came, *changes.touched]:
            self._insert(candidate, pool)
        price = self._probe_price * pool.pace.typical_probe_s
        has_moved = abs(price - self._price) > NOTICEABLE * self._price
        if has_moved or pool.graph.predictor.version != self._predictor_version:
            self._price = price
            self._predictor_version = pool.graph.predictor.version
            self._version += 1
            # Who was still to be looked at comes first: frequent changes must not pass them over.
            first = dict.fromkeys(self._outdated)
            self._outdated = [s for s in self._people if s not in first] + self._outdated

    def _take_due(self, level: float) -> list[_Person]:
        """Whom to look at in this pass: under the level first, then those of an older version."""
        limit = max(32, PAIRS_PER_PASS // max(1, len(self._free)))
        due: dict[str, _Person] = {}
        while self._due and self._due[0][0] <= level and len(due) < limit:
            entry = heapq.heappop(self._due)
            if self._is_valid(entry):
                due[entry[3]] = self._people[entry[3]]
        while self._outdated and len(due) < limit:
            person = self._people.get(self._outdated.pop())
            if person is not None and person.version != self._version:
                due[person.candidate.subject_id] = person
        return list(due.values())

    def _look(self, person: _Person, level: float, pool: MatchPool) -> list[Found]:
        """The partners of a person whose pairs are under the level; notes the next height."""
        heights = self._heights(person, pool)
        lowest = min(heights)
        found: list[Found] = []
        if lowest <= level:
            start = self._age_weight * person.since_s / 2.0
            for at, height in enumerate(heights):
                if height <= level and self._are_compatible(person, self._free[at], pool):
                    other, joined = self._free[at], start + self._halves[at]
                    surplus = inf
                    if height > -inf:
                        surplus = self._price * ((level - joined) / (height - joined) - 1.0)
                    first, second = sorted((person, other), key=lambda p: (p.since_s, p.order))
                    found.append((-surplus, first.since_s, second.since_s, first, second))
            lowest = min((height for height in heights if height > level), default=inf)
        person.height = lowest
        person.version = self._version
        return found

    def _heights(self, person: _Person, pool: MatchPool) -> list[float]:
        """The heights of a person's pairs with everybody free, by column: minus infinity for a
        pair that may play unprobed, infinity for one that must not be proposed."""
        price, least = self._price, 1.0 / LEAST_P - 1.0
        subject_id = person.candidate.subject_id
        own = self._at[subject_id]
        start = self._age_weight * person.since_s / 2.0
        if subject_id in pool.at_probe_limit:
            heights = [inf] * len(self._free)
        else:
            base, mean, variance = start + price, self._means[own], self._variances[own]
            rows = self._rows(own, pool)
            linear = [
                rows[step][bin_] for step, bin_ in zip(self._expanded, self._bins, strict=True)
            ]
            columns = zip(linear, self._means, self._variances, self._halves, strict=True)
            heights = [
                base + half + price * min(least, exp(-(eta + mean + m) / sqrt(q + variance + v)))
                for (eta, q), m, v, half in columns
            ]
        standings = self._standings(person, pool)
        for other, edge in standings.remembered.items():
            at = self._at.get(other)
            if at is not None and heights[at] < inf:
                threshold_ms = self._thresholds_ms(own, pool)[self._expanded[at]]
                p = max(LEAST_P, p_remeasured(edge, threshold_ms))
                heights[at] = start + self._halves[at] + price / p
        for others in (standings.blocked, person.incompatible, pool.at_probe_limit):
            for other in others:
                at = self._at.get(other)
                if at is not None:
                    heights[at] = inf
        for other in standings.ready:
            at = self._at.get(other)
            if at is not None and other not in person.incompatible:
                heights[at] = -inf
        heights[own] = inf
        return heights

    def _thresholds_ms(self, own: int, pool: MatchPool) -> list[float]:
        """The threshold with a partner, by how many expansions are due for the partner."""
        due = self._expanded[own]
        choose = max if pool.expand_by == "oldest" else min
        steps = [pool.base_threshold_ms or inf, *(ms for _, ms in pool.expansions)]
        return [steps[choose(due, other)] for other in range(len(steps))]

    def _rows(self, own: int, pool: MatchPool) -> list[dict[int, tuple[float, float]]]:
        predictor, own_bin = pool.graph.predictor, self._bins[own]
        return [predictor.row(ms, own_bin) for ms in self._thresholds_ms(own, pool)]

    def _standings(self, person: _Person, pool: MatchPool) -> _Standings:
        """How the pairs of whom something is known stand; kept until one of them changes, unless
        verdicts also change with waiting."""
        if person.standings is None or pool.expansions:
            standings = _Standings([], [], {})
            for other, link in pool.graph.links(person.candidate.subject_id).items():
                if pool.expansions and other not in pool:
                    continue
                edge = link.fresh_edge(pool.now_s)
                is_rejected = edge is not None and not self._is_acceptable(
                    edge, person, other, pool
                )
                if is_rejected or link.on_blocklist or link.is_in_backoff(pool.now_s):
                    standings.blocked.append(other)
                elif edge is not None and link.failure is None:
                    standings.ready.append(other)
                elif link.edge is not None:
                    standings.remembered[other] = link.edge
            person.standings = standings
        return person.standings

    def _is_acceptable(self, edge: Edge, person: _Person, other: str, pool: MatchPool) -> bool:
        if not pool.expansions:
            return edge.accepted
        return pool.is_acceptable(edge, (person.candidate, pool.candidate(other)))

    def _are_compatible(self, person: _Person, other: _Person, pool: MatchPool) -> bool:
        if pool.are_compatible(person.candidate, other.candidate):
            return True
        person.incompatible.add(other.candidate.subject_id)
        other.incompatible.add(person.candidate.subject_id)
        return False

    def _look_again(self, person: _Person, height: float) -> None:
        """Have a person looked at once the level reaches `height`."""
        person.height = height
        person.stamp += 1
        heapq.heappush(self._due, (height, person.order, person.stamp, person.candidate.subject_id))

    def _is_valid(self, entry: tuple[float, int, int, str]) -> bool:
        _, order, stamp, subject_id = entry
        person = self._people.get(subject_id)
        return person is not None and (person.order, person.stamp) == (order, stamp)

    def _insert(self, candidate: MatchCandidate, pool: MatchPool) -> None:
        since_s = pool.now_s - pool.waited_s(candidate)
        self._came += 1
        person = _Person(candidate, since_s, self._came)
        effect = pool.graph.predictor.effect(candidate.subject_id)
        self._people[candidate.subject_id] = person
        self._at[candidate.subject_id] = len(self._free)
        self._free.append(person)
        self._bins.append(pool.graph.predictor.bin_of(candidate.rtt_ms))
        self._expanded.append(due_expansions(pool.expansions, pool.waited_s(candidate)))
        self._means.append(effect.mean)
        self._variances.append(_PROBIT * effect.variance)
        self._halves.append(self._age_weight * since_s / 2.0)
        self._look_again(person, -inf)

    def _remove(self, subject_id: str) -> None:
        if self._people.pop(subject_id, None) is None:
            return
        at = self._at.pop(subject_id)
        last = self._free[-1]
        columns: tuple[list[Any], ...] = (
            self._free,
            self._bins,
            self._expanded,
            self._means,
            self._variances,
            self._halves,
        )
        for column in columns:
            column[at] = column[-1]
            column.pop()
        if last.candidate.subject_id != subject_id:
            self._at[last.candidate.subject_id] = at
