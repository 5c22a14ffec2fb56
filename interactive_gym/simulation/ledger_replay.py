"""Re-runs the decisions of a match ledger and confirms each of them.

Feeds what happened (arrivals, measurements, exits, games that could not start) to the real
GameManager in virtual time, and compares its decisions with those in the ledger. `interactive-gym
replay` prints the result.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import msgspec

from interactive_gym.server.game_manager import GameManager
from interactive_gym.server.games.events import FinishReason, GameFinished, GameReady
from interactive_gym.server.ledger.plan import plan_digest
from interactive_gym.server.ledger.schema import (
    AnyLine,
    ArrivalLine,
    ExitLine,
    FailureLine,
    GameEndedLine,
    LedgerLine,
    LookLine,
    MatchedLine,
    MatchmakerErrorLine,
    MendedLine,
    PlanLine,
    ProbeLine,
    ProposalLine,
    RelaxationLine,
    RepoolLine,
    ServerRttLine,
    StopLine,
    VerdictLine,
    kind_of,
    read_line,
)
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.reliability import Reliability
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.server.participants.blocklist import Blocklist
from interactive_gym.server.participants.group_history import GroupHistory
from interactive_gym.server.participants.outcome import WaitEnd
from interactive_gym.server.participants.shared_parts import SharedParts
from interactive_gym.server.probing.probe import OnComplete
from interactive_gym.server.probing.report import ProbeReport
from interactive_gym.simulation.failed_start import messages_before_failed_start

MakeMatchmaker = Callable[[dict[str, Any]], Matchmaker]
"""Makes the matchmaker that a plan names."""

_COMPARED: dict[type[LedgerLine], tuple[str, ...]] = {
    ArrivalLine: ("subject_id", "waited_ms"),
    ServerRttLine: ("subject_id", "server_rtt_ms"),
    LookLine: (),
    StopLine: (),
    ProposalLine: ("arriving", "matched", "threshold_ms", "edges"),
    RelaxationLine: ("waits_s", "max_p2p_rtt_ms", "threshold_ms"),
    ProbeLine: ("offerer", "answerer", "rtt_ms"),
    VerdictLine: ("pair", "rtt_ms", "threshold_ms", "verdict", "reason"),
    FailureLine: ("pair", "count", "retry_in_s", "ranks"),
    RepoolLine: ("subject_ids", "unconnected", "causes"),
    MatchedLine: ("group", "edges", "seed"),
    ExitLine: ("subject_id", "reason", "waited_ms"),
    MatchmakerErrorLine: ("matchmaker", "arriving"),
}
"""The fields that must be the same in a replayed line, by kind."""

_NOT_COMPARED = {"measured_at", "probe_session_id", "doubts", "disputed_seats"}
"""Fields of a match's edges that are ids or wall times, or that no decision follows from: earlier
versions do not have them."""


class LedgerError(ValueError):
    """The ledger cannot be replayed; the text says why and in which line."""


@dataclass(frozen=True)
class Difference:
    """The first decision that differs when it is replayed."""

    line_number: int
    """The number of the line, counted from 1."""

    expected: str
    """The line of the ledger, as JSON."""

    got: str
    """The decision of the replay, as JSON or in words."""


@dataclass
class ReplayResult:
    """The result of a replay."""

    confirmed: Counter[str] = field(default_factory=Counter)
    """How many lines of each kind were confirmed."""

    notes: list[str] = field(default_factory=list)
    """What has changed since the ledger was written and could explain a difference."""

    difference: Difference | None = None
    """The first line that differs, if one does."""


def replay(lines: Sequence[Any], make_matchmaker: MakeMatchmaker) -> ReplayResult:
    """Replay a ledger, start by start, until its end or the first difference.

    Args:
        lines: all lines of the ledger, in order, as `parse_ledger` returns them.
        make_matchmaker: makes the matchmaker of a plan.

    Raises:
        LedgerError: if a line cannot be replayed.
    """
    result = ReplayResult()
    started: _ReplayedServer | None = None
    failed_games = {
        value.get("game_id")
        for value in lines
        if isinstance(value, dict) and value.get("kind") == "repool"
    }
    for number, value in enumerate(lines, 1):
        try:
            header, line = read_line(value)
        except ValueError as error:
            raise LedgerError(f"line {number} cannot be replayed: {error}.") from error
        if isinstance(line, GameEndedLine | MendedLine):
            # No decision of matching follows from it.
            continue
        if isinstance(line, PlanLine):
            matchmaker = make_matchmaker(dict(line.plan))
            started = _ReplayedServer(line, header.monotonic_s, matchmaker, failed_games)
            result.notes += started.notes(number)
        elif started is None:
            raise LedgerError(f"line {number} cannot be replayed: no plan comes before it.")
        else:
            got = started.follow(line, header.monotonic_s)
            if got is not None:
                result.difference = Difference(number, _shown(line), got)
                return result
        result.confirmed[kind_of(line)] += 1
    return result


def parse_ledger(text: str) -> list[Any]:
    """The lines of a ledger, as they come out of JSON.

    Half a line, as a killed server leaves, is dropped if it is the last.

    Raises:
        LedgerError: if another line is not JSON.
    """
    rows = text.splitlines()
    lines = []
    for number, row in enumerate(rows, 1):
        try:
            lines.append(json.loads(row))
        except ValueError as error:
            if number < len(rows):
                raise LedgerError(f"line {number} is no JSON: {error}.") from error
    return lines


class _ReplayedServer:
    """One start of the server: a GameManager and its surroundings, as the ledger describes them."""

    def __init__(
        self,
        plan_line: PlanLine,
        started_at_s: float,
        matchmaker: Matchmaker,
        failed_games: set[str | None],
    ) -> None:
        self._plan_line = plan_line
        plan = plan_line.plan
        self._failed_games = failed_games
        self._now_s = started_at_s
        self._server_rtt_ms: dict[str, float | None] = {}
        self._arrivals: dict[str, ArrivalLine] = {}
        self._game_ids: dict[str, str] = {}
        self._decided: deque[LedgerLine] = deque()
        self._groups: dict[str, list[str]] = {}
        self._probe_ids: dict[frozenset[str], str] = {}
        self._probe_lines: dict[frozenset[str], ProbeLine] = {}
        self._probe_numbers = itertools.count()
        numbers = itertools.count()
        self._manager = GameManager(
            _ReplayedScene(plan, self._arrivals),
            _ReplayedExperiment(),
            self,
            matchmaker=matchmaker,
            probe_coordinator=self if plan["is_probing"] else None,
            shared=SharedParts(
                history=_LedgerHistory(self._arrivals),
                ledger_of=lambda scene_id: self,
                server_rtt_ms=self._server_rtt_ms.get,
                clock=lambda: self._now_s,
                wall_clock=lambda: 0.0,
                new_seed=lambda: int(plan["seed"]),
                new_id=lambda: f"replayed-{next(numbers)}",
            ),
            latency_graph=LatencyGraph(
                # Plans of version 0.1.0 and 0.2.0 do not name it: nobody was ranked by failures.
                reliability=Reliability(is_ranking=plan.get("ranks_failures", False))
            ),
            blocklist=_LedgerBlocklist(self._arrivals, plan["blocked_pairs"]),
        )
        replayed_plan = self._decided.popleft()
        assert isinstance(replayed_plan, PlanLine), "a manager begins with its plan"
        self._replayed_plan = replayed_plan

    def notes(self, number: int) -> list[str]:
        """What has changed since the ledger was written."""
        then, now = self._plan_line.plan, self._replayed_plan.plan
        notes = [
            f"line {number}: {name} was {then.get(name)!r} and is {now[name]!r}"
            for name in ("package_version", "matchmaker")
            if then.get(name) != now[name]
        ]
        if plan_digest(then) != self._plan_line.plan_digest:
            notes.append(f"line {number}: the plan does not have the digest it claims")
        return notes

    def follow(self, line: AnyLine, at_s: float) -> str | None:
        """Let happen what a line tells; returns what was decided instead, if it differs."""
        self._now_s = at_s
        if isinstance(line, ProbeLine):
            # Its account reaches the manager with the verdict that follows, and is compared then.
            self._probe_lines[frozenset((line.offerer, line.answerer))] = line
            return None
        if not self._decided:
            self._let_happen(line)
        if isinstance(line, MatchedLine) and line.plan_digest != self._plan_line.plan_digest:
            return "a match that carries the digest of its plan"
        if not self._decided:
            return "nothing was decided"
        decided = self._decided.popleft()
        if isinstance(decided, ProbeLine):
            pair = frozenset((decided.offerer, decided.answerer))
            if _differ(decided, self._probe_lines.pop(pair, line)):
                return _shown(decided)
            decided = self._decided.popleft()
        if _differ(decided, line):
            return _shown(decided)
        if isinstance(line, MatchedLine):
            assert isinstance(decided, MatchedLine)
            self._begin_game(line, decided.game_id)
        return None

    def log(self, line: LedgerLine, *, at_s: float) -> None:
        """Take a line that the replayed manager would write."""
        if not isinstance(line, GameEndedLine):
            self._decided.append(line)

    def emit(self, event: str, *args: Any, to: str | None = None) -> None:
        """Do nothing, as no browser is connected."""

    def create_probe(self, subject_a: str, subject_b: str, on_complete: OnComplete) -> str:
        """Begin a probe whose outcome comes with the ledger's verdict."""
        probe_session_id = f"replayed-probe-{next(self._probe_numbers)}"
        self._probe_ids[frozenset((subject_a, subject_b))] = probe_session_id
        return probe_session_id

    def _let_happen(self, line: AnyLine) -> None:
        match line:
            case ArrivalLine():
                self._arrivals[line.subject_id] = line
                self._server_rtt_ms[line.subject_id] = line.server_rtt_ms
                self._manager.restore_wait(line.subject_id, line.waited_ms / 1000)
                self._manager.join(line.subject_id)
            case VerdictLine(verdict="accepted" | "rejected"):
                self._end_probe(line)
            case ExitLine() if line.reason not in get_args(WaitEnd):
                self._manager.leave(line.subject_id, line.reason)
            case RepoolLine(game_id=str(game_id)):
                self._fail_start(line, game_id)
            case LookLine():
                self._manager.look_again()
            case StopLine():
                self._manager.stop_matching()
            case _:
                if isinstance(line, ServerRttLine):
                    self._server_rtt_ms[line.subject_id] = line.server_rtt_ms
                self._manager.enforce_limits()

    def _end_probe(self, line: VerdictLine) -> None:
        """Let a probe end as its verdict tells, with the account in the line before, if any."""
        subject_a, subject_b = line.pair
        pair = frozenset(line.pair)
        probe_line = self._probe_lines.get(pair)
        report = None
        if probe_line is not None:
            report = _report(probe_line, self._probe_ids.get(pair, "unknown"))
        self._manager._on_probe_complete(subject_a, subject_b, line.rtt_ms, report=report)

    def _begin_game(self, line: MatchedLine, game_id: str) -> None:
        """Let a game be over at once, unless the ledger says that it could not start."""
        group = [member["subject_id"] for member in line.group]
        self._game_ids[line.game_id], self._groups[line.game_id] = game_id, group
        if line.game_id not in self._failed_games:
            for subject_id in group:
                self._manager.handle_game_message(subject_id, GameReady(game_id))
            for subject_id in group:
                self._finish(subject_id, game_id, "completed")
            for subject_id in group:
                self._manager.forget(subject_id)

    def _fail_start(self, line: RepoolLine, told_game_id: str) -> None:
        """Let a game not start, so that the same participants are back and the same pairs failed.

        If a participant left, no pair has failed.
        """
        game_id, group = self._game_ids.get(told_game_id), self._groups.get(told_game_id)
        if game_id is None or group is None:
            return
        absent = [member for member in group if member not in line.subject_ids]
        for subject_id in absent:
            self._manager.handle_disconnect(subject_id)
        if absent and not line.unconnected:
            self._manager.leave(absent[0], "left")
            return
        for subject_id, message in messages_before_failed_start(line, group, game_id):
            self._manager.handle_game_message(subject_id, message)
        self._finish(group[0], game_id, "partner_lost")

    def _finish(self, subject_id: str, game_id: str, reason: FinishReason) -> None:
        finished = GameFinished(game_id, reason=reason, frames=0, digest="")
        self._manager.handle_game_message(subject_id, finished)


class _LedgerHistory(GroupHistory):
    """Previous partners as the arrivals name them, since other scenes are not replayed."""

    def __init__(self, arrivals: Mapping[str, ArrivalLine]) -> None:
        super().__init__()
        self._arrivals = arrivals

    def partners_of(self, subject_id: str) -> tuple[str, ...]:
        """Whom they had played with last when they arrived."""
        return tuple(self._arrivals[subject_id].previous_partners)


class _LedgerBlocklist(Blocklist):
    """Blocked pairs as the arrivals name them, since recruitment ids are not in the ledger."""

    def __init__(self, arrivals: Mapping[str, ArrivalLine], pair_count: int) -> None:
        super().__init__((), lambda subject_id: None)
        self.pair_count = pair_count
        self._arrivals = arrivals

    def arrived(self, subject_id: str) -> list[str]:
        """Whom they were blocked with when they arrived."""
        return list(self._arrivals[subject_id].blocked_with)


class _ReplayedScene:
    """The game scene that a plan describes."""

    waitroom_timeout_message = None
    waitroom_timeout_redirect_url = None
    hide_lobby_count = False
    partner_timeout_ms = 10_000
    partner_loss_way_on: Literal["next_scene", "waitroom", "exit"] = "next_scene"
    partner_loss_message = None
    focus_loss_message = None
    on_cut = "end"
    input_delay = 0
    packages = ()
    scene_id = "replayed"

    def __init__(self, plan: Mapping[str, Any], arrivals: Mapping[str, ArrivalLine]) -> None:
        self._arrivals = arrivals
        self.max_probes_per_participant: int | None = plan["max_probes_per_participant"]
        # Plans of version 0.1.0 and 0.2.0 do not name it: nobody was led out.
        self.max_connection_failures: int | None = plan.get("max_connection_failures")
        self.human_agents: Sequence[str] = plan["agents"]
        self.waitroom_timeout_ms: int | None = plan["patience_ms"]
        self.environment_digest: str = plan["environment_digest"]

    def attributes_of(self, subject_id: str) -> Mapping[str, Any]:
        """What was known of a participant when they arrived."""
        return self._arrivals[subject_id].attributes

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """What a game needs to be opened, as no browser plays."""
        return {"agents": list(self.human_agents), "fps": 30}


class _ReplayedExperiment:
    """The experiment around it."""

    experiment_id = "replayed"
    ice_servers: Sequence[Any] = ()
    force_relay = False


def _report(line: ProbeLine, probe_session_id: str) -> ProbeReport:
    """The account in a line, as that of the replayed probe."""
    told = {**msgspec.structs.asdict(line), "probe_session_id": probe_session_id}
    return msgspec.convert(told, ProbeReport, strict=True)


def _differ(decided: LedgerLine, line: LedgerLine) -> bool:
    """Whether a decision is another than the ledger's."""
    return type(decided) is not type(line) or any(
        _comparable(getattr(decided, name)) != _comparable(getattr(line, name))
        for name in _COMPARED[type(line)]
    )


def _comparable(value: Any) -> Any:
    """A field as the ledger stores it, without what need not be the same."""
    plain = json.loads(json.dumps(value, default=str))
    if isinstance(plain, list):
        return [
            {name: of for name, of in item.items() if name not in _NOT_COMPARED}
            if isinstance(item, dict)
            else item
            for item in plain
        ]
    return plain


def _shown(line: LedgerLine) -> str:
    compared = {name: getattr(line, name) for name in _COMPARED[type(line)]}
    return json.dumps({"kind": kind_of(line), **compared}, default=str, ensure_ascii=False)
