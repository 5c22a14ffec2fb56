"""``interactive-gym verify`` simulates every game of a study again and says what differs.

Reads the data folder, runs `verification` and prints what it found.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from interactive_gym.commands import option_values
from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.simulation.ledger_audit import audit
from interactive_gym.verification.outcome import GameOutcome
from interactive_gym.verification.progress import Progress
from interactive_gym.verification.study import (
    LEDGER,
    check_games,
    game_folders,
    scenes_with_ledgers,
)


@click.command("verify", short_help="simulate every game of a study again")
@option_values.study_argument
@option_values.ledger_matchmaker_option
@click.option(
    "--fresh",
    "is_fresh",
    is_flag=True,
    help="Simulate games again that were found equal before and have not changed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def command(study: Path, named: type[Matchmaker] | None, is_fresh: bool, as_json: bool) -> int:
    """Simulate every game of a study again and say what differs.

    DATA_DIR is the folder of an experiment, data/<experiment_id>. Plays every game from its stored
    inputs, by the code that is kept with the data, compares all rows, digests and match.json with
    what comes of it, and audits the ledgers as replay does. This runs the code in DATA_DIR: verify
    only data from people you trust. Games found equal are remembered beside it, in
    <experiment_id>.verified.jsonl, and not simulated again until their files change. Ends with
    status 0 if everything is equal, else with 1.
    """
    folders = game_folders(study)
    ledgers = {scene: _findings(study / scene, named) for scene in scenes_with_ledgers(study)}
    if not folders and not ledgers:
        raise ValueError(
            f"DATA_DIR is {str(study)!r}, which has neither games nor ledgers: name the folder of "
            "an experiment, data/<experiment_id>."
        )
    progress = _progress(study.resolve(), is_fresh)
    with click.progressbar(
        check_games(study, folders, os.cpu_count() or 1, progress),
        length=len(folders),
        label="Simulating games",
        file=sys.stderr,
    ) as outcomes:
        games = sorted(outcomes, key=lambda it: (it.scene_id, it.game_id))
    is_well = not any(ledgers.values()) and all(it.status == "equal" for it in games)
    if as_json:
        content = {
            "is_well": is_well,
            "games": [game.as_record() for game in games],
            "ledgers": ledgers,
        }
        click.echo(json.dumps(content, indent=2))
    else:
        for line in _lines(games, ledgers):
            click.echo(line)
    return 0 if is_well else 1


def _progress(study: Path, is_fresh: bool) -> Progress:
    """The games found equal before; nothing is kept where it cannot be written."""
    file = study.with_name(f"{study.name}.verified.jsonl")
    try:
        return Progress(file, is_fresh=is_fresh)
    except OSError as error:
        click.echo(f"{file} cannot be used ({error.strerror}): nothing is remembered.", err=True)
        return Progress(None)


def _findings(scene: Path, named: type[Matchmaker] | None) -> list[str]:
    """What is wrong with the ledger of a scene."""
    try:
        found = audit(scene / LEDGER, lambda plan: plan_matchmaker(plan, named)).findings
    except FileNotFoundError:
        return ["it is missing"]
    except (OSError, ValueError) as error:
        return [f"it cannot be audited: {error}"]
    return [
        it.what if it.line_number is None else f"line {it.line_number}: {it.what}" for it in found
    ]


def _lines(games: list[GameOutcome], ledgers: Mapping[str, list[str]]) -> list[str]:
    lines = [
        f"{game.scene_id}/{game.game_id}: {found}"
        for game in games
        if game.status != "equal"
        for found in game.lines()
    ]
    for scene_id, findings in ledgers.items():
        lines += [f"ledger of {scene_id}: {finding}" for finding in findings]
    counts = Counter[str](game.status for game in games)
    by_status = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    frames = sum(game.frames for game in games if game.status == "equal")
    lines.append(f"{len(games)} games: {by_status or 'none'}; {frames} frames are proved.")
    in_pyodide = sum(game.confirmed_by == "Pyodide" for game in games)
    if in_pyodide:
        lines.append(f"{in_pyodide} of them are equal in Pyodide only, as browsers run it.")
    wrong = sum(map(bool, ledgers.values()))
    said = f"{wrong} with findings" if wrong else "nothing differs"
    lines.append(f"{len(ledgers)} ledgers: {said}.")
    return lines
