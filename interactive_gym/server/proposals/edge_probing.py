"""Probes the edges of proposed groups, until all are accepted or one ends the proposal.

Keeps the pending matches, their probes and the connections that accepted probes leave open. It
returns outcomes, which the GameManager carries out. Used inside the manager's transaction.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Sequence

from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.participants.waitroom import Waitroom
from interactive_gym.server.probing.report import ProbeOutcome, ProbeReport, is_rtt
from interactive_gym.server.proposals.pending_match import (
    Complete,
    Dissolved,
    EdgeProbe,
    PendingMatch,
    PendingMatches,
    ProbeEnd,
    ProbingOutcome,
    StillProbing,
    next_edges,
    pairs_of,
)

logger = logging.getLogger(__name__)

PROBE_EXPIRY_S = 30.0
"""After how many seconds a probe is given up if the coordinator never reports its end. Longer than
the coordinator's own deadline, so it only matters when the coordinator fails."""


class EdgeProbing:
    """The pending matches of one scene.

    Args:
        waitroom: where members are reserved.
        outbox: the manager's outbox, whose clock it reads.
        max_probes: how often one participant is probed at most; `None` for no limit. A group of
            more than two is probed to its end once it is begun.
        counts_all: whether probes count that failed through somebody else; true to repeat decisions
            of versions without ranks.
        graph: where pairs are marked while they are probed, so that nobody proposes them again;
            `None` where one participant is in one pending match at most.
    """

    def __init__(
        self,
        waitroom: Waitroom,
        outbox: Outbox,
        *,
        max_probes: int | None,
        counts_all: bool = False,
        graph: LatencyGraph | None = None,
    ) -> None:
        self._waitroom = waitroom
        self._outbox = outbox
        self._max_probes = max_probes
        self._counts_all = counts_all
        self._graph = graph
        self._probes_of: Counter[str] = Counter()
        self.pending = PendingMatches()
        """The pending matches."""
        self.connections: dict[Pair, str] = {}
        """The ids of probes whose connections are open, of edges accepted in pending matches."""
        self.at_limit: set[str] = set()
        """Subject ids of participants who may not be proposed for another probe."""

    def open(
        self,
        proposal_id: str,
        matched: list[MatchCandidate],
        arriving_subject_id: str,
        unprobed: list[Pair],
    ) -> StillProbing:
        """Reserve a proposed group; returns the probes to begin with."""
        pending = PendingMatch(
            key=proposal_id,
            proposal_id=proposal_id,
            matched=matched,
            arriving_subject_id=arriving_subject_id,
            timestamp_s=self._outbox.now_s(),
            unprobed=unprobed,
            probing=[],
        )
        self._waitroom.reserve(member.subject_id for member in matched)
        self.pending[proposal_id] = pending
        self._mark(pending, is_probed=True)
        return self._next_probes(pending)

    def is_running(self, probe: EdgeProbe) -> bool:
        """Whether a probe has not ended, and neither has its pending match."""
        return self.pending.holds(probe.pending) and probe in probe.pending["probing"]

    def started(self, probe: EdgeProbe, probe_session_id: str | None) -> ProbeEnd | None:
        """Note the id of a running probe; returns how it ended, if it has ended already."""
        probe.is_starting = False
        probe.probe_session_id = probe_session_id
        self.pending.rekey(probe.pending)
        ends = (end for end in probe.early_ends if _is_of(probe, end.report))
        return next(ends, None)

    def ended(self, pair: Pair, rtt_ms: object, report: ProbeReport | None) -> EdgeProbe | None:
        """The running probe that this result ends.

        `None` if the pair is not being probed, or the report is of an earlier probe of the pair
        that was cancelled too late, or the probe's id is not known yet: then `started` returns the
        result.
        """
        probe = self.pending.probing(pair)
        if probe is None:
            logger.debug("A verdict for a pending match that is over")
            return None
        end = ProbeEnd(rtt_ms if is_rtt(rtt_ms) else None, report)
        if probe.is_starting:
            probe.early_ends.append(end)
            return None
        if not _is_of(probe, report):
            return None
        probe.rtt_ms, probe.report = end
        return probe

    def conclude(self, probe: EdgeProbe, *, rejected: bool) -> ProbingOutcome:
        """Apply the verdict on the edge of a probe that has ended; returns what follows."""
        pending = probe.pending
        pending["probing"].remove(probe)
        if not self._counts_all:
            self._count(_whose_attempt(probe))
        if rejected:
            if probe.rtt_ms is not None:
                self._close(probe.pair, probe.probe_session_id, "rejected")
            return self.dissolve(pending)
        if probe.rtt_ms is not None and probe.probe_session_id is not None:
            self.connections[probe.pair] = probe.probe_session_id
        still_probing = self._next_probes(pending)
        if pending["probing"]:
            self.pending.rekey(pending)
            return still_probing
        self._end(pending)
        return Complete(pending["matched"])

    def dissolve(self, pending: PendingMatch, *, without: Collection[str] = ()) -> Dissolved:
        """End a pending match that leads to no game.

        Args:
            pending: the pending match.
            without: the subject ids of participants who left.
        """
        self._end(pending)
        running = [p.probe_session_id for p in pending["probing"] if p.probe_session_id is not None]
        pending["probing"].clear()
        for pair in pairs_of(pending["matched"]):
            self._close(pair, self.connections.pop(pair, None), "cancelled")
        remaining = [m for m in pending["matched"] if m.subject_id not in without]
        return Dissolved(remaining, running)

    def also_reserving(self, matched: Sequence[MatchCandidate]) -> list[PendingMatch]:
        """The pending matches of a group that begins its game, which come to nothing by that."""
        found = [p for member in matched for p in self.pending.reserving(member.subject_id)]
        return list({id(pending): pending for pending in found}.values())

    def expired(self) -> EdgeProbe | None:
        """A running probe past its deadline, if there is one."""
        now_s = self._outbox.now_s()
        for pending in self.pending.values():
            for probe in pending["probing"]:
                if probe.expires_at_s <= now_s:
                    return probe
        return None

    def take_connections(self, matched: Sequence[MatchCandidate]) -> dict[Pair, str]:
        """Hand over the open connections of a group that begins its game."""
        return {
            pair: probe_session_id
            for pair in pairs_of(matched)
            if (probe_session_id := self.connections.pop(pair, None)) is not None
        }

    def _next_probes(self, pending: PendingMatch) -> StillProbing:
        """Begin probes of as many edges as can be measured at the same time, and return them."""

        now_s = self._outbox.now_s()
        to_start = []
        for pair in next_edges(pending):
            probe = EdgeProbe(
                pending, pair, started_at_s=now_s, expires_at_s=now_s + PROBE_EXPIRY_S
            )
            pending["probing"].append(probe)
            to_start.append(probe)
            if self._counts_all:
                self._count(pair)
        return StillProbing(to_start)

    def _count(self, subject_ids: Collection[str]) -> None:
        self._probes_of.update(subject_ids)
        if self._max_probes is not None:
            self.at_limit.update(s for s in subject_ids if self._probes_of[s] >= self._max_probes)

    def _end(self, pending: PendingMatch) -> None:
        del self.pending[pending["key"]]
        self._waitroom.release(member.subject_id for member in pending["matched"])
        self._mark(pending, is_probed=False)

    def _mark(self, pending: PendingMatch, *, is_probed: bool) -> None:
        """Keep others from proposing its pairs again, and members above their limit of probes."""
        if self._graph is None:
            return
        for pair in pairs_of(pending["matched"]):
            self._graph.mark_probed(pair, is_probed=is_probed)
        if self._max_probes is not None:
            for subject_id in (member.subject_id for member in pending["matched"]):
                running = len(self.pending.reserving(subject_id))
                if self._probes_of[subject_id] + running >= self._max_probes:
                    self.at_limit.add(subject_id)
                else:
                    self.at_limit.discard(subject_id)

    def _close(self, pair: Pair, probe_session_id: str | None, outcome: ProbeOutcome) -> None:
        """Tell both browsers to close the connection of a measured probe, if there is one."""
        if probe_session_id is not None:
            payload = {"probe_session_id": probe_session_id, "outcome": outcome}
            for subject_id in pair:
                self._outbox.emit("probe_close", subject_id, payload)


def _whose_attempt(probe: EdgeProbe) -> Collection[str]:
    """For whom a probe that has ended counts: both if it measured, else whom it failed through."""
    if probe.rtt_ms is not None:
        return probe.pair
    causes = {} if probe.report is None else probe.report.causes
    return [who for who in probe.pair if causes.get(who, "not_connected") != "not_connected"]


def _is_of(probe: EdgeProbe, report: ProbeReport | None) -> bool:
    """Whether a report is about this probe. Without a report, the pair alone identifies it."""
    return report is None or report.probe_session_id == probe.probe_session_id
