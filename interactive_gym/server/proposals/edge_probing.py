"""Probes proposed groups edge by edge, until each is accepted or one edge ends the proposal.

Owns the pending matches, their probes and the connections that accepted probes leave open. It asks
for verdicts and never gives one, and makes no games: the GameManager does both. Except for what is
called an effect, everything runs inside the manager's `transaction()`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import partial

from interactive_gym.server.ledger.decision_log import DecisionLog
from interactive_gym.server.ledger.schema import Verdict
from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.participants.waitroom import Waitroom
from interactive_gym.server.probing.report import ProbeOutcome, ProbeReport, is_rtt
from interactive_gym.server.proposals.pending_match import (
    EarlyVerdict,
    EdgeProbe,
    PendingMatch,
    PendingMatches,
    next_edges,
    pairs_of,
)

logger = logging.getLogger(__name__)

PROBE_EXPIRY_S = 30.0
"""After how many seconds a probe is given up whose coordinator never says how it ended. Longer
than the coordinator's own deadline, so it only matters when the coordinator fails."""


class ProposalProbing:
    """The pending matches of one scene.

    Args:
        waitroom: where members are reserved.
        outbox: the manager's outbox, whose clock it reads.
        log: tells the verdicts that end a pending match early.
        max_probes: how often one participant is probed at most; `None` for no limit. A group of
            more than two is probed to its end once it is begun.
        create_probe: has a pair probed, offerer first, and returns the probe's id. An effect.
        cancel_probe: has a running probe ended.
        judge: gives the verdict on an edge and remembers it; true rejects it.
        begin: creates the game of a group whose edges were all accepted.
        give_back: re-pools the members of a pending match that leads to no game.
    """

    def __init__(
        self,
        waitroom: Waitroom,
        outbox: Outbox,
        log: DecisionLog,
        *,
        max_probes: int | None,
        create_probe: Callable[[Pair], str],
        cancel_probe: Callable[[str], object],
        judge: Callable[[PendingMatch, EdgeProbe, float | None], bool],
        begin: Callable[[PendingMatch], object],
        give_back: Callable[[list[MatchCandidate]], object],
    ) -> None:
        self._waitroom = waitroom
        self._outbox = outbox
        self._log = log
        self._max_probes = max_probes
        self._create_probe = create_probe
        self._cancel_probe = cancel_probe
        self._judge = judge
        self._begin = begin
        self._give_back = give_back
        self._probes_of: Counter[str] = Counter()
        self._overtaken: set[frozenset[str]] = set()
        self.pending = PendingMatches()
        """The pending matches."""
        self.connections: dict[Pair, str] = {}
        """The probes whose connections are open, of edges accepted in pending matches."""
        self.at_limit: set[str] = set()
        """Subject ids of those who may not be proposed for another probe."""

    def open(
        self,
        proposal_id: str,
        matched: list[MatchCandidate],
        arriving_subject_id: str,
        unprobed: list[Pair],
    ) -> None:
        """Reserve a proposed group and measure its unknown edges."""
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
        self._probe_on(pending)

    def take_connections(self, matched: Sequence[MatchCandidate]) -> dict[Pair, str]:
        """Hand over the open connections of a group that begins its game."""
        return {
            pair: probe_session_id
            for pair in pairs_of(matched)
            if (probe_session_id := self.connections.pop(pair, None)) is not None
        }

    def report(self, report: ProbeReport) -> bool:
        """Keep the account of a probe that has ended; false if it is none of these.

        A pair may be probed again before it is told how a probe ended that was cancelled too late.
        That account shows by its id whose it is, and the outcome that follows it is ignored.
        """
        pair = (report.offerer, report.answerer)
        found = self.pending.probing(pair)
        if found is None:
            return False
        probe = found[1]
        if probe.probe_session_id not in (None, report.probe_session_id):
            self._overtaken.add(frozenset(pair))
            return False
        probe.report = report
        return True

    def complete(self, pair: Pair, rtt_ms: object) -> None:
        """A probe ended, maybe before `create_probe` has returned, maybe not for the first time."""
        found = self.pending.probing(pair)
        is_overtaken = frozenset(pair) in self._overtaken
        self._overtaken.discard(frozenset(pair))
        if found is None or is_overtaken:
            logger.debug("A verdict for a pending match that is over")
            return
        pending, probe = found
        valid_rtt_ms = rtt_ms if is_rtt(rtt_ms) else None
        if not probe.is_starting:
            self._conclude(pending, probe, valid_rtt_ms)
        elif probe.early_verdict is None:
            probe.early_verdict = EarlyVerdict(rtt_ms=valid_rtt_ms)

    def abandon(
        self,
        pending: PendingMatch,
        probe: EdgeProbe,
        verdict: Verdict,
        reason: str,
        *,
        without: Collection[str] = (),
    ) -> None:
        """End a pending match while this probe is running, and re-pool its other members."""
        self._log.verdict(
            pending["proposal_id"], probe.pair, probe.probe_session_id, verdict, reason
        )
        self._dissolve(pending, without=without)

    def expired(self) -> tuple[PendingMatch, EdgeProbe] | None:
        """A pending match with a probe that never ended, and that probe, if there is one."""
        now_s = self._outbox.now_s()
        for pending in self.pending.values():
            for probe in pending["probing"]:
                if probe.expires_at_s <= now_s:
                    return pending, probe
        return None

    def _probe_on(self, pending: PendingMatch) -> None:
        """Start the probes of as many edges as can be measured at the same time."""
        now_s = self._outbox.now_s()
        for pair in next_edges(pending):
            probe = EdgeProbe(pair, started_at_s=now_s, expires_at_s=now_s + PROBE_EXPIRY_S)
            pending["probing"].append(probe)
            self._count(pair)
            self._outbox.add(partial(self._start, pending, probe))

    def _count(self, pair: Pair) -> None:
        self._probes_of.update(pair)
        if self._max_probes is not None:
            self.at_limit.update(who for who in pair if self._probes_of[who] >= self._max_probes)

    def _start(self, pending: PendingMatch, probe: EdgeProbe) -> None:
        """Effect: have the coordinator probe an edge, and learn the probe's id."""
        if not self._is_running(pending, probe):
            return
        try:
            probe_session_id = self._create_probe(probe.pair)
        except Exception:
            logger.exception("A probe could not be created")
            with self._outbox.transaction():
                if self._is_running(pending, probe):
                    self._conclude(pending, probe, None)
            return
        with self._outbox.transaction():
            if not self._is_running(pending, probe):
                self._cancel_probe(probe_session_id)
                return
            probe.is_starting = False
            probe.probe_session_id = probe_session_id
            self.pending.rekey(pending)
            if probe.early_verdict is not None:
                self._conclude(pending, probe, probe.early_verdict["rtt_ms"])

    def _is_running(self, pending: PendingMatch, probe: EdgeProbe) -> bool:
        return self.pending.holds(pending) and probe in pending["probing"]

    def _conclude(self, pending: PendingMatch, probe: EdgeProbe, rtt_ms: float | None) -> None:
        """Obey the verdict on an edge."""
        rejected = self._judge(pending, probe, rtt_ms)
        if not self._is_running(pending, probe):
            return
        pending["probing"].remove(probe)
        if rejected:
            if rtt_ms is not None:
                self._close(probe.pair, probe.probe_session_id, "rejected")
            self._dissolve(pending)
            return
        if rtt_ms is not None and probe.probe_session_id is not None:
            self.connections[probe.pair] = probe.probe_session_id
        self._probe_on(pending)
        if pending["probing"]:
            self.pending.rekey(pending)
        else:
            self._end(pending)
            self._begin(pending)

    def _dissolve(self, pending: PendingMatch, *, without: Collection[str] = ()) -> None:
        """End a pending match that leads to no game and re-pool its members, but for who left."""
        self._end(pending)
        for probe in pending["probing"]:
            if probe.probe_session_id is not None:
                self._cancel_probe(probe.probe_session_id)
        pending["probing"].clear()
        for pair in pairs_of(pending["matched"]):
            self._close(pair, self.connections.pop(pair, None), "cancelled")
        self._give_back([m for m in pending["matched"] if m.subject_id not in without])

    def _end(self, pending: PendingMatch) -> None:
        del self.pending[pending["key"]]
        self._waitroom.release(member.subject_id for member in pending["matched"])

    def _close(self, pair: Pair, probe_session_id: str | None, outcome: ProbeOutcome) -> None:
        """Have both browsers close the connection of a measured probe, if there is one."""
        if probe_session_id is not None:
            payload = {"probe_session_id": probe_session_id, "outcome": outcome}
            for subject_id in pair:
                self._outbox.emit("probe_close", subject_id, payload)
