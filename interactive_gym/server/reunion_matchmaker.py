"""A matchmaker for repeated play, which groups previous partners again."""

from __future__ import annotations

from collections.abc import Sequence

from interactive_gym.options.validation import number
from interactive_gym.server.matching.candidate import Compatible, MatchCandidate
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.prior import Evidence
from interactive_gym.server.matching.relaxation import ExpandBy, Expansion
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker


class GroupReunionMatchmaker(Matchmaker):
    """Groups participants with those they played with last (`previous_partners`).

    Participants without a previous group, or who have waited for it too long, are left to the
    fallback.

    Args:
        max_p2p_rtt_ms: the largest acceptable P2P RTT in milliseconds; `None` for no limit.
        reunion_timeout_s: for how many seconds a participant waits for their previous partners
            before the fallback may group them with others; `None` never groups them with others.
        fallback: the strategy for all other participants, by default a FIFOMatchmaker. Only its
            proposals count: threshold, relaxation and compatibility are this matchmaker's.
        rtt_expansions, expand_by, compatible: see `Matchmaker`.

    Raises:
        ValueError: if an argument is malformed.
    """

    def __init__(
        self,
        max_p2p_rtt_ms: int | float | None = None,
        *,
        reunion_timeout_s: int | float | None = 60.0,
        fallback: Matchmaker | None = None,
        rtt_expansions: Sequence[Expansion] = (),
        expand_by: ExpandBy = "oldest",
        compatible: Compatible | None = None,
    ) -> None:
        super().__init__(
            max_p2p_rtt_ms,
            rtt_expansions=rtt_expansions,
            expand_by=expand_by,
            compatible=compatible,
        )
        if fallback is not None and not isinstance(fallback, Matchmaker):
            raise ValueError(
                f"fallback must be a Matchmaker, such as FIFOMatchmaker(); got {fallback!r}."
            )
        self.reunion_timeout_s = (
            None
            if reunion_timeout_s is None
            else number(
                "reunion_timeout_s",
                reunion_timeout_s,
                "seconds",
                minimum=0,
                other="None to wait for previous partners alone",
            )
        )
        self.fallback = fallback or FIFOMatchmaker()

    def propose(self, pool: MatchPool) -> list[list[MatchCandidate]]:
        """Propose complete previous groups, and what the fallback proposes for the others."""
        groups = _reunions(pool)
        reunited = {member.subject_id for group in groups for member in group}
        others = [
            candidate
            for candidate in pool.candidates
            if candidate.subject_id not in reunited and not self._awaits(candidate, pool)
        ]
        return groups + self.fallback.propose(pool.narrowed(others))

    def next_look_s(self, pool: MatchPool) -> float | None:
        """In how many seconds the next wait for previous partners ends, or the fallback's look."""
        looks_s = [self.fallback.next_look_s(pool)]
        if self.reunion_timeout_s is not None:
            looks_s += [
                self.reunion_timeout_s - pool.waited_s(candidate)
                for candidate in pool.candidates
                if self._awaits(candidate, pool)
            ]
        return min((look_s for look_s in looks_s if look_s is not None), default=None)

    def evidence(self) -> Sequence[Evidence]:
        """What the fallback's predictions begin from."""
        return self.fallback.evidence()

    def find_match(
        self, arriving: MatchCandidate, waiting: Sequence[MatchCandidate], group_size: int
    ) -> list[MatchCandidate] | None:
        """Propose the previous group of `arriving` if all its members wait; otherwise `None`."""
        partners = [c for c in waiting if c.subject_id in arriving.previous_partners]
        if len(partners) != group_size - 1 or not partners:
            return None
        return [*partners, arriving]

    def _awaits(self, candidate: MatchCandidate, pool: MatchPool) -> bool:
        """Whether a candidate still waits for previous partners."""
        if not candidate.previous_partners:
            return False
        timeout_s = self.reunion_timeout_s
        return timeout_s is None or pool.waited_s(candidate) < timeout_s


def _reunions(pool: MatchPool) -> list[list[MatchCandidate]]:
    """The complete previous groups of the right size that may be proposed."""
    groups: list[list[MatchCandidate]] = []
    taken: set[str] = set()
    for candidate in pool.candidates:
        ids = {candidate.subject_id, *candidate.previous_partners}
        if len(ids) == pool.group_size > 1 and ids.isdisjoint(taken):
            group = [c for c in map(pool.find, ids) if c is not None]
            group.sort(key=lambda member: (-pool.waited_s(member), member.subject_id))
            is_mutual = all(ids == {m.subject_id, *m.previous_partners} for m in group)
            if len(group) == len(ids) and is_mutual and pool.is_possible(group):
                groups.append(group)
                taken |= ids
    return groups
