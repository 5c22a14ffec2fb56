"""Words what the GameManager decides, for the match ledger and for the server's log.

One method per kind of line, so that the form of the ledger is in one place. It decides nothing
and writes nothing by itself: lines are effects, written in the order of the decisions.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

from interactive_gym.server.effects import Effects
from interactive_gym.server.latency_graph import Pair
from interactive_gym.server.match_logger import LedgerKind, MatchLogger
from interactive_gym.server.matchmaker import MatchCandidate, Matchmaker
from interactive_gym.server.pending_match import PendingMatch
from interactive_gym.server.probe_report import ProbeReport

logger = logging.getLogger(__name__)

Verdict = Literal["accepted", "rejected", "cancelled", "expired"]
"""How a pending match, or the probe of one of its edges, ended."""


class DecisionLog:
    """The ledger's lines of one game scene.

    Args:
        ledger: the file.
        matchmaker: whose name and threshold the lines carry.
        effects: carry out the writing.
    """

    def __init__(self, ledger: MatchLogger, matchmaker: Matchmaker, effects: Effects) -> None:
        self._ledger = ledger
        self._matchmaker = matchmaker
        self._effects = effects
        self._faults: set[tuple[str, str]] = set()

    def arrival(self, arriving: MatchCandidate) -> None:
        """A participant asked for a game."""
        self._log("arrival", subject_id=arriving.subject_id, server_rtt_ms=arriving.rtt_ms)

    def proposal(self, arriving_subject_id: str, matched: Sequence[MatchCandidate]) -> None:
        """The matchmaker proposed a group."""
        subject_ids = [candidate.subject_id for candidate in matched]
        self._log("proposal", arriving=arriving_subject_id, matched=subject_ids)

    def probe(self, report: ProbeReport) -> None:
        """A probe ended; the line holds all that both sides measured."""
        self._log("probe", **report.as_record())

    def measured(self, pending: PendingMatch, rtt_ms: float | None, *, rejected: bool) -> None:
        """The matchmaker gave its verdict on the edge just probed."""
        reason = self._reason(rtt_ms, rejected)
        self.verdict(pending, "rejected" if rejected else "accepted", reason, rtt_ms)
        if rejected:
            logger.info("RTT rejection: %s", reason)

    def verdict(
        self, pending: PendingMatch, verdict: Verdict, reason: str, rtt_ms: float | None = None
    ) -> None:
        """A pending match ended, or goes on to its next edge."""
        self._log(
            "verdict",
            proposal_id=pending["proposal_id"],
            probe_session_id=pending["probe_session_id"],
            pair=pending["probing"],
            rtt_ms=rtt_ms,
            threshold_ms=self._matchmaker.max_p2p_rtt_ms,
            verdict=verdict,
            reason=reason,
        )

    def repool(self, subject_ids: Sequence[str], unconnected: Sequence[Pair] = ()) -> None:
        """Participants are available again; of `unconnected` pairs no connection came about."""
        self._log("repool", subject_ids=subject_ids, unconnected=unconnected)

    def matched(self, match: dict[str, Any]) -> None:
        """A game was created."""
        fields = {name: match[name] for name in ("game_id", "group", "edges", "seed")}
        self._log("matched", **fields)

    def exit(self, subject_id: str, reason: str, waited_s: float) -> None:
        """A participant left the waitroom without a game."""
        waited_ms = round(waited_s * 1000)
        self._log("exit", subject_id=subject_id, reason=reason, waited_ms=waited_ms)

    def fault(self, arriving_subject_id: str, fault: str) -> None:
        """The matchmaker misbehaved; said once per participant and kind of fault."""
        name = type(self._matchmaker).__name__
        kind = fault.split(":", 1)[0]
        if (arriving_subject_id, kind) not in self._faults:
            self._faults.add((arriving_subject_id, kind))
            logger.error("Matchmaker %s: %s", name, fault)
            self._log(
                "matchmaker_error", matchmaker=name, arriving=arriving_subject_id, fault=fault
            )

    def _reason(self, rtt_ms: float | None, rejected: bool) -> str:
        threshold_ms = self._matchmaker.max_p2p_rtt_ms
        if rtt_ms is None:
            return "the measurement failed"
        if threshold_ms is not None and rejected == (rtt_ms > threshold_ms):
            return f"{rtt_ms:.1f} ms {'>' if rejected else '<='} {threshold_ms:g} ms"
        return f"{rtt_ms:.1f} ms, by {type(self._matchmaker).__name__}"

    def _log(self, kind: LedgerKind, **fields: Any) -> None:
        self._effects.add(partial(self._ledger.log, kind, **fields))
