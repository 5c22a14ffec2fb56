"""Words what the GameManager decides, for the match ledger and for the server's log.

One method per kind of line, so that the form of the ledger is in one place. It decides nothing
and writes nothing by itself: lines are effects, written in the order of the decisions.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol

from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.ledger.schema import (
    ArrivalLine,
    ExitLine,
    FailureLine,
    GameEndedLine,
    LedgerLine,
    LookLine,
    MatchedLine,
    MatchmakerErrorLine,
    PlanLine,
    ProbeLine,
    ProposalLine,
    ProposedEdge,
    RelaxationLine,
    RepoolLine,
    ServerRttLine,
    StopLine,
    Verdict,
    VerdictLine,
)
from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.matching.latency_graph import Edge, Failure
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.probing.conduct import FailureCause
from interactive_gym.server.probing.report import ProbeReport

logger = logging.getLogger(__name__)


class Ledger(Protocol):
    """Where the lines of the match ledger go."""

    def log(self, line: LedgerLine, *, at_s: float) -> None:
        """Take a line, decided `at_s` seconds of the manager's clock."""


class DecisionLog:
    """The ledger's lines of one game scene.

    Args:
        ledger: where the lines go; `None` keeps none.
        matchmaker_name: the class name that faults and verdicts are told under.
        outbox: carry out the writing, and tell the moment of a decision.
    """

    def __init__(self, ledger: Ledger | None, matchmaker_name: str, outbox: Outbox) -> None:
        self._ledger = ledger
        self._matchmaker_name = matchmaker_name
        self._outbox = outbox
        self._faults: set[tuple[str | None, str]] = set()

    def plan(self, plan: Mapping[str, Any], digest: str) -> None:
        """The server started with this plan."""
        self._log(PlanLine(plan=plan, plan_digest=digest))

    def arrival(
        self, arriving: MatchCandidate, blocked_with: Sequence[str], waited_ms: int
    ) -> None:
        """A participant asked for a game."""
        self._log(
            ArrivalLine(
                subject_id=arriving.subject_id,
                server_rtt_ms=arriving.rtt_ms,
                attributes=dict(arriving.attributes),
                previous_partners=arriving.previous_partners,
                blocked_with=blocked_with,
                waited_ms=waited_ms,
            )
        )

    def server_rtt(self, candidate: MatchCandidate) -> None:
        """The server RTT of somebody who waits is another than before."""
        self._log(ServerRttLine(subject_id=candidate.subject_id, server_rtt_ms=candidate.rtt_ms))

    def look(self) -> None:
        """The matchmaker is asked again because of time."""
        self._log(LookLine())

    def stop(self) -> None:
        """Nobody is proposed any more, as the server is about to be stopped."""
        self._log(StopLine())

    def proposal(
        self,
        proposal_id: str,
        arriving_subject_id: str,
        matched: Sequence[MatchCandidate],
        threshold_ms: float | None,
        edges: Sequence[ProposedEdge],
    ) -> None:
        """The matchmaker proposed a group."""
        self._log(
            ProposalLine(
                proposal_id=proposal_id,
                arriving=arriving_subject_id,
                matched=[candidate.subject_id for candidate in matched],
                threshold_ms=threshold_ms,
                edges=edges,
            )
        )

    def relaxation(
        self,
        proposal_id: str,
        waits_s: Mapping[str, float],
        max_p2p_rtt_ms: float | None,
        threshold_ms: float | None,
    ) -> None:
        """Waiting has relaxed the threshold of a proposal."""
        self._log(
            RelaxationLine(
                proposal_id=proposal_id,
                waits_s=waits_s,
                max_p2p_rtt_ms=max_p2p_rtt_ms,
                threshold_ms=threshold_ms,
            )
        )

    def probe(self, report: ProbeReport) -> None:
        """A probe ended; the line holds all that both sides measured."""
        self._log(ProbeLine(**report.as_record()))

    def measured(
        self,
        proposal_id: str,
        pair: Pair,
        probe_session_id: str | None,
        rtt_ms: float | None,
        threshold_ms: float | None,
        *,
        rejected: bool,
        edge: Edge | None = None,
    ) -> None:
        """The verdict on an edge just probed; `edge` is what is known of it, if it was measured."""
        reason = self._reason(rtt_ms, threshold_ms, rejected)
        self._log(
            VerdictLine(
                proposal_id=proposal_id,
                probe_session_id=probe_session_id,
                pair=pair,
                rtt_ms=rtt_ms,
                threshold_ms=threshold_ms,
                verdict="rejected" if rejected else "accepted",
                reason=reason,
                doubts=() if edge is None else edge.doubts,
                disputed=() if edge is None else edge.disputed,
            )
        )
        if rejected:
            logger.info("RTT rejection: %s", reason)

    def verdict(
        self,
        proposal_id: str,
        pair: Pair,
        probe_session_id: str | None,
        verdict: Verdict,
        reason: str,
    ) -> None:
        """The probe of an edge ended without a measurement, because its pending match did."""
        self._log(
            VerdictLine(
                proposal_id=proposal_id,
                probe_session_id=probe_session_id,
                pair=pair,
                rtt_ms=None,
                threshold_ms=None,
                verdict=verdict,
                reason=reason,
            )
        )

    def failure(self, pair: Pair, failure: Failure, ranks: Mapping[str, int]) -> None:
        """A pair could not be measured or connected; it is tried again later."""
        retry_in_s = failure.retry_at_s - failure.failed_at_s
        self._log(FailureLine(pair=pair, count=failure.count, retry_in_s=retry_in_s, ranks=ranks))

    def repool(
        self,
        subject_ids: Sequence[str],
        game_id: str | None = None,
        unconnected: Sequence[Pair] = (),
        causes: Mapping[str, FailureCause] = MappingProxyType({}),
    ) -> None:
        """Participants are available again; of `unconnected` pairs no connection came about."""
        self._log(
            RepoolLine(
                subject_ids=subject_ids,
                game_id=game_id,
                unconnected=unconnected,
                causes=dict(causes),
            )
        )

    def matched(self, match: Mapping[str, Any]) -> None:
        """A game was created."""
        names = ("game_id", "group", "edges", "seed", "plan_digest")
        self._log(MatchedLine(**{name: match[name] for name in names}))

    def game_ended(
        self, game_id: str, reason: str, cuts: Sequence[dict[str, Any]], desync: Desync | None
    ) -> None:
        """A game is over, and no more data of it are taken."""
        self._log(
            GameEndedLine(
                game_id=game_id,
                reason=reason,
                cuts=cuts,
                desync=None if desync is None else asdict(desync),
            )
        )

    def exit(self, subject_id: str, reason: str, waited_s: float) -> None:
        """A participant left the waitroom without a game."""
        waited_ms = round(waited_s * 1000)
        self._log(ExitLine(subject_id=subject_id, reason=reason, waited_ms=waited_ms))

    def fault(self, arriving_subject_id: str | None, fault: str) -> None:
        """The matchmaker misbehaved; said once per participant and kind of fault."""
        kind = fault.split(":", 1)[0]
        if (arriving_subject_id, kind) not in self._faults:
            self._faults.add((arriving_subject_id, kind))
            logger.error("Matchmaker %s: %s", self._matchmaker_name, fault)
            self._log(
                MatchmakerErrorLine(
                    matchmaker=self._matchmaker_name,
                    arriving=arriving_subject_id,
                    fault=fault,
                )
            )

    def _reason(self, rtt_ms: float | None, threshold_ms: float | None, rejected: bool) -> str:
        if rtt_ms is None:
            return "the measurement failed"
        if threshold_ms is not None and rejected == (rtt_ms > threshold_ms):
            return f"{rtt_ms:.1f} ms {'>' if rejected else '<='} {threshold_ms:g} ms"
        return f"{rtt_ms:.1f} ms, by {self._matchmaker_name}"

    def _log(self, line: LedgerLine) -> None:
        if self._ledger is not None:
            self._outbox.add(partial(self._ledger.log, line, at_s=self._outbox.now_s()))
