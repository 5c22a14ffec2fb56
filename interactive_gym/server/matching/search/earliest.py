"""Finds groups in the order of waiting, without pairs that are known to be bad.

Used by the FIFOMatchmaker. Candidates for whom no group was found are tried again when a candidate
arrives, or when the standing of their own pairs changes.
"""

from __future__ import annotations

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.pool import MatchPool, Standing
from interactive_gym.server.matching.search.cliques import (
    Group,
    Steps,
    earliest_group,
    ready_groups,
)
from interactive_gym.server.matching.search.pool_changes import PoolChanges


class EarliestSearch:
    """The earliest groups in which no pair is blocked."""

    def __init__(self) -> None:
        self._changes = PoolChanges()

    def propose(self, pool: MatchPool) -> list[Group]:
        """Disjoint groups, those that need no probe first, then by waiting."""
        changes = self._changes.update(pool)
        changed = {candidate.subject_id for candidate in (*changes.came, *changes.touched)}
        seeds = [c for c in pool.candidates if c.subject_id in changed]
        groups, unsearched = ready_groups(pool, seeds, Steps()) if pool.is_probing else ([], [])
        again = {seed.subject_id for seed in unsearched}
        steps = Steps()
        taken = {member.subject_id for group in groups for member in group}
        for at, seed in enumerate(seeds):
            if len(pool.candidates) - len(taken) < pool.group_size:
                break
            if steps.are_spent:
                again.update(seed.subject_id for seed in seeds[at:])
                break
            if seed.subject_id not in taken:
                group = _earliest(pool, seed, taken, steps)
                if group is not None:
                    groups.append(group)
                    taken.update(member.subject_id for member in group)
        self._changes.take_out(*taken, *again)
        return groups


def _earliest(pool: MatchPool, seed: MatchCandidate, taken: set[str], steps: Steps) -> Group | None:
    """The earliest group with `seed` in it, in the order of waiting."""

    def fits(a: MatchCandidate, b: MatchCandidate) -> bool:
        return pool.best_standing(a, b) is not Standing.BLOCKED

    free = (c for c in pool.candidates if c is not seed and c.subject_id not in taken)
    if pool.group_size == 2:
        # The first partner will do, so the others need not be asked about.
        partner = next((c for c in free if fits(seed, c)), None)
        group = None if partner is None else [seed, partner]
    else:
        others = [c for c in free if fits(seed, c)]
        group = earliest_group(
            [seed],
            others,
            pool.group_size,
            fits=fits,
            is_good=pool.is_possible,
            steps=steps,
        )
    if group is not None:
        group.sort(key=lambda member: -pool.waited_s(member))
    return group
