"""Asks a matchmaker, which is user code, and believes nothing it says.

Decides only whether an answer is a group that can be carried out; it changes no state. The
GameManager asks through it and acts on what comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interactive_gym.server.latency_graph import Pair
from interactive_gym.server.matchmaker import MatchCandidate, Matchmaker
from interactive_gym.server.pending_match import pairs_of


class MatchmakerError(Exception):
    """A matchmaker raised, or its answer cannot be a group; the text says which."""


def ask_for_group(
    matchmaker: Matchmaker,
    arriving: MatchCandidate,
    waiting: Sequence[MatchCandidate],
    group_size: int,
    is_blocked: Callable[[Pair], bool],
) -> list[MatchCandidate] | None:
    """Have the matchmaker propose a group for `arriving` in which no pair is blocked.

    `arriving` may be among `waiting`. Candidates blocked with `arriving` are not offered. If two of
    the others are blocked with each other, the matchmaker is asked again without the one of them
    who came later.

    Raises:
        MatchmakerError: if the matchmaker raised or its answer is no group.
    """
    offered = [
        candidate
        for candidate in waiting
        if candidate.subject_id != arriving.subject_id
        and not is_blocked((arriving.subject_id, candidate.subject_id))
    ]
    while (group := _ask(matchmaker, arriving, offered, group_size)) is not None:
        bad_pair = next((pair for pair in pairs_of(group) if is_blocked(pair)), None)
        if bad_pair is None:
            return group
        offered.remove(next(c for c in reversed(offered) if c.subject_id in bad_pair))
    return None


def _ask(
    matchmaker: Matchmaker,
    arriving: MatchCandidate,
    offered: list[MatchCandidate],
    group_size: int,
) -> list[MatchCandidate] | None:
    try:
        answer = matchmaker.find_match(arriving, list(offered), group_size)
    except Exception as error:
        raise MatchmakerError(f"find_match raised {type(error).__name__}: {error}") from error
    if answer is None:
        return None
    if not isinstance(answer, list | tuple):
        raise MatchmakerError(f"find_match returned a {type(answer).__name__}, not a list.")
    if len(answer) != group_size:
        raise MatchmakerError(f"find_match returned {len(answer)} members, not {group_size}.")
    known = {candidate.subject_id: candidate for candidate in [*offered, arriving]}
    ids = [getattr(member, "subject_id", None) for member in answer]
    if not all(isinstance(subject_id, str) and subject_id in known for subject_id in ids):
        raise MatchmakerError("find_match returned somebody who was not offered.")
    if len(set(ids)) != len(ids):
        raise MatchmakerError("find_match returned somebody twice.")
    if arriving.subject_id not in ids:
        raise MatchmakerError("find_match left out the arriving participant.")
    return [known[subject_id] for subject_id in ids if subject_id is not None]
