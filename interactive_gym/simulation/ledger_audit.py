"""Audits a match ledger: everything that `interactive-gym replay` says of one.

Its chain and its manifest, what its lines and the study's other files tell of each other, and every
decision, repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interactive_gym.server.data.chain import split
from interactive_gym.server.data.manifest import MANIFEST, LedgerEnd, read_manifest
from interactive_gym.server.ledger.schema import (
    AnyLine,
    GameEndedLine,
    MatchedLine,
    MendedLine,
    ProbeLine,
)
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.simulation.audit.chain_check import ChainCheck, check_chain
from interactive_gym.simulation.audit.finding import Finding
from interactive_gym.simulation.audit.line_check import check_lines
from interactive_gym.simulation.audit.study_check import check_exits, check_games
from interactive_gym.simulation.ledger_replay import (
    ReplayResult,
    parse_ledger,
    read_lines,
    replay,
)


@dataclass
class Audit:
    """What an audit found."""

    chain: ChainCheck
    """What the chain and the manifest say."""

    confirmed: Counter[str] = field(default_factory=Counter)
    """How many lines of each kind the replay confirmed."""

    probes: int = 0
    """How many probes were summed up anew from their samples."""

    exits: int | None = None
    """How many exits `participants.jsonl` has, too; `None` if it is not there."""

    games: int = 0
    """How many matches the `match.json` of the game has, too."""

    findings: list[Finding] = field(default_factory=list)
    """What is wrong."""

    notes: list[str] = field(default_factory=list)
    """What could not be told, or has changed since the ledger was written."""


def audit(
    ledger: Path,
    make_matchmaker: Callable[[dict[str, Any]], Matchmaker],
    kept_digest: str | None = None,
) -> Audit:
    """Audit a ledger where it lies, among the files of its study or apart from them.

    Args:
        ledger: the file.
        make_matchmaker: makes the matchmaker of a plan.
        kept_digest: the digest of a line that was kept elsewhere, if one was.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no ledger, or one that cannot be replayed.
    """
    content = ledger.read_bytes()
    values = parse_ledger(content.decode("utf-8"))
    read = read_lines(values)
    lines = [line for _, line in read]
    chained = [split(row)[1] is not None for row in content.splitlines()[: len(lines)]]
    told, missing = _manifest(ledger.resolve(), is_chained=any(chained))
    chain = check_chain(content, told)
    found = Audit(chain, findings=[*missing, *chain.findings])
    if kept_digest is not None and kept_digest not in chain.lines_of:
        what = f"no line has the digest {kept_digest} that was kept"
        found.findings.append(Finding("chain", None, what))
    wrong = check_lines(read, chained)
    found.findings += wrong
    found.probes = _confirmed_probes(lines, wrong)
    _check_study(found, lines, ledger.resolve().parent)
    result = replay(values, make_matchmaker)
    found.confirmed = result.confirmed
    if result.difference is not None:
        differing = result.difference
        what = f"the matching decides otherwise\n  expected: {differing.expected}"
        what += f"\n  got:      {differing.got}"
        found.findings.append(Finding("decisions", differing.line_number, what))
    _check_end(found, result)
    found.notes += [*_mended(lines), *result.notes]
    if chain.half_bytes:
        found.notes.append(f"half a line of {chain.half_bytes} bytes at the end is left out")
    found.notes += _open_ends(lines, result)
    return found


def _confirmed_probes(lines: list[AnyLine], wrong: list[Finding]) -> int:
    """How many probes say what follows from their samples."""
    numbers = {finding.line_number for finding in wrong}
    return sum(isinstance(line, ProbeLine) and n not in numbers for n, line in enumerate(lines, 1))


def _manifest(ledger: Path, *, is_chained: bool) -> tuple[LedgerEnd | None, list[Finding]]:
    """What the study's manifest says of a ledger, and what is wrong with that."""
    folder = ledger.parent.parent
    path = folder / MANIFEST
    is_in_study = (folder / "participants.jsonl").exists()
    if not path.exists():
        what = f"the study's {MANIFEST} is missing"
        return None, [Finding("manifest", None, what)] if is_chained and is_in_study else []
    try:
        told = read_manifest(path).get(ledger.parent.name)
    except (OSError, ValueError) as error:
        # Apart from a study, a file of that name may be anything.
        what = f"{path} cannot be read: {error}"
        return None, [Finding("manifest", None, what)] if is_in_study else []
    if told is None and is_chained:
        what = f"{MANIFEST} does not name the ledger of {ledger.parent.name!r}"
        return None, [Finding("manifest", None, what)]
    return told, []


def _check_study(found: Audit, lines: list[AnyLine], scene_folder: Path) -> None:
    """Compare with the other files of the study, as far as they are there."""
    if (scene_folder.parent / "participants.jsonl").exists():
        wrong, found.exits = check_exits(lines, scene_folder)
        found.findings += wrong
    wrong, found.games = check_games(lines, scene_folder)
    found.findings += wrong
    if found.games and (others := _begun(lines) - found.games):
        found.notes.append(f"of {_games(others)} there is no match.json that says the same")


def _check_end(found: Audit, result: ReplayResult) -> None:
    """What was decided at the end of a start and is in no line, as if the server was killed."""
    for number, line in result.undecided:
        what = f"what follows from it is not in the ledger: {line}"
        if found.chain.is_closed:
            found.findings.append(Finding("decisions", number, what))
        else:
            found.notes.append(
                f"line {number}: {what}; the server was killed, or lines are missing"
            )


def _mended(lines: list[AnyLine]) -> list[str]:
    """What starts of the server found wrong with the ledger."""
    notes = []
    for number, line in enumerate(lines, 1):
        if not isinstance(line, MendedLine):
            continue
        notes.append(
            f"line {number}: when the server was started, it cut half a line of "
            f"{line.removed_bytes} bytes from the end, and found {line.missing_lines} lines fewer "
            f"than the manifest named"
            + ("." if line.is_as_in_manifest else ", or others: lines were lost or changed before.")
        )
    return notes


def _open_ends(lines: list[AnyLine], result: ReplayResult) -> list[str]:
    """What goes on at the end of a ledger, or began again in no later start."""
    notes = []
    if ongoing := _without_end(lines):
        notes.append(f"no line tells of the end of {_games(ongoing)}")
    if result.waiting:
        notes.append(f"{len(result.waiting)} participants still waited when the ledger ends")
    return notes


def _begun(lines: list[AnyLine]) -> int:
    return len({line.game_id for line in lines if isinstance(line, MatchedLine)})


def _without_end(lines: list[AnyLine]) -> int:
    begun = {line.game_id for line in lines if isinstance(line, MatchedLine)}
    return len(begun - {line.game_id for line in lines if isinstance(line, GameEndedLine)})


def _games(count: int) -> str:
    return "1 game" if count == 1 else f"{count} games"
