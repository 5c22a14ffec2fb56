"""Re-runs the decisions of a match ledger and confirms each of them.

Feeds what happened (arrivals, measurements, exits, games that could not start) to the real
GameManager in virtual time, and compares its decisions with those in the ledger.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from interactive_gym.server.ledger.schema import (
    AnyLine,
    GameEndedLine,
    Header,
    MendedLine,
    PlanLine,
    kind_of,
    read_line,
)
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.simulation.audit.replayed_server import ReplayedServer

MakeMatchmaker = Callable[[dict[str, Any]], Matchmaker]
"""Makes the matchmaker that a plan names."""


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
    """What has changed since the ledger was written and could explain a difference, and what is odd
    but possible."""

    difference: Difference | None = None
    """The first line that differs, if one does."""

    undecided: list[tuple[int, str]] = field(default_factory=list)
    """What followed from the lines of a start and is in none of them, as JSON, with the number of
    the start's last line."""

    waiting: list[str] = field(default_factory=list)
    """Who waited still when the ledger ends."""


def replay(lines: Sequence[Any], make_matchmaker: MakeMatchmaker) -> ReplayResult:
    """Replay a ledger, start by start, until its end or the first difference.

    Args:
        lines: all lines of the ledger, in order, as `parse_ledger` returns them.
        make_matchmaker: makes the matchmaker of a plan.

    Raises:
        LedgerError: if a line cannot be replayed.
    """
    result = ReplayResult()
    started: ReplayedServer | None = None
    failed_games = {
        value.get("game_id")
        for value in lines
        if isinstance(value, dict) and value.get("kind") == "repool"
    }
    for number, (header, line) in enumerate(read_lines(lines), 1):
        if isinstance(line, GameEndedLine | MendedLine):
            # No decision of matching follows from it.
            continue
        if isinstance(line, PlanLine):
            _note_undecided(result, started, number - 1)
            started = ReplayedServer(
                line,
                header.monotonic_s,
                make_matchmaker(dict(line.plan)),
                failed_games,
                is_chained="chain" in lines[number - 1],
            )
            result.notes += started.notes(number)
        elif started is None:
            raise LedgerError(f"line {number} cannot be replayed: no plan comes before it.")
        else:
            got = started.follow(line, header.monotonic_s)
            if (remark := started.take_remark()) is not None:
                result.notes.append(f"line {number}: {remark}")
            if got is not None:
                result.difference = Difference(number, started.shown(line), got)
                return result
        result.confirmed[kind_of(line)] += 1
    _note_undecided(result, started, len(lines))
    result.waiting = [] if started is None else started.waiting
    return result


def read_lines(lines: Sequence[Any]) -> list[tuple[Header, AnyLine]]:
    """The lines of a ledger, read.

    Raises:
        LedgerError: if one is no line of this version.
    """
    read = []
    for number, value in enumerate(lines, 1):
        try:
            read.append(read_line(value))
        except ValueError as error:
            raise LedgerError(f"line {number} cannot be replayed: {error}.") from error
    return read


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


def _note_undecided(result: ReplayResult, started: ReplayedServer | None, number: int) -> None:
    if started is not None:
        result.undecided += [(number, line) for line in started.undecided]
