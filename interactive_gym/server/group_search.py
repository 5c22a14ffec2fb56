"""Finds groups of three and more: those that may play at once, and those most worth probing.

All pairs of a group must be acceptable, so groups are cliques. Among known edges the search is
exact: backtracking in the order of waiting, cut where a pair is not acceptable. Among unmeasured
pairs it takes the likeliest partners of one person at a time. The work of one pass is bounded.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from itertools import combinations
from math import prod

from interactive_gym.server.deferral import LEAST_P, Deferral
from interactive_gym.server.match_candidate import MatchCandidate
from interactive_gym.server.match_pool import MatchPool, Standing
from interactive_gym.server.pool_changes import PoolChanges

Group = list["MatchCandidate"]

STEPS_PER_PASS = 20_000
"""How many times a candidate is tried as a group's next member in one search, at most. Exhaustive
for groups of 4 among 25 people of whom all pairs are acceptable, and of 6 among 16; among fewer
acceptable pairs, for many more."""

PAIRS_PER_PASS = 4_000
"""About how many pairs are predicted in one pass; whose turn it was not comes first in the next."""

SHORTLIST = 10
"""How many of a person's likeliest partners are combined first; doubled while no group is found."""


class Steps:
    """Counts the work of one pass down."""

    def __init__(self, count: int = STEPS_PER_PASS) -> None:
        self._left = count

    @property
    def are_spent(self) -> bool:
        """Whether a step was wanted that was not there."""
        return self._left < 0

    def take(self) -> bool:
        """Take one step; tells whether there was one left."""
        self._left -= 1
        return self._left >= 0


def earliest_group(
    members: Sequence[MatchCandidate],
    others: Sequence[MatchCandidate],
    size: int,
    *,
    fits: Callable[[MatchCandidate, MatchCandidate], bool],
    is_good: Callable[[Sequence[MatchCandidate]], bool],
    steps: Steps,
) -> Group | None:
    """The first group of `size` with `members` in it, trying `others` in their order.

    Args:
        members: who is in the group already.
        others: who may join, all of whom fit every one of `members`.
        size: how many make a group.
        fits: whether two may be in one group at all; cuts the search.
        is_good: whether a complete group will do.
        steps: the work that may still be done; without any left the answer is `None`.
    """
    if len(members) == size:
        return list(members) if is_good(members) else None
    for at in range(len(others) - (size - len(members)) + 1):
        if not steps.take():
            return None
        joining = others[at]
        remaining = [other for other in others[at + 1 :] if fits(joining, other)]
        found = earliest_group(
            [*members, joining], remaining, size, fits=fits, is_good=is_good, steps=steps
        )
        if found is not None:
            return found
    return None


def ready_groups(
    pool: MatchPool, seeds: Sequence[MatchCandidate], steps: Steps
) -> tuple[list[Group], Sequence[MatchCandidate]]:
    """Disjoint groups that may play without a probe, each with one of `seeds` in it.

    Also returns the seeds that no steps were left for.
    """
    position = {c.subject_id: at for at, c in enumerate(pool.candidates)}
    groups: list[Group] = []
    taken: set[str] = set()

    def fits(a: MatchCandidate, b: MatchCandidate) -> bool:
        return pool.best_standing(a, b) is Standing.ACCEPTABLE

    for at, seed in enumerate(seeds):
        if steps.are_spent:
            return groups, seeds[at:]
        if seed.subject_id in taken:
            continue
        near = sorted(s for s in pool.graph.links(seed.subject_id) if s in pool and s not in taken)
        near.sort(key=position.__getitem__)
        others = [c for c in map(pool.candidate, near) if fits(seed, c)]
        group = earliest_group(
            [seed], others, pool.group_size, fits=fits, is_good=pool.is_ready, steps=steps
        )
        if group is not None:
            group.sort(key=lambda member: position[member.subject_id])
            groups.append(group)
            taken.update(member.subject_id for member in group)
    return groups, []


class GroupSearch:
    """Which groups to let play or to probe now.

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

    def propose(self, pool: MatchPool) -> list[Group]:
        """Disjoint groups: first those that need no probe, then by their scores."""
        changes = self._changes.update(pool)
        changed = [*changes.came, *changes.touched]
        groups, unsearched = ready_groups(pool, changed, Steps())
        taken = {member.subject_id for group in groups for member in group}
        one_pass = _Pass(pool, taken, Steps(), self._deferral)
        groups += one_pass.groups_to_probe(self._seeds(pool, changed))
        for group in groups:
            self._changes.take_out(*(member.subject_id for member in group))
        self._changes.take_out(*(seed.subject_id for seed in unsearched))
        return groups

    def _seeds(self, pool: MatchPool, changed: list[MatchCandidate]) -> list[MatchCandidate]:
        """Whose groups are searched in this pass: newcomers, then whose turn is longest ago."""
        new = [c.subject_id for c in changed if c.subject_id not in self._turns]
        self._turns = {
            subject_id: None for subject_id in (*new, *self._turns) if subject_id in pool
        }
        limit = max(4, PAIRS_PER_PASS // max(1, len(pool.candidates)))
        seeds = list(self._turns)[:limit]
        for subject_id in seeds:
            del self._turns[subject_id]
            self._turns[subject_id] = None
        return [pool.candidate(subject_id) for subject_id in seeds]


class _Pass:
    """One pass's search among unmeasured pairs; what it computes of a pair it computes once."""

    def __init__(self, pool: MatchPool, taken: set[str], steps: Steps, deferral: Deferral) -> None:
        self._pool = pool
        self._taken = taken
        self._steps = steps
        self._deferral = deferral
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
            for candidate in self._pool.candidates
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
        longest_s = self._wait_s(self._pool.candidates[:1])
        least_p = self._least_p(longest_s)

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
                # A group's probability only falls as it grows, and nobody's weight is larger.
                if joint > least_p and joint * longest_s > best_score:
                    extend([*members, rest[at]], rest[at + 1 :], joint)

        extend([seed], others, 1.0)
        if best is not None:
            best = sorted(best, key=lambda member: -self._pool.waited_s(member))
        return best

    def _least_p(self, longest_s: float) -> float:
        """The product of probabilities below which no group of people who have waited no longer is
        worth a probe."""
        mean_p = self._deferral.price(self._pool.pace) / longest_s
        size = self._pool.group_size
        return 0.0 if mean_p <= LEAST_P else mean_p ** (size * (size - 1) / 2) * (1.0 - 1e-9)

    def _score(self, group: Sequence[MatchCandidate]) -> float:
        return prod(self._group_ps(group)) * self._wait_s(group)

    def _is_worth_it(self, group: Sequence[MatchCandidate]) -> bool:
        unknown = [p for p in self._group_ps(group) if p < 1.0]
        if not unknown:
            return True
        mean_p = prod(unknown) ** (1.0 / len(unknown))
        pool = self._pool
        return self._deferral.is_worth_it(mean_p, pool.pace, pool.now_s, self._age_s(group))

    def _group_ps(self, group: Sequence[MatchCandidate]) -> list[float]:
        if self._pool.expansions:
            # The group's own threshold holds, not that of each pair alone.
            return [self._pool.p_accept(a, b, group) for a, b in combinations(group, 2)]
        return [self._p(a, b) for a, b in combinations(group, 2)]

    def _wait_s(self, group: Sequence[MatchCandidate]) -> float:
        return self._deferral.wait_s(self._pool.pace, self._pool.now_s, self._age_s(group))

    def _age_s(self, group: Sequence[MatchCandidate]) -> float:
        return sum(map(self._pool.waited_s, group)) / len(group)

    def _p(self, a: MatchCandidate, b: MatchCandidate) -> float:
        """A pair's probability in the company that relaxes its threshold most."""
        one, two = a.subject_id, b.subject_id
        key = (one, two) if one <= two else (two, one)
        p = self._ps.get(key)
        if p is None:
            p = self._ps[key] = self._pool.p_accept(a, b, self._pool.best_company(a, b))
        return p
