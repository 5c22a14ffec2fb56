"""Finds the pairs worth a probe in a large waitroom, without computing every pair again.

Used by the LatencyMatchmaker for groups of two. Solved for the terms that change with time, the
rule of `Deferral` is

    price / p + age_weight · mean time of joining  ≤  W + age_weight · now + G.

The left side, the pair's *height*, is constant; the right side, the *level*, is the same for all
pairs and rises with time. So a candidate's lowest height tells when to look at them again. What a
candidate may expect to wait, and the time of joining, are sums over the two members, so each
contributes a *half*. A pair that was never tried is also due once both have waited out the hold.

Where there is a hold, a candidate in a crowd is compared with so many only: those most promising by
their server RTTs, and some in turn, whoever they are. So a pass takes as long among 10,000 as among
1,000. Whoever was left without a partner is looked at again in the next pass, with others in turn,
until nobody is left whom they were not compared with, or they are not to be probed yet.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from math import exp, inf, sqrt
from typing import NamedTuple

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.latency_graph import Edge, p_remeasured
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.relaxation import due_expansions
from interactive_gym.server.matching.search.deferral import LEAST_P, Deferral
from interactive_gym.server.matching.search.nearby import Nearby
from interactive_gym.server.matching.search.pool_changes import PoolChanges

PAIRS_PER_PASS = 32_000
"""About how many pairs are computed in one pass; candidates left over are due in the next."""

CROWD = 300
"""So many free candidates at most are all compared with each other."""

CROWD_NEARBY, CROWD_IN_TURN = 48, 16
"""With how many a candidate in a crowd is compared: the most promising, and those in turn."""

CROWD_FOUND = 8
"""How many pairs of a candidate in a crowd may be chosen from, the lowest first."""

CROWD_PAIRS_PER_PASS = 3_200
"""About how many pairs are computed in one pass in a crowd."""

NOTICEABLE = 0.1
"""By which share the price of a probe must change for all heights to be computed anew."""

_PROBIT = math.pi / 8.0


@dataclass
class _Person:
    """A free candidate, and what was computed for them."""

    candidate: MatchCandidate
    since_s: float
    order: int
    height: float = -inf
    stamp: int = 0
    version: int = 0
    was_held: bool = False
    has_more: bool = False
    rest: Heights = field(default_factory=list)
    is_unfinished: bool = False
    incompatible: set[str] = field(default_factory=set)
    standings: _Standings | None = None


@dataclass(frozen=True)
class _Standings:
    """The partners with a known link, by the standing of the pair."""

    known: set[str]
    """All of them."""

    ready: list[str]
    """Partners to play with at once."""

    remembered: dict[str, Edge]
    """Partners to be measured again, with the earlier measurement."""


class _Terms(NamedTuple):
    """What a candidate contributes to the heights of their pairs."""

    bin: int
    expansions_due: int
    mean: float
    variance: float
    half: float


Found = tuple[float, float, float, int, int]
"""A pair to be tried: minus its rank, since when both have waited, and their places."""

Heights = list[tuple[float, int]]
"""Pairs of one candidate: their heights, and the partners' places."""


class PairSearch:
    """Finds the pairs to probe now, or to let play if their edge is known.

    Args:
        deferral: when a pair is worth its probe.
    """

    def __init__(self, deferral: Deferral) -> None:
        self._deferral = deferral
        self._age_weight = deferral.age_weight
        self._changes = PoolChanges()
        self._people: dict[str, _Person] = {}
        self._came = 0
        self._price = 0.0
        self._version = 0
        self._predictor_version = -1
        self._outdated: list[str] = []
        self._due: list[tuple[float, int, int, str]] = []
        self._hold_s = inf
        self._holding: list[tuple[float, int, str]] = []
        self._nearby = Nearby()
        self._turn = 0
        self._unfinished: deque[tuple[int, str]] = deque()
        self._is_turn_of_unfinished = False
        # The free candidates and the terms of their pairs, by place, for one tight loop over all.
        self._at: dict[str, int] = {}
        self._free: list[_Person] = []
        self._terms: list[_Terms] = []

    def propose(self, pool: MatchPool) -> list[list[MatchCandidate]]:
        """Disjoint pairs, the most worthwhile first."""
        self._follow(pool)
        level = self._level(pool)
        looked_at = []
        found: list[Found] = []
        budget = CROWD_PAIRS_PER_PASS if self._is_crowd else PAIRS_PER_PASS
        while budget > 0 and (person := self._next_due(level, pool)) is not None:
            looked_at.append(person)
            if person.version != self._version:
                at = self._at[person.candidate.subject_id]
                self._terms[at] = self._terms_of(person.candidate, pool)
            untried, others = self._pairs(person, pool)
            found += self._under(level, person, untried, others, pool)
            effort = CROWD_IN_TURN if self._is_crowd else len(self._free) // 4
            budget -= len(untried) + len(others) + effort
        free = list(self._free)
        chosen: list[list[MatchCandidate]] = []
        for *_, at_a, at_b in sorted(found):
            pair = [free[at_a].candidate, free[at_b].candidate]
            if all(member.subject_id in self._at for member in pair):
                chosen.append(self._taken_out(pair))
        chosen += self._among_the_rest(looked_at, free, pool)
        for person in looked_at:
            if person.candidate.subject_id in self._at:
                self._look_again(person, person.height)
                if person.is_unfinished:
                    self._unfinished.append((person.order, person.candidate.subject_id))
        if len(self._due) > 4 * len(self._free) + 256:
            self._due = [entry for entry in self._due if self._is_valid(entry)]
            heapq.heapify(self._due)
        return chosen

    def _among_the_rest(
        self, looked_at: list[_Person], free: list[_Person], pool: MatchPool
    ) -> list[list[MatchCandidate]]:
        """Pairs of those in a crowd whose choices were all taken, with others they were compared
        with: whoever is everybody's last choice is tried all the same."""
        chosen = []
        for person in looked_at:
            for _, at in person.rest:
                both = (person, free[at])
                if any(who.candidate.subject_id not in self._at for who in both):
                    continue
                if self._are_compatible(*both, pool):
                    chosen.append(self._taken_out([who.candidate for who in both]))
                    break
            person.rest = []
        return chosen

    def _taken_out(self, pair: list[MatchCandidate]) -> list[MatchCandidate]:
        """A pair that is proposed, and so not free any more."""
        for member in pair:
            self._remove(member.subject_id)
            self._changes.take_out(member.subject_id)
        return pair

    def next_look_s(self, pool: MatchPool) -> float | None:
        """When a pair comes under the level if nothing else happens, in seconds from now."""
        while self._due and not self._is_valid(self._due[0]):
            heapq.heappop(self._due)
        while self._holding and not self._is_held(self._holding[0]):
            heapq.heappop(self._holding)
        if len(self._free) < 2 or not self._due:
            return None
        if self._outdated or self._unfinished:
            return 0.0
        height = self._due[0][0]
        looks_s = [(height - self._level(pool)) / (self._age_weight + 1.0)] if height < inf else []
        if self._holding:
            looks_s.append(self._holding[0][0] + self._hold_s - pool.now_s)
        return max(0.0, min(looks_s)) if looks_s else None

    @property
    def _is_crowd(self) -> bool:
        """Whether there are too many to compare them all; never without a hold, as then nothing
        else sees to it that everybody is tried."""
        return len(self._free) > CROWD and self._hold_s < inf

    def _level(self, pool: MatchPool) -> float:
        return self._deferral.wait_s(pool.statistics, pool.now_s, mean_age_s=pool.now_s)

    def _follow(self, pool: MatchPool) -> None:
        """Bring what is remembered up to the present pool."""
        changes = self._changes.update(pool)
        for subject_id in changes.left:
            self._remove(subject_id)
        for candidate in changes.touched:
            self._remove(candidate.subject_id)
        for candidate in [*changes.came, *changes.touched]:
            self._insert(candidate, pool)
        price = self._deferral.price(pool.statistics)
        has_moved = abs(price - self._price) > NOTICEABLE * self._price
        if has_moved or pool.graph.predictor.version != self._predictor_version:
            self._price = price
            self._predictor_version = pool.graph.predictor.version
            self._version += 1
            self._hold_s = self._deferral.hold_s(pool.statistics)
            if self._hold_s < inf:
                self._holding = [(p.since_s, p.order, s) for s, p in self._people.items()]
                heapq.heapify(self._holding)
            # Candidates left over come first: frequent changes must not pass them over.
            first = dict.fromkeys(self._outdated)
            self._outdated = [s for s in self._people if s not in first] + self._outdated

    def _next_due(self, level: float, pool: MatchPool) -> _Person | None:
        """The candidate to look at next: under the level first, then of an older version."""
        if self._is_crowd and pool.arriving is None:
            # New candidates, who may be many, must not keep those who were left over waiting.
            self._is_turn_of_unfinished = not self._is_turn_of_unfinished
            if self._is_turn_of_unfinished and (person := self._next_unfinished()) is not None:
                return person
        while self._due and self._due[0][0] <= level:
            entry = heapq.heappop(self._due)
            if self._is_valid(entry):
                return self._people[entry[3]]
        if pool.arriving is not None:
            # An arrival is urgent; the end of a hold and new predictions wait for the next look.
            return None
        while self._holding and self._holding[0][0] + self._hold_s <= pool.now_s:
            held = heapq.heappop(self._holding)
            if self._is_held(held) and not (self._is_crowd and self._people[held[2]].was_held):
                return self._people[held[2]]
        if (person := self._next_unfinished()) is not None:
            return person
        while self._outdated:
            person = self._people.get(self._outdated.pop())
            if person is not None and person.version != self._version:
                return person
        return None

    def _next_unfinished(self) -> _Person | None:
        """Who was left over first in an earlier pass, and is to be compared with others."""
        while self._unfinished:
            order, subject_id = self._unfinished.popleft()
            person = self._people.get(subject_id)
            if person is not None and person.order == order and person.is_unfinished:
                return person
        return None

    def _under(
        self,
        level: float,
        person: _Person,
        untried: Heights,
        others: Heights,
        pool: MatchPool,
    ) -> list[Found]:
        """The pairs of a candidate to be tried now; notes the lowest height above the level."""
        person.version = self._version
        pairs = untried + others
        ready = [pair for pair in pairs if pair[0] <= level]
        above = [height for height, _ in pairs if height > level] if len(ready) < len(pairs) else ()
        held_since_s = pool.now_s - self._hold_s
        is_held = person.since_s <= held_since_s
        person.was_held = is_held
        person.is_unfinished = person.has_more and (is_held or bool(ready))
        if above and is_held:
            ready += [
                (height, at)
                for height, at in untried
                if height > level and self._free[at].since_s <= held_since_s
            ]
        person.height = min(above, default=inf)
        return self._found(level, person, ready, pool)

    def _found(self, level: float, person: _Person, ready: Heights, pool: MatchPool) -> list[Found]:
        """These pairs of a candidate with their ranks, without those that are not compatible."""
        own = self._at[person.candidate.subject_id]
        own_half, own_since_s, own_order = self._terms[own].half, person.since_s, person.order
        price, rank_of, statistics = self._price, self._deferral.rank, pool.statistics
        found: list[Found] = []
        most = CROWD_FOUND if self._is_crowd else len(ready)
        if most < len(ready):
            ready.sort()
            person.rest = ready[most:]
        for height, at in ready[:most]:
            partner = self._free[at]
            if not self._are_compatible(person, partner, pool):
                continue
            rank = inf
            if height > -inf:
                joined = own_half + self._terms[at].half
                rank = rank_of(price / (height - joined), level - joined, statistics)
            if (own_since_s, own_order) < (partner.since_s, partner.order):
                found.append((-rank, own_since_s, partner.since_s, own, at))
            else:
                found.append((-rank, partner.since_s, own_since_s, at, own))
        return found

    def _pairs(self, person: _Person, pool: MatchPool) -> tuple[Heights, Heights]:
        """The heights of a candidate's possible pairs: those never measured, and the others.

        It is minus infinity for a pair that may play without a probe.
        """
        price, least = self._price, 1.0 / LEAST_P - 1.0
        person.has_more = False
        own = self._at[person.candidate.subject_id]
        standings = self._standings(person, pool)
        places = [(self._at[s], s) for s in standings.ready if s in self._at]
        others = [(-inf, at) for at, s in places if s not in person.incompatible]
        if person.candidate.subject_id in pool.at_probe_limit:
            return [], others
        excluded = {*person.incompatible, *pool.at_probe_limit, person.candidate.subject_id}
        left_out = standings.known | excluded
        open_at = self._open_to(person, left_out, pool)
        bin_, _, mean, variance, start = self._terms[own]
        base = start + price
        thresholds_ms = self._thresholds_ms(own, pool)
        rows = [pool.graph.predictor.row(ms, bin_) for ms in thresholds_ms]
        terms = [self._terms[at] for at in open_at]
        untried = [
            (base + half + price * (odds if odds < least else least), at)
            for at, (other_bin, due, m, v, half) in zip(open_at, terms, strict=True)
            for eta, q in (rows[due][other_bin],)
            for odds in (exp(-(eta + mean + m) / sqrt(q + variance + v)),)
        ]
        least_p = self._deferral.least_p_again
        for other, edge in standings.remembered.items():
            if other in self._at and other not in excluded:
                term = self._terms[self._at[other]]
                p = max(least_p, p_remeasured(edge, thresholds_ms[term.expansions_due]))
                others.append((start + term.half + price / p, self._at[other]))
        return untried, others

    def _open_to(self, person: _Person, left_out: set[str], pool: MatchPool) -> list[int]:
        """The places of those whom a candidate is compared with, out of all but `left_out`.

        In a crowd, notes whether there are more.
        """
        if not self._is_crowd:
            return [at for subject_id, at in self._at.items() if subject_id not in left_out]
        nearby = self._nearby.partners(
            self._terms[self._at[person.candidate.subject_id]].bin,
            CROWD_NEARBY,
            left_out=left_out,
            predictor=pool.graph.predictor,
            threshold_ms=pool.base_threshold_ms or inf,
        )
        person.has_more = len(nearby) == CROWD_NEARBY
        places = [self._at[subject_id] for subject_id in nearby]
        if person.has_more:
            seen = left_out.union(nearby)
            in_turn = [(self._turn + step) % len(self._free) for step in range(CROWD_IN_TURN)]
            places += [at for at in in_turn if self._free[at].candidate.subject_id not in seen]
            self._turn += CROWD_IN_TURN
        return places

    def _thresholds_ms(self, own: int, pool: MatchPool) -> list[float]:
        """The threshold with a partner, by how many expansions are due for the partner."""
        due = self._terms[own].expansions_due
        choose = max if pool.expand_by == "oldest" else min
        steps = [pool.base_threshold_ms or inf, *(ms for _, ms in pool.expansions)]
        return [steps[choose(due, other)] for other in range(len(steps))]

    def _standings(self, person: _Person, pool: MatchPool) -> _Standings:
        """The standings of a candidate's known links; kept until one of them changes, unless
        verdicts also change with waiting."""
        if person.standings is None or pool.expansions:
            links = pool.graph.links(person.candidate.subject_id)
            standings = person.standings = _Standings(set(links), [], {})
            now_s, relaxes = pool.now_s, bool(pool.expansions)
            for other, link in links.items():
                edge = link.edge
                if edge and not (edge.accepted or relaxes) and now_s < edge.expires_at_s:
                    # By far the most common case, so it is decided first.
                    continue
                if link.is_barred or link.is_in_backoff(now_s):
                    continue
                if link.failure is not None and not pool.retries:
                    continue
                if edge is None:
                    standings.known.discard(other)
                elif now_s >= edge.expires_at_s:
                    standings.remembered[other] = edge
                elif not self._is_acceptable(edge, person, other, pool):
                    continue
                elif link.failure is not None:
                    standings.remembered[other] = edge
                else:
                    standings.ready.append(other)
        return person.standings

    def _is_acceptable(self, edge: Edge, person: _Person, other: str, pool: MatchPool) -> bool:
        partner = pool.find(other) if pool.expansions else None
        return (
            edge.accepted
            if partner is None
            else pool.is_acceptable(edge, (person.candidate, partner))
        )

    def _are_compatible(self, person: _Person, other: _Person, pool: MatchPool) -> bool:
        if pool.are_compatible(person.candidate, other.candidate):
            return True
        person.incompatible.add(other.candidate.subject_id)
        other.incompatible.add(person.candidate.subject_id)
        return False

    def _look_again(self, person: _Person, height: float) -> None:
        """Schedule a candidate for when the level reaches `height`."""
        person.height = height
        person.stamp += 1
        heapq.heappush(self._due, (height, person.order, person.stamp, person.candidate.subject_id))

    def _is_valid(self, entry: tuple[float, int, int, str]) -> bool:
        _, order, stamp, subject_id = entry
        person = self._people.get(subject_id)
        return person is not None and (person.order, person.stamp) == (order, stamp)

    def _is_held(self, entry: tuple[float, int, str]) -> bool:
        _, order, subject_id = entry
        person = self._people.get(subject_id)
        return person is not None and person.order == order

    def _insert(self, candidate: MatchCandidate, pool: MatchPool) -> None:
        since_s = pool.now_s - pool.waited_s(candidate)
        self._came += 1
        person = _Person(candidate, since_s, self._came)
        self._people[candidate.subject_id] = person
        self._at[candidate.subject_id] = len(self._free)
        self._free.append(person)
        self._terms.append(self._terms_of(candidate, pool))
        self._nearby.add(candidate.subject_id, self._terms[-1].bin)
        if self._hold_s < inf:
            heapq.heappush(self._holding, (since_s, person.order, candidate.subject_id))
        self._look_again(person, -inf)

    def _terms_of(self, candidate: MatchCandidate, pool: MatchPool) -> _Terms:
        effect = pool.graph.predictor.effect(candidate.subject_id)
        since_s = pool.now_s - pool.waited_s(candidate)
        expected_s = self._deferral.expected_wait_s(candidate, pool)
        return _Terms(
            pool.graph.predictor.bin_of(candidate.rtt_ms),
            due_expansions(pool.expansions, pool.waited_s(candidate)),
            effect.mean,
            _PROBIT * effect.variance,
            (self._age_weight * since_s - expected_s) / 2.0,
        )

    def _remove(self, subject_id: str) -> None:
        if self._people.pop(subject_id, None) is None:
            return
        at = self._at.pop(subject_id)
        self._nearby.remove(subject_id)
        last_person, last_terms = self._free.pop(), self._terms.pop()
        if at < len(self._free):
            self._free[at], self._terms[at] = last_person, last_terms
            self._at[last_person.candidate.subject_id] = at
