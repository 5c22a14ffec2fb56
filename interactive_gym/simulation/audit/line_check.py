"""Checks what the lines of a ledger tell of each other, as far as no decision has to be repeated.

Probes against their samples, plans against their digests, verdicts and matches against probes, the
ends of games against their beginnings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import get_args

from interactive_gym.server.data.wall_times import wall_s_of
from interactive_gym.server.games.remote_game import CutReason, EndReason
from interactive_gym.server.ledger.plan import plan_digest
from interactive_gym.server.ledger.schema import (
    AnyLine,
    ArrivalLine,
    GameEndedLine,
    Header,
    MatchedLine,
    MendedLine,
    PlanLine,
    ProbeLine,
    ProposalLine,
    RelaxationLine,
    RepoolLine,
    VerdictLine,
)
from interactive_gym.simulation.audit.finding import Finding
from interactive_gym.simulation.audit.probe_account import faults_of

MEASURED_WITHIN_S = 5.0
"""How far the time of a measurement in a match may be from that of its verdict's line, in seconds:
the two clocks are read one after the other."""


def check_lines(lines: Sequence[tuple[Header, AnyLine]], chained: Sequence[bool]) -> list[Finding]:
    """What is wrong with the lines of a ledger.

    Args:
        lines: all of them.
        chained: for each whether it is chained. Those that are not were written by earlier versions
            and may tell less.
    """
    checks = _Lines()
    found = []
    for number, ((header, line), is_chained) in enumerate(zip(lines, chained, strict=True), 1):
        for what in checks.follow(header, line, is_chained=is_chained):
            found.append(Finding("lines", number, what))
        checks.before = line
    found += [Finding("lines", None, what) for what in checks.unclaimed()]
    return found


@dataclass
class _Lines:
    """What the lines so far have told."""

    before: AnyLine | None = None
    proposals: dict[str, Header] = field(default_factory=dict)
    pairs: set[frozenset[str]] = field(default_factory=set)
    probes: dict[str, tuple[Header, ProbeLine]] = field(default_factory=dict)
    verdict_times: dict[str, str] = field(default_factory=dict)
    arrived: set[str] = field(default_factory=set)
    matched: dict[str, MatchedLine] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)

    def follow(self, header: Header, line: AnyLine, *, is_chained: bool) -> Iterator[str]:
        """What a line tells that is at odds with itself or with what came before."""
        if isinstance(self.before, MendedLine) and not isinstance(line, PlanLine):
            yield "no start of the server follows what one is said to have found"
        match line:
            case PlanLine():
                yield from self.unclaimed()
                self.proposals, self.pairs, self.probes, self.arrived = {}, set(), {}, set()
                if plan_digest(line.plan) != line.plan_digest:
                    yield "the plan does not have the digest it claims"
            case MendedLine():
                nothing = line.is_as_in_manifest and not line.removed_bytes
                if nothing or (line.is_as_in_manifest and line.missing_lines):
                    yield "what it says was found contradicts itself"
            case ArrivalLine():
                if is_chained and not self.arrived.issuperset(line.blocked_with):
                    yield "it names somebody as blocked who had not arrived"
                self.arrived.add(line.subject_id)
            case ProposalLine():
                self.proposals[line.proposal_id] = header
                self.pairs.update(frozenset(edge["pair"]) for edge in line.edges)
            case RelaxationLine():
                if getattr(self.before, "proposal_id", None) != line.proposal_id:
                    yield "it does not follow its proposal"
            case ProbeLine():
                yield from self._probe(header, line)
            case VerdictLine() if line.verdict in ("accepted", "rejected"):
                yield from self._verdict(header, line, is_chained=is_chained)
            case VerdictLine(probe_session_id=str(probe_session_id)):
                # A matchmaker that made somebody leave when it was asked for its verdict.
                self.probes.pop(probe_session_id, None)
            case RepoolLine(game_id=str(game_id)):
                self.failed.add(game_id)
                if game_id not in self.matched:
                    yield "no line tells of the beginning of its game"
            case MatchedLine():
                yield from self._matched(line, is_chained=is_chained)
            case GameEndedLine():
                yield from self._game_ended(line)

    def unclaimed(self) -> Iterator[str]:
        """Of the probes so far, those that no verdict followed.

        The server may have been killed after the last line.
        """
        for probe_session_id, (_, line) in self.probes.items():
            if line is not self.before:
                yield f"no verdict follows from the probe {probe_session_id}"

    def _probe(self, header: Header, line: ProbeLine) -> Iterator[str]:
        yield from faults_of(line)
        if line.probe_session_id in self.probes or line.probe_session_id in self.verdict_times:
            yield "its probe had ended already"
        if frozenset((line.offerer, line.answerer)) not in self.pairs:
            yield "nobody had proposed the pair that it probed"
        self.probes[line.probe_session_id] = (header, line)

    def _verdict(self, header: Header, line: VerdictLine, *, is_chained: bool) -> Iterator[str]:
        if line.probe_session_id is None:
            if is_chained and line.rtt_ms is not None:
                yield "it is about a measurement, but names no probe"
            return
        self.verdict_times[line.probe_session_id] = header.time
        probe_header, probe = self.probes.pop(line.probe_session_id, (None, None))
        if probe is None or probe_header is None:
            if is_chained:
                yield "no line tells of its probe"
            return
        if {probe.offerer, probe.answerer} != set(line.pair):
            yield "its pair is not that of its probe"
        if probe.rtt_ms != line.rtt_ms:
            yield f"its rtt_ms is {line.rtt_ms}, and that of its probe {probe.rtt_ms}"
        if probe_header.monotonic_s != header.monotonic_s:
            yield "it was decided at another time than its probe ended"
        proposed = self.proposals.get(line.proposal_id)
        if is_chained and proposed is not None:
            lasted_ms = (header.monotonic_s - proposed.monotonic_s) * 1000
            if not 0 <= probe.duration_ms <= lasted_ms + 1:
                yield "its probe is said to have lasted longer than since it was proposed"

    def _matched(self, line: MatchedLine, *, is_chained: bool) -> Iterator[str]:
        if line.game_id in self.matched:
            yield "its game had begun already"
        self.matched[line.game_id] = line
        for edge in line.edges if is_chained else ():
            named = edge.get("probe_session_id")
            time = self.verdict_times.get(named or "")
            if named is not None and time is None:
                yield f"no verdict tells of the probe {named} that it names"
            elif time is not None:
                apart_s = abs(_wall_s(edge.get("measured_at")) - _wall_s(time))
                if not apart_s <= MEASURED_WITHIN_S:
                    yield "the measured_at of an edge is not when the verdict on it was"

    def _game_ended(self, line: GameEndedLine) -> Iterator[str]:
        match = self.matched.get(line.game_id)
        if match is None:
            yield "no line tells of the beginning of its game"
        if line.game_id in self.ended:
            yield "its game had ended already"
        self.ended.add(line.game_id)
        if line.reason not in get_args(EndReason):
            yield f"no game ends with the reason {line.reason!r}"
        if (line.reason == "start_timeout") != (line.game_id in self.failed):
            yield "its reason and the line about its game's start do not agree"
        seats = range(len(match.group) if match is not None else 0)
        for cut in line.cuts:
            if cut.get("seat") not in seats or cut.get("reason") not in get_args(CutReason):
                yield "it tells of a cut that no game has"
        if line.reason == "partner_lost" and not line.cuts:
            yield "a partner is said to be lost, and nobody was"


def _wall_s(time: object) -> float:
    try:
        return wall_s_of(str(time))
    except ValueError:
        return float("nan")
