"""Finds groups of three and more: those that may play at once, and those most worth probing.

Among known edges the search is exact (see `cliques`). Among unmeasured pairs it combines the
likeliest partners of one candidate at a time. The work of one pass is bounded; in a crowd each
candidate is combined with the most promising by their server RTTs, with some in turn, and with
those with whom an edge is known.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import inf, prod

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.search.cliques import Group, Steps, ready_groups
from interactive_gym.server.matching.search.deferral import LEAST_P, Deferral
from interactive_gym.server.matching.search.nearby import Nearby
from interactive_gym.server.matching.search.pool_changes import PoolChanges

PAIRS_PER_PASS = 4_000
"""About how many pairs are predicted in one pass; candidates left out come first in the next."""

CROWD = 300
"""With so many free candidates at most, anybody may be anybody's partner."""

CROWD_SEEDS, CROWD_NEARBY, CROWD_IN_TURN, CROWD_STEPS = 10, 24, 8, 1_500
"""In a crowd: for how many candidates a pass searches groups, among how many of the most promising
and how many in turn, and how often it tries a candidate as a group's next member."""

SHORTLIST = 10
"""How many of the likeliest partners are combined first; doubled while no group is found."""


class GroupSearch:
    """Finds the groups to let play or to probe now.

    A group's score is the product of its pairs' probabilities, weighted by how long its members
    have waited. It is proposed when its unmeasured pairs, by the geometric mean of their
    probabilities, are worth a probe by the same rule as single pairs.

    Args:
        deferral: when a pair is worth its probe.
    """

    def __init__(self, deferral: Deferral) -> None:
        self._deferral = deferral
        self._changes = PoolChanges()
        self._turns: dict[str, None] = {}
        self._nearby = Nearby()
        self._turn = 0
        self._is_behind = False

    def propose(self, pool: MatchPool) -> list[Group]:
        """Disjoint groups: first those that need no probe, then by their scores."""
        changes = self._changes.update(pool)
        for subject_id in changes.left:
            self._nearby.remove(subject_id)
        for candidate in changes.came:
            bin_ = pool.graph.predictor.bin_of(candidate.rtt_ms)
            self._nearby.add(candidate.subject_id, bin_)
        changed = [*changes.came, *changes.touched]
        groups, unsearched = ready_groups(pool, changed, Steps())
        taken = {member.subject_id for group in groups for member in group}
        is_crowd = self._is_crowd(pool)
        seeds = self._seeds(pool, changed)
        company = {seed.subject_id: self._company(seed, pool) for seed in seeds if is_crowd}
        steps = Steps(CROWD_STEPS) if is_crowd else Steps()
        groups += _Pass(pool, taken, steps, self._deferral, company).groups_to_probe(seeds)
        for group in groups:
            self._changes.take_out(*(member.subject_id for member in group))
            for member in group:
                self._nearby.remove(member.subject_id)
        for seed in unsearched:
            self._changes.take_out(seed.subject_id)
            self._nearby.remove(seed.subject_id)
        self._is_behind = is_crowd and bool(groups)
        return groups

    def next_look_s(self, pool: MatchPool) -> float | None:
        """At once if there was a crowd in which groups were found, as there may be more."""
        return 0.0 if self._is_behind and self._is_crowd(pool) else None

    def _is_crowd(self, pool: MatchPool) -> bool:
        """Whether there are too many to combine them all; never without a hold, as then nothing
        else sees to it that everybody is tried."""
        return len(pool.candidates) > CROWD and self._deferral.hold_s(pool.statistics) < inf

    def _company(self, seed: MatchCandidate, pool: MatchPool) -> list[MatchCandidate]:
        """With whom a candidate in a crowd is combined in this pass."""
        known = {who: None for who in pool.graph.links(seed.subject_id) if who in pool}
        company = [pool.candidate(who) for who in known]
        left_out = {*known, seed.subject_id, *pool.at_probe_limit}
        nearby = self._nearby.partners(
            pool.graph.predictor.bin_of(seed.rtt_ms),
            CROWD_NEARBY,
            left_out=left_out,
            predictor=pool.graph.predictor,
            threshold_ms=pool.base_threshold_ms or inf,
        )
        company += [pool.candidate(who) for who in nearby]
        left_out.update(nearby)
        everybody = pool.candidates
        in_turn = [everybody[(self._turn + n) % len(everybody)] for n in range(CROWD_IN_TURN)]
        self._turn += CROWD_IN_TURN
        return company + [other for other in in_turn if other.subject_id not in left_out]

    def _seeds(self, pool: MatchPool, changed: list[MatchCandidate]) -> list[MatchCandidate]:
        """The candidates to search groups for in this pass: newcomers, then by their last turn."""
        new = [c.subject_id for c in changed if c.subject_id not in self._turns]
        self._turns = {
            subject_id: None for subject_id in (*new, *self._turns) if subject_id in pool
        }
        limit = max(4, PAIRS_PER_PASS // max(1, len(pool.candidates)))
        if self._is_crowd(pool):
            limit = CROWD_SEEDS
        seeds = list(self._turns)[:limit]
        for subject_id in seeds:
            del self._turns[subject_id]
            self._turns[subject_id] = None
        return [pool.candidate(subject_id) for subject_id in seeds]


class _Pass:
    """One pass's search among unmeasured pairs; each pair is computed once.

    In a crowd, `company` has the candidates with whom each seed is combined.
    """

    def __init__(
        self,
        pool: MatchPool,
        taken: set[str],
        steps: Steps,
        deferral: Deferral,
        company: Mapping[str, Sequence[MatchCandidate]],
    ) -> None:
        self._company = company
        self._pool = pool
        self._taken = taken
        self._steps = steps
        self._deferral = deferral
        self._expected_s: dict[str, float] = {}
        self._ps: dict[tuple[str, str], float] = {}

    def groups_to_probe(self, seeds: Sequence[MatchCandidate]) -> list[Group]:
        """Disjoint groups around these seeds that are worth a probe, best first."""
        groups: list[Group] = []
        best: list[tuple[float, int]] = []
        found: dict[int, Group] = {}

        def look(at: int) -> None:
            group = self._best_group(seeds[at])
            if group is not None:
                found[at] = group
                heapq.heappush(best, (-self._score(group), at))

        for at in range(len(seeds)):
            look(at)
        while best:
            _, at = heapq.heappop(best)
            group = found.pop(at)
            if all(member.subject_id not in self._taken for member in group):
                groups.append(group)
                self._taken.update(member.subject_id for member in group)
            else:
                look(at)
        return groups

    def _best_group(self, seed: MatchCandidate) -> Group | None:
        """The seed's group of the highest score among its likeliest partners."""
        if seed.subject_id in self._taken:
            return None
        partners = [
            (p, candidate)
            for candidate in self._company.get(seed.subject_id, self._pool.candidates)
            if candidate is not seed
            and candidate.subject_id not in self._taken
            and (p := self._p(seed, candidate)) > 0.0
        ]
        # A stable sort keeps the order of waiting among equals.
        partners.sort(key=lambda partner: -partner[0] * self._wait_s([partner[1]]))
        size, length = self._pool.group_size, SHORTLIST
        while True:
            shortlist = [candidate for _, candidate in partners[:length]]
            group = self._best_of(seed, shortlist, size)
            if group is not None or length >= len(partners):
                return group
            length *= 2

    def _best_of(self, seed: MatchCandidate, others: Group, size: int) -> Group | None:
        best: Group | None = None
        best_score = 0.0
        longest_s = max(self._wait_s([member]) for member in (seed, *others))
        least_p = 0.0 if self._is_held([seed]) else self._least_p(longest_s)

        def extend(members: Group, rest: Group, p: float) -> None:
            nonlocal best, best_score
            if len(members) == size:
                score = self._score(members)
                if score > best_score and self._is_worth_it(members):
                    best, best_score = members, score
                return
            for at in range(len(rest) - (size - len(members)) + 1):
                if not self._steps.take():
                    return
                joint = p * prod(self._p(member, rest[at]) for member in members)
                # A group's probability only falls as it grows, and no group's weight is larger.
                if joint > least_p and joint * longest_s > best_score:
                    extend([*members, rest[at]], rest[at + 1 :], joint)

        extend([seed], others, 1.0)
        if best is not None:
            best = sorted(best, key=lambda member: -self._pool.waited_s(member))
        return best

    def _least_p(self, longest_s: float) -> float:
        """The product of probabilities below which no group whose members have waited at most
        `longest_s` is worth a probe."""
        mean_p = self._deferral.price(self._pool.statistics) / longest_s
        size = self._pool.group_size
        return 0.0 if mean_p <= LEAST_P else mean_p ** (size * (size - 1) / 2) * (1.0 - 1e-9)

    def _score(self, group: Sequence[MatchCandidate]) -> float:
        return prod(self._group_ps(group)) * self._wait_s(group)

    def _is_worth_it(self, group: Sequence[MatchCandidate]) -> bool:
        unknown = [p for p in self._group_ps(group) if p < 1.0]
        if not unknown:
            return True
        if self._is_held(group):
            return True
        mean_p = prod(unknown) ** (1.0 / len(unknown))
        pool = self._pool
        return self._deferral.is_worth_it(
            mean_p, pool.statistics, pool.now_s, self._age_s(group), self._expected(group)
        )

    def _is_held(self, group: Sequence[MatchCandidate]) -> bool:
        """Whether all have waited so long that nothing is deferred any more."""
        hold_s = self._deferral.hold_s(self._pool.statistics)
        return all(self._pool.waited_s(member) >= hold_s for member in group)

    def _expected(self, group: Sequence[MatchCandidate]) -> float:
        """The mean of what they may expect to wait, in seconds."""
        for member in group:
            if member.subject_id not in self._expected_s:
                expected_s = self._deferral.expected_wait_s(member, self._pool)
                self._expected_s[member.subject_id] = expected_s
        return sum(self._expected_s[member.subject_id] for member in group) / len(group)

    def _group_ps(self, group: Sequence[MatchCandidate]) -> list[float]:
        if self._pool.expansions:
            # The group's own threshold holds, not that of each pair alone.
            return [self._pool.p_accept(a, b, group) for a, b in combinations(group, 2)]
        return [self._p(a, b) for a, b in combinations(group, 2)]

    def _wait_s(self, group: Sequence[MatchCandidate]) -> float:
        wait_s = self._deferral.wait_s(self._pool.statistics, self._pool.now_s, self._age_s(group))
        return wait_s + self._expected(group)

    def _age_s(self, group: Sequence[MatchCandidate]) -> float:
        return sum(map(self._pool.waited_s, group)) / len(group)

    def _p(self, a: MatchCandidate, b: MatchCandidate) -> float:
        """A pair's probability in the group that relaxes its threshold most."""
        one, two = a.subject_id, b.subject_id
        key = (one, two) if one <= two else (two, one)
        p = self._ps.get(key)
        if p is None:
            p = self._ps[key] = self._pool.p_accept(a, b, self._pool.best_company(a, b))
        return p
