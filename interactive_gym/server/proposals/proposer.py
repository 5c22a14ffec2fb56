"""Asks the matchmaker for groups out of a pool of free candidates, and knows when to ask again.

Used by the GameManager inside its transaction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import combinations

from interactive_gym.server.ledger.decision_log import DecisionLog
from interactive_gym.server.ledger.schema import ProposedEdge
from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.matching.latency_graph import BlockedPartners, LatencyGraph
from interactive_gym.server.matching.pool import MatchPool, Standing
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matching.tiers import tier_pools
from interactive_gym.server.participants.waiting import Waiting
from interactive_gym.server.proposals.candidates import Candidates
from interactive_gym.server.proposals.checked_matchmaker import CheckedMatchmaker, Fault
from interactive_gym.server.proposals.pending_match import edges_to_probe

LOOK_INTERVAL_S = 2.0
"""The matchmaker is asked at least this often, in seconds, as its answer may depend on time."""


class Proposer:
    """Asks the matchmaker of one scene.

    Args:
        matchmaker: the matchmaker to ask.
        candidates: the participants that can be proposed.
        waiting: knows which participants are out of time.
        graph: the measurements of pairs.
        statistics: how fast matching goes.
        log: records proposals and faults.
        group_size: how many make a group.
        at_probe_limit: subject ids of participants who may not be probed again; kept up to date by
            its owner.
        can_probe: whether there is a coordinator to measure pairs with.
        clock: seconds; the moment of the decision.
    """

    def __init__(
        self,
        matchmaker: CheckedMatchmaker,
        candidates: Candidates,
        waiting: Waiting,
        graph: LatencyGraph,
        statistics: MatchingStatistics,
        log: DecisionLog,
        *,
        group_size: int,
        at_probe_limit: Collection[str],
        can_probe: bool,
        clock: Callable[[], float],
    ) -> None:
        self._matchmaker = matchmaker
        self._candidates = candidates
        self._waiting = waiting
        self._graph = graph
        self._statistics = statistics
        self._blocked = BlockedPartners(graph)
        self._log = log
        self._group_size = group_size
        self._at_probe_limit = at_probe_limit
        self._can_probe = can_probe
        self._clock = clock
        self._look_at_s = -math.inf
        self._looked_at_s = -math.inf
        self._is_asking = False
        self._is_stopped = False

    @property
    def is_probing(self) -> bool:
        """Whether groups are measured before they play."""
        return self._can_probe and self._matchmaker.rules.max_p2p_rtt_ms is not None

    @property
    def verdict_follows_threshold(self) -> bool:
        """Whether a pair is judged by the threshold alone."""
        return self._matchmaker.rules.verdict_follows_threshold

    @property
    def is_crowd(self) -> bool:
        """Whether so many are free that the matchmaker is asked at looks alone.

        What happens is gathered for the next look, as a pass over all of them for each event would
        cost too much.
        """
        return self._candidates.is_crowd

    @property
    def is_look_over_crowd_due(self) -> bool:
        """Whether to look at a crowd, for what has happened or is left over since the last look."""
        return self.is_crowd and self._clock() >= self._look_at_s and not self._is_stopped

    def stop(self) -> None:
        """Propose nobody any more."""
        self._is_stopped = True

    def look_soon(self) -> None:
        """Have the next tick, or look at a crowd, ask again, as there may be more to propose."""
        self._look_at_s = self._clock()

    def is_due(self) -> bool:
        """Whether to ask because of time alone: a look is due, or something has expired."""
        self.lapse()
        if self.is_crowd:
            return self.is_look_over_crowd_due
        now_s = self._clock()
        free = self._free()
        is_time = (
            now_s >= self._look_at_s
            or self._has_relaxed(free, now_s)
            or self._has_waited_out(free, now_s)
        )
        return is_time and len(free) >= self._group_size and not self._is_stopped

    def lapse(self) -> None:
        """Drop what has expired; if that makes new groups possible, the next tick asks again."""
        if self._graph.lapse(self._clock()):
            self._look_at_s = self._clock()

    def groups(
        self, arriving: MatchCandidate | None = None, *, is_look: bool = False
    ) -> list[list[MatchCandidate]]:
        """Ask for groups of free candidates, on an arrival or because of a change.

        A call from within the matchmaker returns no groups, nor does one in a crowd that is no
        look; the next look asks again instead.
        """
        self.lapse()
        now_s = self._clock()
        if self._is_stopped:
            return []
        if self._is_asking or (self.is_crowd and not is_look):
            self._look_at_s = now_s
            return []
        free = self._free()
        if arriving is not None and self._is_in_backoff(arriving):
            # They wait like those who are there already, and only the others are looked at.
            pool = self._pool(free)
        else:
            pool = self._pool(free, arriving)
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
            # The matchmaker may have looked only at the arrival, so a look that was due still is.
            self._look_at_s = min(self._look_at_s, look_at_s)
        return groups

    def threshold_ms(self, group: Sequence[MatchCandidate]) -> float | None:
        """The threshold that holds for a group now, after relaxation, in milliseconds."""
        return self._pool(group).threshold_ms(group)

    def is_relaxed(self, threshold_ms: float) -> bool:
        """Whether a group's threshold was relaxed by waiting."""
        return threshold_ms != self._matchmaker.rules.max_p2p_rtt_ms

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
        """Log a proposal, the state of its pairs, and whether waiting relaxed its threshold."""
        pool = self._pool(group)
        threshold_ms = pool.threshold_ms(group)
        self._log.proposal(
            proposal_id, arriving_subject_id, group, threshold_ms, describe_pairs(pool, group)
        )
        max_p2p_rtt_ms = self._matchmaker.rules.max_p2p_rtt_ms
        if pool.is_probing and threshold_ms != max_p2p_rtt_ms:
            waits_s = {member.subject_id: pool.waited_s(member) for member in group}
            self._log.relaxation(proposal_id, waits_s, max_p2p_rtt_ms, threshold_ms)

    def _pool(
        self, candidates: Sequence[MatchCandidate], arriving: MatchCandidate | None = None
    ) -> MatchPool:
        return MatchPool(
            candidates,
            matchmaker=self._matchmaker.rules,
            graph=self._graph,
            group_size=self._group_size,
            now_s=self._clock(),
            arriving=arriving,
            is_probing=self.is_probing,
            at_probe_limit=self._at_probe_limit,
            statistics=self._statistics,
            blocked=self._blocked,
        )

    def _free(self) -> list[MatchCandidate]:
        """Who may be proposed: neither reserved, nor out of time, nor in backoff."""
        free = self._candidates.free(self._waiting.patience_ends_before_s())
        if self._graph.reliability.is_clean:
            return free
        return [candidate for candidate in free if not self._is_in_backoff(candidate)]

    def _has_waited_out(self, free: Sequence[MatchCandidate], now_s: float) -> bool:
        """Whether the backoff of a free participant has ended since the last look."""
        retry_at_s = self._graph.reliability.retry_at_s
        return not self._graph.reliability.is_clean and any(
            self._looked_at_s < retry_at_s(candidate.subject_id) <= now_s for candidate in free
        )

    def _is_in_backoff(self, candidate: MatchCandidate) -> bool:
        return self._clock() < self._graph.reliability.retry_at_s(candidate.subject_id)

    def _ask(self, pool: MatchPool) -> list[list[MatchCandidate]]:
        if pool.arriving is None and len(pool.candidates) < self._group_size:
            return []
        groups: list[list[MatchCandidate]] = []
        taken: set[str] = set()
        for tier in tier_pools(pool, taken):
            if tier.arriving is not None or len(tier.candidates) >= self._group_size:
                found, faults = self._matchmaker.groups(tier)
                self._log_faults(faults)
                groups += found
                taken.update(member.subject_id for group in found for member in group)
        return groups

    def _next_look_s(self, pool: MatchPool) -> float:
        """In how many seconds to ask again if nothing happens."""
        wish_s, faults = self._matchmaker.next_look_s(pool)
        self._log_faults(faults)
        return LOOK_INTERVAL_S if wish_s is None else min(wish_s, LOOK_INTERVAL_S)

    def _log_faults(self, faults: Sequence[Fault]) -> None:
        for fault in faults:
            self._log.fault(fault.subject_id, fault.what)

    def _has_relaxed(self, free: Sequence[MatchCandidate], now_s: float) -> bool:
        """Whether an expansion has come due for a free participant since the last look."""
        steps_s = [wait_s for wait_s, _ in self._matchmaker.rules.rtt_expansions]
        return any(
            self._looked_at_s < (candidate.waiting_since_s or 0.0) + wait_s <= now_s
            for candidate in free
            for wait_s in steps_s
        )


def describe_pairs(pool: MatchPool, group: Sequence[MatchCandidate]) -> list[ProposedEdge]:
    """The standing and the prediction of every pair of a proposed group."""
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
