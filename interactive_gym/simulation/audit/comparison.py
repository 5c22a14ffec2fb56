"""Compares a decision of a replay with the line of the ledger that tells of it."""

from __future__ import annotations

import json
from typing import Any

from interactive_gym.server.ledger.schema import (
    ArrivalLine,
    ExitLine,
    FailureLine,
    LedgerLine,
    LookLine,
    MatchedLine,
    MatchmakerErrorLine,
    ProbeLine,
    ProposalLine,
    RelaxationLine,
    RepoolLine,
    ServerRttLine,
    StopLine,
    VerdictLine,
    kind_of,
)

_COMPARED: dict[type[LedgerLine], tuple[str, ...]] = {
    ArrivalLine: ("subject_id", "waited_ms"),
    ServerRttLine: ("subject_id", "server_rtt_ms"),
    LookLine: (),
    StopLine: (),
    ProposalLine: ("arriving", "matched", "threshold_ms", "edges"),
    RelaxationLine: ("waits_s", "max_p2p_rtt_ms", "threshold_ms"),
    ProbeLine: ("offerer", "answerer", "sides", "rtt_ms", "disagreement"),
    VerdictLine: ("pair", "rtt_ms", "threshold_ms", "verdict", "reason"),
    FailureLine: ("pair", "count", "retry_in_s", "ranks"),
    RepoolLine: ("subject_ids", "unconnected", "causes"),
    MatchedLine: ("group", "edges", "seed"),
    ExitLine: ("subject_id", "reason", "waited_ms"),
    MatchmakerErrorLine: ("matchmaker", "arriving"),
}
"""The fields that must be the same in a replayed line, by kind."""

_COMPARED_IF_CHAINED: dict[type[LedgerLine], tuple[str, ...]] = {
    VerdictLine: ("doubts", "disputed"),
    MatchmakerErrorLine: ("fault",),
}
"""Fields that versions which did not chain their lines may not have had."""

_NAMES: dict[type[LedgerLine], tuple[str, ...]] = {
    ProposalLine: ("proposal_id",),
    RelaxationLine: ("proposal_id",),
    ProbeLine: ("probe_session_id",),
    VerdictLine: ("proposal_id", "probe_session_id"),
    RepoolLine: ("game_id",),
    MatchedLine: ("game_id",),
}
"""The fields that name something. A replay makes names of its own, so what is compared is whether
the same name stands for the same thing throughout."""

_NOT_COMPARED = {"measured_at", "probe_session_id"}
"""Fields of a match's edges that are ids or wall times."""

_NOT_COMPARED_UNLESS_CHAINED = {"doubts", "disputed_seats"}
"""Fields of a match's edges that earlier versions do not have."""


class Comparison:
    """Compares the lines of one start of the server.

    Args:
        is_chained: whether the version that wrote them chained its lines.
    """

    def __init__(self, *, is_chained: bool) -> None:
        self._is_chained = is_chained
        self._told_of: dict[tuple[str, str], str] = {}
        self._replayed_of: dict[tuple[str, str], str] = {}

    def differ(self, decided: LedgerLine, line: LedgerLine) -> bool:
        """Whether a decision is another than the ledger's."""
        return type(decided) is not type(line) or any(
            self._comparable(name, getattr(decided, name))
            != self._comparable(name, getattr(line, name))
            for name in self._compared(type(line))
        )

    def misnamed(self, decided: LedgerLine, line: LedgerLine) -> str | None:
        """The name that stands for something else elsewhere in the ledger, if there is one."""
        for field in _NAMES.get(type(line), ()):
            replayed, told = getattr(decided, field), getattr(line, field)
            if told is None and isinstance(line, VerdictLine) and line.rtt_ms is None:
                # A probe that never came about has no id in the ledger.
                continue
            if replayed is None or told is None:
                if replayed is not told:
                    return f"a line whose {field} is {'none' if replayed is None else 'given'}"
                continue
            known_told = self._told_of.setdefault((field, replayed), told)
            known_replayed = self._replayed_of.setdefault((field, told), replayed)
            if (known_told, known_replayed) != (told, replayed):
                return f"a line whose {field} is {json.dumps(known_told)}"
        return None

    def shown(self, line: LedgerLine) -> str:
        """The fields of a line that are compared, as JSON."""
        compared = {name: getattr(line, name) for name in self._compared(type(line))}
        return json.dumps({"kind": kind_of(line), **compared}, default=str, ensure_ascii=False)

    def _compared(self, kind: type[LedgerLine]) -> tuple[str, ...]:
        more = _COMPARED_IF_CHAINED.get(kind, ()) if self._is_chained else ()
        return _COMPARED[kind] + more

    def _comparable(self, name: str, value: Any) -> Any:
        """A field as the ledger stores it, without what need not be the same."""
        plain = json.loads(json.dumps(value, default=str))
        if name == "fault":
            # What an exception says may name places in memory.
            return plain.split(":", 1)[0]
        if not isinstance(plain, list):
            return plain
        left_out = _NOT_COMPARED | (set() if self._is_chained else _NOT_COMPARED_UNLESS_CHAINED)
        return [
            {name: of for name, of in item.items() if name not in left_out}
            if isinstance(item, dict)
            else item
            for item in plain
        ]
