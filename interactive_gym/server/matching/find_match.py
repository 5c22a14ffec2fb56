"""Makes proposals with a matchmaker's `find_match`, which groups one participant at a time.

`find_match` is user code, so its answers are checked. An exception or an invalid group is noted as
a fault on the pool, and the other participants are still asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.pool import MatchPool

FindMatch = Callable[[MatchCandidate, Sequence[MatchCandidate], int], Any]
"""A matchmaker's `find_match`: arriving, waiting, group size."""


def groups_by_asking(find_match: FindMatch, pool: MatchPool) -> list[list[MatchCandidate]]:
    """Ask for the arriving participant, or for all candidates in the order of waiting.

    An arriving participant is asked for even if no other is there. A candidate who is in a group
    is neither asked for nor offered again.
    """
    groups: list[list[MatchCandidate]] = []
    taken: set[str] = set()
    for arriving in [pool.arriving] if pool.arriving is not None else pool.candidates:
        if pool.arriving is None and len(pool.candidates) - len(taken) < pool.group_size:
            break
        if arriving.subject_id not in taken:
            group = _ask(find_match, arriving, taken, pool)
            if group is not None:
                groups.append(group)
                taken.update(member.subject_id for member in group)
    return groups


def group_fault(answer: Any, offered: Sequence[MatchCandidate], group_size: int) -> str | None:
    """Why `answer` is not `group_size` distinct candidates out of `offered`; `None` if it is."""
    if not isinstance(answer, list | tuple):
        return f"returned a {type(answer).__name__}, not a list."
    if len(answer) != group_size:
        return f"returned {len(answer)} members, not {group_size}."
    known = {candidate.subject_id for candidate in offered}
    ids = [getattr(member, "subject_id", None) for member in answer]
    if not all(isinstance(subject_id, str) and subject_id in known for subject_id in ids):
        return "returned somebody who was not offered."
    if len(set(ids)) != len(ids):
        return "returned somebody twice."
    return None


def _ask(
    find_match: FindMatch, arriving: MatchCandidate, taken: set[str], pool: MatchPool
) -> list[MatchCandidate] | None:
    """Ask for a group for `arriving` in which no pair is blocked."""
    left_out = taken | pool.blocked_partners(arriving) | {arriving.subject_id}
    offered = [c for c in pool.candidates if c.subject_id not in left_out]
    while True:
        try:
            answer = find_match(arriving, list(offered), pool.group_size)
        except Exception as error:
            fault = f"find_match raised {type(error).__name__}: {error}"
            pool.note_fault(arriving.subject_id, fault)
            return None
        if answer is None:
            return None
        fault_found = group_fault(answer, [*offered, arriving], pool.group_size)
        if fault_found is None and all(m.subject_id != arriving.subject_id for m in answer):
            fault_found = "left out the arriving participant."
        if fault_found is not None:
            pool.note_fault(arriving.subject_id, f"find_match {fault_found}")
            return None
        group = [pool.candidate(member.subject_id) for member in answer]
        bad_pair = next((ab for ab in combinations(group, 2) if pool.is_blocked(*ab, group)), None)
        if bad_pair is None:
            return group
        bad_ids = {member.subject_id for member in bad_pair}
        offered.remove(next(c for c in reversed(offered) if c.subject_id in bad_ids))
