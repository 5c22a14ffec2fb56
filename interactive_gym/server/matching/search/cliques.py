"""Exact search for groups of three and more among known edges.

All pairs of a group must be acceptable, so groups are cliques of the graph of acceptable pairs. The
search backtracks in the order of waiting and cuts off branches where a pair does not fit. The work
of one pass is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.pool import MatchPool, Standing

Group = list[MatchCandidate]

STEPS_PER_PASS = 20_000
"""How many times a candidate is tried as a group's next member in one search, at most. Exhaustive
for groups of 4 among 25 candidates if all pairs are acceptable, and of 6 among 16; for many more
candidates if fewer pairs are."""


class Steps:
    """Counts the work of one pass down."""

    def __init__(self, count: int = STEPS_PER_PASS) -> None:
        self._left = count

    @property
    def are_spent(self) -> bool:
        """Whether a step was asked for when none was left."""
        return self._left < 0

    def take(self) -> bool:
        """Take one step; returns false if none was left."""
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
        members: the candidates who are in the group already.
        others: the candidates who may join; each fits all `members`.
        size: how many make a group.
        fits: whether two may be in one group at all; cuts the search.
        is_good: whether a complete group is acceptable.
        steps: the work that may still be done; if it is used up, the result is `None`.
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
