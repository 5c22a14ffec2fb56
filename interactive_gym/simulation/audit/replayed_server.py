"""One start of the server, replayed: the real GameManager among what the ledger describes."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Collection
from typing import Any

from interactive_gym.server.game_manager import GameManager
from interactive_gym.server.games.events import FinishReason, GameFinished, GameReady
from interactive_gym.server.ledger.schema import (
    AnyLine,
    ArrivalLine,
    ExitLine,
    GameEndedLine,
    LedgerLine,
    LookLine,
    MatchedLine,
    PlanLine,
    ProbeLine,
    RepoolLine,
    ServerRttLine,
    StopLine,
    VerdictLine,
)
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.reliability import Reliability
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.server.participants.outcome import DECIDED_BY_SERVER
from interactive_gym.server.participants.shared_parts import SharedParts
from interactive_gym.server.probing.probe import OnComplete
from interactive_gym.simulation.audit.comparison import Comparison
from interactive_gym.simulation.audit.probe_account import report_of
from interactive_gym.simulation.audit.surroundings import (
    LedgerBlocklist,
    LedgerHistory,
    ReplayedExperiment,
    ReplayedScene,
)
from interactive_gym.simulation.failed_start import messages_before_failed_start

OVERDUE_S = 60.0
"""How long after the end of their patience somebody may still be found waiting, in seconds: the
server looks twice a second, but may have been held up."""


class ReplayedServer:
    """One start of the server: a GameManager and its surroundings, as the ledger describes them.

    Args:
        plan_line: the line that the start began with.
        started_at_s: when that was decided.
        matchmaker: the plan's matchmaker.
        failed_games: the ids of all games of the ledger that could not start.
        is_chained: whether the version that wrote the lines chained them.
    """

    def __init__(
        self,
        plan_line: PlanLine,
        started_at_s: float,
        matchmaker: Matchmaker,
        failed_games: Collection[str | None],
        *,
        is_chained: bool,
    ) -> None:
        self._is_chained = is_chained
        self._comparison = Comparison(is_chained=is_chained)
        self._plan_line = plan_line
        plan = plan_line.plan
        self._failed_games = failed_games
        self._now_s = started_at_s
        self._has_stopped = False
        self._server_rtt_ms: dict[str, float | None] = {}
        self._arrivals: dict[str, ArrivalLine] = {}
        self._game_ids: dict[str, str] = {}
        self._decided: deque[LedgerLine] = deque()
        self._groups: dict[str, list[str]] = {}
        self._late_since_s: dict[str, float] = {}
        self._remark: str | None = None
        self._probe_ids: dict[frozenset[str], str] = {}
        self._probe_lines: dict[frozenset[str], ProbeLine] = {}
        self._probe_numbers = itertools.count()
        numbers = itertools.count()
        self._manager = GameManager(
            ReplayedScene(plan, self._arrivals),
            ReplayedExperiment(),
            self,
            matchmaker=matchmaker,
            probe_coordinator=self if plan["is_probing"] else None,
            shared=SharedParts(
                history=LedgerHistory(self._arrivals),
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
            # Earlier plans do not name it: every event made the matchmaker look.
            gathers_above=plan.get("gathers_above"),
            blocklist=LedgerBlocklist(self._arrivals, plan["blocked_pairs"]),
        )
        replayed_plan = self._decided.popleft()
        assert isinstance(replayed_plan, PlanLine), "a manager begins with its plan"
        self._replayed_plan = replayed_plan

    def notes(self, number: int) -> list[str]:
        """What has changed since the ledger was written."""
        then, now = self._plan_line.plan, self._replayed_plan.plan
        was, is_now = dict(then["matchmaker"]), dict(now["matchmaker"])
        has_other_source = was.pop("source", None) != is_now.pop("source", None)
        changed = {
            "package_version": (then.get("package_version"), now["package_version"]),
            "matchmaker": (was, is_now),
        }
        notes = [
            f"line {number}: {name} was {before!r} and is {after!r}"
            for name, (before, after) in changed.items()
            if before != after
        ]
        if has_other_source and was == is_now:
            notes.append(f"line {number}: the source of {was['class']} has changed since")
        return notes

    @property
    def waiting(self) -> list[str]:
        """Who waits in the replay, at the moment of the last line."""
        return [who for who, _ in self._manager._waitroom.unreserved_since()]

    @property
    def undecided(self) -> list[str]:
        """What the replay has decided and no line has told of yet, as JSON."""
        return [self._comparison.shown(line) for line in self._decided]

    def follow(self, line: AnyLine, at_s: float) -> str | None:
        """Let happen what a line tells; returns what was decided instead, if it differs."""
        if self._is_chained and at_s < self._now_s:
            return f"a decision no earlier than the one before it, at {self._now_s} s"
        if isinstance(line, ProbeLine):
            # Its account reaches the manager with the verdict that follows, and is compared then.
            self._probe_lines[frozenset((line.offerer, line.answerer))] = line
            return None
        if not self._decided:
            overdue = self._overdue(at_s)
            if overdue is not None:
                return overdue
        self._now_s = at_s
        if not self._decided:
            self._let_happen(line)
        if isinstance(line, MatchedLine) and line.plan_digest != self._plan_line.plan_digest:
            return "a match that carries the digest of its plan"
        if not self._decided:
            return "nothing was decided"
        return self._compare(line)

    def take_remark(self) -> str | None:
        """What is odd about the line that was followed last, though it may be so; told once."""
        remark, self._remark = self._remark, None
        return remark

    def shown(self, line: AnyLine) -> str:
        """What is compared of a line, as JSON."""
        return self._comparison.shown(line)

    def _compare(self, line: AnyLine) -> str | None:
        """What was decided instead of what a line tells, if it differs."""
        decided = self._decided.popleft()
        if isinstance(decided, ProbeLine):
            pair = frozenset((decided.offerer, decided.answerer))
            told = self._probe_lines.pop(pair, line)
            if self._comparison.differ(decided, told):
                return self._comparison.shown(decided)
            misnamed = self._comparison.misnamed(decided, told)
            if misnamed is not None:
                return misnamed
            decided = self._decided.popleft()
        if self._comparison.differ(decided, line):
            return self._comparison.shown(decided)
        if isinstance(line, MatchedLine):
            assert isinstance(decided, MatchedLine)
            self._begin_game(line, decided.game_id)
        return self._comparison.misnamed(decided, line)

    def _overdue(self, at_s: float) -> str | None:
        """Who has waited longer than anybody may by then, though no line tells of their exit."""
        patience_ms = self._plan_line.plan["patience_ms"]
        if patience_ms is None or not self._is_chained:
            return None
        late = {
            who: max(since_s + patience_ms / 1000, self._now_s)
            for who, since_s in self._manager._waitroom.unreserved_since()
            if since_s + patience_ms / 1000 < at_s
        }
        # Who was reserved when their patience ended is let go only once they are free again.
        self._late_since_s = {who: self._late_since_s.get(who, s) for who, s in late.items()}
        for who, since_s in self._late_since_s.items():
            if since_s + OVERDUE_S < at_s:
                return f"an exit of {who}, whose patience had ended"
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
            case ExitLine() if line.reason not in DECIDED_BY_SERVER:
                self._remark_on(line)
                self._manager.leave(line.subject_id, line.reason)
            case RepoolLine(game_id=str(game_id)):
                self._fail_start(line, game_id)
            case LookLine():
                self._manager.look_again()
            case StopLine():
                self._has_stopped = True
                self._manager.stop_matching()
            case _:
                if isinstance(line, ServerRttLine):
                    self._server_rtt_ms[line.subject_id] = line.server_rtt_ms
                self._manager.enforce_limits()

    def _remark_on(self, line: ExitLine) -> None:
        """Remark on somebody who left for a reason of their own after their patience had ended."""
        if line.subject_id in self._manager._waiting.out_of_time():
            self._remark = (
                f"{line.subject_id} left as {line.reason!r}, though their patience had ended: that "
                f"may be so until the server looks again, half a second later"
            )

    def _end_probe(self, line: VerdictLine) -> None:
        """Let a probe end as its verdict tells, with the account in the line before, if any."""
        subject_a, subject_b = line.pair
        pair = frozenset(line.pair)
        probe_line = self._probe_lines.get(pair)
        report = None
        if probe_line is not None:
            report = report_of(probe_line, self._probe_ids.get(pair, "unknown"))
        rtt_ms = line.rtt_ms if report is None else report.rtt_ms
        self._manager._on_probe_complete(subject_a, subject_b, rtt_ms, report=report)

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

        If a participant left, or the server stopped, no pair has failed.
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
        if self._has_stopped and not line.unconnected and len(group) > 1:
            self._manager.stop_games()
            return
        for subject_id, message in messages_before_failed_start(line, group, game_id):
            self._manager.handle_game_message(subject_id, message)
        self._finish(group[0], game_id, "partner_lost")

    def _finish(self, subject_id: str, game_id: str, reason: FinishReason) -> None:
        finished = GameFinished(game_id, reason=reason, frames=0, digest="")
        self._manager.handle_game_message(subject_id, finished)
