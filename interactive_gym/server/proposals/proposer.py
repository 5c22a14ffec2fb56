"""Has the matchmaker propose: out of whom, by what is known, and when to look again.

Makes the pools and passes the matchmaker's answers on once they are checked; it reserves nobody
and changes nothing but its own next look. Used by the GameManager inside its `transaction()`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import combinations
from typing import Any

from interactive_gym.server.ledger.decision_log import DecisionLog
from interactive_gym.server.ledger.schema import ProposedEdge
from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.matching.latency_graph import BlockedPartners, LatencyGraph
from interactive_gym.server.matching.pool import MatchPool, Standing
from interactive_gym.server.matching.statistics import MatchingPace
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.server.proposals.candidates import Candidates
from interactive_gym.server.proposals.checked_matchmaker import proposed_groups
from interactive_gym.server.proposals.pending_match import edges_to_probe

LOOK_INTERVAL_S = 2.0
"""The matchmaker is asked at least this often, in seconds, as its answer may depend on time."""


class Proposer:
    """Asks the matchmaker of one scene.

    Args:
        matchmaker: who is to be asked now.
        candidates: who waits.
        graph: what is known of pairs.
        pace: how fast matching goes.
        log: tells proposals and faults.
        group_size: how many make a group.
        at_probe_limit: subject ids of those who may not be probed again, as of any moment.
        is_probing: whether groups are measured, as of now.
        patience_ends_before_s: who waits since that moment or longer is not proposed any more.
        clock: seconds; the moment of the decision.
    """

    def __init__(
        self,
        matchmaker: Callable[[], Matchmaker],
        candidates: Candidates,
        graph: LatencyGraph,
        pace: MatchingPace,
        log: DecisionLog,
        *,
        group_size: int,
        at_probe_limit: Collection[str],
        is_probing: Callable[[], bool],
        patience_ends_before_s: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._matchmaker = matchmaker
        self._candidates = candidates
        self._graph = graph
        self._pace = pace
        self._blocked = BlockedPartners(graph)
        self._log = log
        self._group_size = group_size
        self._at_probe_limit = at_probe_limit
        self._is_probing = is_probing
        self._patience_ends_before_s = patience_ends_before_s
        self._clock = clock
        self._look_at_s = -math.inf
        self._looked_at_s = -math.inf
        self._is_asking = False

    def is_due(self) -> bool:
        """Whether time alone is a reason to ask: it was said to be, or something has lapsed."""
        self.lapse()
        now_s = self._clock()
        free = self._candidates.free(self._patience_ends_before_s())
        is_time = now_s >= self._look_at_s or self._has_relaxed(free, now_s)
        return is_time and len(free) >= self._group_size

    def lapse(self) -> None:
        """Let what has expired be forgotten; the next tick looks at what that makes possible."""
        if self._graph.lapse(self._clock()):
            self._look_at_s = self._clock()

    def groups(self, arriving: MatchCandidate | None = None) -> list[list[MatchCandidate]]:
        """Ask for groups out of everybody who is free, on an arrival or because of a change.

        Asked by user code that is being asked itself, the answer is that the next tick will look.
        """
        self.lapse()
        now_s = self._clock()
        if self._is_asking:
            self._look_at_s = now_s
            return []
        pool = self._pool(self._candidates.free(self._patience_ends_before_s()), arriving)
        self._is_asking = True
        try:
            groups = self._ask(pool)
            look_at_s = now_s + self._next_look_s(pool)
        finally:
            self._is_asking = False
        if arriving is None:
            self._looked_at_s = now_s
            self._look_at_s = look_at_s
        else:
            # The matchmaker may have looked at nobody else, so a look that was due still is.
            self._look_at_s = min(self._look_at_s, look_at_s)
        return groups

    def threshold_ms(self, group: Sequence[MatchCandidate]) -> float | None:
        """The threshold that holds for a group now, after relaxation, in milliseconds."""
        return self._pool(group).threshold_ms(group)

    def unknown_edges(self, group: Sequence[MatchCandidate]) -> list[Pair]:
        """The pairs of a group that must be measured first, likeliest failure first."""
        pool = self._pool(group)
        return edges_to_probe(
            group,
            is_unknown=lambda a, b: pool.standing(a, b, group) is not Standing.ACCEPTABLE,
            p_accept=partial(pool.p_accept, group=group),
        )

    def log_proposal(
        self, proposal_id: str, arriving_subject_id: str, group: Sequence[MatchCandidate]
    ) -> None:
        """Tell a proposal, with what was known of its pairs, and whether waiting relaxed it."""
        pool = self._pool(group)
        threshold_ms = pool.threshold_ms(group)
        self._log.proposal(
            proposal_id, arriving_subject_id, group, threshold_ms, describe_pairs(pool, group)
        )
        max_p2p_rtt_ms = self._matchmaker().max_p2p_rtt_ms
        if pool.is_probing and threshold_ms != max_p2p_rtt_ms:
            waits_s = {member.subject_id: pool.waited_s(member) for member in group}
            self._log.relaxation(proposal_id, waits_s, max_p2p_rtt_ms, threshold_ms)

    def _pool(
        self, candidates: Sequence[MatchCandidate], arriving: MatchCandidate | None = None
    ) -> MatchPool:
        return MatchPool(
            candidates,
            matchmaker=self._matchmaker(),
            graph=self._graph,
            group_size=self._group_size,
            now_s=self._clock(),
            arriving=arriving,
            is_probing=self._is_probing(),
            at_probe_limit=self._at_probe_limit,
            pace=self._pace,
            blocked=self._blocked,
        )

    def _ask(self, pool: MatchPool) -> list[list[MatchCandidate]]:
        if pool.arriving is None and len(pool.candidates) < self._group_size:
            return []
        groups, faults = proposed_groups(self._matchmaker(), pool)
        for fault in faults:
            self._log.fault(fault.subject_id, fault.what)
        return groups

    def _next_look_s(self, pool: MatchPool) -> float:
        """In how many seconds to ask again if nothing happens."""
        try:
            wish_s: Any = self._matchmaker().next_look_s(pool)
        except Exception as error:
            self._log.fault(None, f"next_look_s raised {type(error).__name__}: {error}")
            return LOOK_INTERVAL_S
        is_number = isinstance(wish_s, int | float) and not isinstance(wish_s, bool)
        return min(wish_s, LOOK_INTERVAL_S) if is_number and wish_s >= 0 else LOOK_INTERVAL_S

    def _has_relaxed(self, free: Sequence[MatchCandidate], now_s: float) -> bool:
        """Whether an expansion has come due for somebody who is free, since the last look."""
        steps_s = [wait_s for wait_s, _ in self._matchmaker().rtt_expansions]
        return any(
            self._looked_at_s < (candidate.waiting_since_s or 0.0) + wait_s <= now_s
            for candidate in free
            for wait_s in steps_s
        )


def describe_pairs(pool: MatchPool, group: Sequence[MatchCandidate]) -> list[ProposedEdge]:
    """What was known, and what was predicted, of every pair of a proposed group."""
    if not pool.is_probing:
        return []
    described = []
    for a, b in combinations(group, 2):
        edge = pool.graph.edge((a.subject_id, b.subject_id), pool.now_s)
        is_known = pool.standing(a, b, group) is Standing.ACCEPTABLE
        described.append(
            ProposedEdge(
                pair=[a.subject_id, b.subject_id],
                standing="acceptable" if is_known else "unknown",
                rtt_ms=None if edge is None else edge.rtt_ms,
                p_accept=round(pool.p_accept(a, b, group), 4),
            )
        )
    return described
