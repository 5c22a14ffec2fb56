"""What a matchmaker sees when it is asked for proposals: the free candidates and their pairs.

A pool is a read-only view of one moment, valid only for the call it was made for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from enum import Enum
from itertools import combinations

from interactive_gym.server.matching.candidate import MatchCandidate, MatchingRules
from interactive_gym.server.matching.latency_graph import BlockedPartners, Edge, LatencyGraph
from interactive_gym.server.matching.relaxation import ExpandBy, Expansion
from interactive_gym.server.matching.rtt_predictor import Prediction
from interactive_gym.server.matching.statistics import MatchingStatistics


class Standing(Enum):
    """What is known of a pair of candidates."""

    ACCEPTABLE = "acceptable"
    """May play without a probe: freshly measured and within the threshold, or nothing is probed."""

    UNKNOWN = "unknown"
    """May be proposed, and has to be probed."""

    BLOCKED = "blocked"
    """Must not be proposed: freshly rejected, in backoff, incompatible, on the blocklist, being
    probed, or one of the two may not be probed again."""


class MatchPool:
    """The free candidates of a scene at one moment.

    Args:
        candidates: all who may be proposed now, longest waiting first. Pass the same object for
            the same participant in every pass: strategies remember by it.
        matchmaker: whose threshold, relaxation and compatibility hold.
        graph: what is known of pairs.
        group_size: how many make a group.
        now_s: the present moment, in seconds of the clock of `waiting_since_s`.
        arriving: the participant whose arrival this pass is for, if any; need not be among
            `candidates`.
        is_probing: whether pairs can be measured. Without a threshold they are not, and every pair
            that is not blocked is acceptable.
        at_probe_limit: subject ids of participants who may not be probed again.
        statistics: how fast matching goes.
        blocked: remembers blocked partners from pass to pass.
    """

    def __init__(
        self,
        candidates: Sequence[MatchCandidate],
        *,
        matchmaker: MatchingRules,
        graph: LatencyGraph,
        group_size: int,
        now_s: float,
        arriving: MatchCandidate | None = None,
        is_probing: bool = True,
        at_probe_limit: Collection[str] = frozenset(),
        statistics: MatchingStatistics | None = None,
        blocked: BlockedPartners | None = None,
    ) -> None:
        self._by_id = {candidate.subject_id: candidate for candidate in candidates}
        if arriving is not None:
            arriving = self._by_id.setdefault(arriving.subject_id, arriving)
        self.candidates: Sequence[MatchCandidate] = tuple(self._by_id.values())
        """All who may be proposed, `arriving` included, longest waiting first."""
        self.arriving = arriving
        """The participant whose arrival this pass is for, if any."""
        self.group_size = group_size
        """How many make a group."""
        self.now_s = now_s
        """The moment, in seconds of the GameManager's clock."""
        self.is_probing = is_probing and matchmaker.max_p2p_rtt_ms is not None
        """Whether pairs that are unknown can be measured, and must be."""
        self.at_probe_limit = at_probe_limit
        """Subject ids of participants who may not be probed again."""
        self.statistics = statistics or MatchingStatistics()
        """How long games and probes lately took."""
        self.graph = graph
        """What is known of pairs."""
        self.faults: list[tuple[str, str]] = []
        """Faults of user code during this pass: the subject id it concerned, and a description."""
        self.retries = True
        """Whether pairs whose last attempt failed may be proposed again."""
        self._matchmaker = matchmaker
        self._blocked = blocked or BlockedPartners(graph)

    @property
    def pace(self) -> MatchingStatistics:
        """`statistics`, by the name that scripts for version 0.1 use."""
        return self.statistics

    def candidate(self, subject_id: str) -> MatchCandidate:
        """The candidate with this subject id.

        Raises:
            KeyError: if there is none.
        """
        return self._by_id[subject_id]

    def find(self, subject_id: str) -> MatchCandidate | None:
        """The candidate with this subject id, if there is one."""
        return self._by_id.get(subject_id)

    def narrowed(
        self, candidates: Sequence[MatchCandidate], *, retries: bool | None = None
    ) -> MatchPool:
        """The same moment with only these of its candidates, and with or without `retries`."""
        is_in = self.arriving is not None and any(c is self.arriving for c in candidates)
        pool = MatchPool(
            candidates,
            matchmaker=self._matchmaker,
            graph=self.graph,
            group_size=self.group_size,
            now_s=self.now_s,
            arriving=self.arriving if is_in else None,
            is_probing=self.is_probing,
            at_probe_limit=self.at_probe_limit,
            statistics=self.statistics,
            blocked=self._blocked,
        )
        pool.retries = self.retries if retries is None else retries
        pool.faults = self.faults
        return pool

    def __contains__(self, subject_id: object) -> bool:
        return subject_id in self._by_id

    def waited_s(self, candidate: MatchCandidate) -> float:
        """For how long a candidate has waited, in seconds."""
        since_s = candidate.waiting_since_s
        return 0.0 if since_s is None else max(0.0, self.now_s - since_s)

    @property
    def base_threshold_ms(self) -> float | None:
        """The threshold before any relaxation."""
        return self._matchmaker.max_p2p_rtt_ms

    @property
    def expansions(self) -> Sequence[Expansion]:
        """How the threshold relaxes with waiting; empty if it does not."""
        return self._matchmaker.rtt_expansions

    @property
    def expand_by(self) -> ExpandBy:
        """Whose waiting relaxes the threshold of a group."""
        return self._matchmaker.expand_by

    def threshold_ms(self, group: Sequence[MatchCandidate]) -> float | None:
        """The threshold that holds for a group now, after relaxation."""
        return self._matchmaker.threshold_ms([self.waited_s(member) for member in group])

    def standing(
        self, a: MatchCandidate, b: MatchCandidate, group: Sequence[MatchCandidate] = ()
    ) -> Standing:
        """What is known of a pair, judged as part of `group`, or as a group of two.

        The group matters only while its threshold is relaxed: an edge rejected before is judged
        anew by the relaxed threshold, without another probe.
        """
        link = self.graph.link((a.subject_id, b.subject_id))
        if link is not None and (link.is_barred or link.is_in_backoff(self.now_s)):
            return Standing.BLOCKED
        if link is not None and link.failure is not None and not self.retries:
            return Standing.BLOCKED
        if not self.are_compatible(a, b):
            return Standing.BLOCKED
        if not self.is_probing:
            return Standing.ACCEPTABLE
        edge = None if link is None else link.fresh_edge(self.now_s)
        if link is not None and edge is not None:
            if not self.is_acceptable(edge, group or (a, b)):
                return Standing.BLOCKED
            if link.failure is None:
                return Standing.ACCEPTABLE
        if a.subject_id in self.at_probe_limit or b.subject_id in self.at_probe_limit:
            return Standing.BLOCKED
        return Standing.UNKNOWN

    def is_acceptable(self, edge: Edge, group: Sequence[MatchCandidate]) -> bool:
        """Whether a measured edge may be played on in this group: its verdict, or, where
        thresholds relax, the threshold that holds for the group now."""
        if not self._matchmaker.rtt_expansions:
            return edge.accepted
        threshold_ms = self.threshold_ms(group)
        return threshold_ms is None or edge.rtt_ms <= threshold_ms

    def is_blocked(
        self, a: MatchCandidate, b: MatchCandidate, group: Sequence[MatchCandidate] = ()
    ) -> bool:
        """Whether a pair must not be proposed, as part of `group` or as a group of two."""
        return self.standing(a, b, group) is Standing.BLOCKED

    def blocked_partners(self, candidate: MatchCandidate) -> Set[str]:
        """The subject ids of all, free or not, whom this candidate cannot be in any group with."""
        others: Collection[str] = self._by_id
        if self._matchmaker.compatible is None and candidate.subject_id not in self.at_probe_limit:
            if self.is_probing and not self.at_probe_limit and not self.expansions:
                blocked = self._blocked.blocked_with(candidate.subject_id, self.now_s)
                if self.retries:
                    return blocked
                return blocked | self.graph.failed_with(candidate.subject_id)
            others = {*self.graph.links(candidate.subject_id), *self.at_probe_limit}
        return {
            subject_id
            for subject_id in others
            if (other := self._by_id.get(subject_id)) is not None
            and other is not candidate
            and self.best_standing(candidate, other) is Standing.BLOCKED
        }

    def best_company(self, a: MatchCandidate, b: MatchCandidate) -> Sequence[MatchCandidate]:
        """Of all groups that these two can be in, the one that relaxes the threshold most."""
        if self.group_size > 2 and self.expansions and self.expand_by == "oldest":
            return (a, b, self.candidates[0])
        return (a, b)

    def best_standing(self, a: MatchCandidate, b: MatchCandidate) -> Standing:
        """The standing of a pair in the group that relaxes its threshold most."""
        return self.standing(a, b, self.best_company(a, b))

    def is_ready(self, group: Sequence[MatchCandidate]) -> bool:
        """Whether a group may start without a probe: all its pairs are acceptable in it."""
        return all(
            self.standing(a, b, group) is Standing.ACCEPTABLE for a, b in combinations(group, 2)
        )

    def is_possible(self, group: Sequence[MatchCandidate]) -> bool:
        """Whether a group may be proposed: none of its pairs is blocked in it."""
        return not any(self.is_blocked(a, b, group) for a, b in combinations(group, 2))

    def are_compatible(self, a: MatchCandidate, b: MatchCandidate) -> bool:
        """Whether the matchmaker's `compatible` allows a pair; false if it raises."""
        compatible = self._matchmaker.compatible
        if compatible is None:
            return True
        try:
            return bool(compatible(a, b))
        except Exception as error:
            self.note_fault(a.subject_id, f"compatible raised {type(error).__name__}: {error}")
            return False

    def p_accept(
        self, a: MatchCandidate, b: MatchCandidate, group: Sequence[MatchCandidate] = ()
    ) -> float:
        """The predicted probability that a pair is accepted once it is measured.

        1 for an acceptable pair and 0 for a blocked one; of an unknown one never 0 or 1.
        """
        standing = self.standing(a, b, group)
        if standing is not Standing.UNKNOWN:
            return float(standing is Standing.ACCEPTABLE)
        threshold_ms = self.threshold_ms(group or (a, b))
        return 1.0 if threshold_ms is None else self.graph.p_accept(a, b, threshold_ms)

    def predicted_rtt_ms(self, a: MatchCandidate, b: MatchCandidate) -> Prediction:
        """The predicted P2P RTT of a pair, with its uncertainty."""
        return self.graph.predicted_rtt_ms(a, b)

    def note_fault(self, subject_id: str, fault: str) -> None:
        """Note that user code misbehaved when asked about this participant."""
        self.faults.append((subject_id, fault))
