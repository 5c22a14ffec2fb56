"""Checks the answers of a matchmaker, which is user code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from interactive_gym.options.validation import is_number
from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.find_match import group_fault
from interactive_gym.server.matching.pool import MatchPool, Standing
from interactive_gym.server.matchmaker import Matchmaker


@dataclass(frozen=True)
class Fault:
    """Something that a matchmaker must not do."""

    subject_id: str | None
    """The subject id of the participant it was asked for, if any."""

    what: str
    """A description."""


class ForeignMatchmaker(Matchmaker):
    """Anything that has `find_match` and `should_reject_for_rtt`, seen as a Matchmaker.

    Args:
        foreign: the object that decides.
    """

    def __init__(self, foreign: Any) -> None:
        super().__init__()
        self._foreign = foreign
        self.max_p2p_rtt_ms = foreign.max_p2p_rtt_ms

    def find_match(
        self, arriving: MatchCandidate, waiting: Sequence[MatchCandidate], group_size: int
    ) -> list[MatchCandidate] | None:
        """What the other object answers."""
        answer: list[MatchCandidate] | None = self._foreign.find_match(
            arriving, waiting, group_size
        )
        return answer

    def should_reject_for_rtt(self, measured_rtt_ms: float | None) -> bool:
        """What the other object answers."""
        return bool(self._foreign.should_reject_for_rtt(measured_rtt_ms))


class CheckedMatchmaker:
    """A matchmaker as the proposer asks it: its faults are returned, never raised.

    Args:
        matchmaker: the matchmaker, or any object with `find_match`, `should_reject_for_rtt` and
            `max_p2p_rtt_ms`.
    """

    def __init__(self, matchmaker: Any) -> None:
        self._given = matchmaker

    @property
    def rules(self) -> Matchmaker:
        """The matchmaker itself, or an adapter that makes the object a Matchmaker.

        Determined anew each time, as `find_match` may be replaced on the object, which its class's
        `propose` would not use.
        """
        given = self._given
        if issubclass(type(given), Matchmaker) and "find_match" not in vars(given):
            found: Matchmaker = given
            return found
        return ForeignMatchmaker(given)

    def concurrent_probes(self, group_size: int) -> int:
        """With how many partners a participant may be probed at the same time."""
        return self.rules.max_concurrent_probes if group_size == 2 else 1

    def groups(self, pool: MatchPool) -> tuple[list[list[MatchCandidate]], list[Fault]]:
        """Ask the matchmaker to propose; returns the valid groups, and its faults.

        Every group has the right size, is disjoint from those before it, consists of the pool's own
        candidates, and no pair of it is blocked. Faults in one group do not touch the others.
        """
        arriving = None if pool.arriving is None else pool.arriving.subject_id
        try:
            answer = self.rules.propose(pool)
        except Exception as error:
            raised = Fault(arriving, f"propose raised {type(error).__name__}: {error}")
            return [], [*_noted(pool), raised]
        if not isinstance(answer, list | tuple):
            nonsense = Fault(arriving, f"propose returned a {type(answer).__name__}, not a list.")
            return [], [*_noted(pool), nonsense]
        groups: list[list[MatchCandidate]] = []
        faults = _noted(pool)
        taken: set[str] = set()
        for proposed in answer:
            what = _fault_of(proposed, pool, taken)
            if what is None:
                group = [pool.candidate(member.subject_id) for member in proposed]
                taken.update(member.subject_id for member in group)
                groups.append(group)
            else:
                faults.append(Fault(arriving, f"propose {what}"))
        return groups, faults

    def next_look_s(self, pool: MatchPool) -> tuple[float | None, list[Fault]]:
        """In how many seconds to ask again if nothing happens, and its faults.

        `None` if the matchmaker names no time, or an invalid one.
        """
        try:
            wish_s: Any = self.rules.next_look_s(pool)
        except Exception as error:
            return None, [Fault(None, f"next_look_s raised {type(error).__name__}: {error}")]
        return (wish_s if is_number(wish_s) and wish_s >= 0 else None), []


def _noted(pool: MatchPool) -> list[Fault]:
    return [Fault(subject_id, what) for subject_id, what in pool.faults]


def _fault_of(proposed: Any, pool: MatchPool, taken: set[str]) -> str | None:
    members = proposed if isinstance(proposed, list | tuple) else []
    ids = [getattr(member, "subject_id", None) for member in members]
    group = [pool.candidate(who) for who in ids if isinstance(who, str) and who in pool]
    fault = group_fault(proposed, group, pool.group_size)
    if fault is not None:
        return fault
    if not taken.isdisjoint(member.subject_id for member in group):
        return "returned somebody in two groups."
    if any(pool.standing(a, b, group) is Standing.BLOCKED for a, b in combinations(group, 2)):
        return "returned two candidates who are blocked with each other."
    return None
