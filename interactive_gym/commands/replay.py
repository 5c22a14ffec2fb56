"""``interactive-gym replay`` re-runs the decisions of a match ledger and confirms each of them.

Reads the file and prints what the replay found.
"""

from __future__ import annotations

from pathlib import Path

import click

from interactive_gym.commands import option_values
from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.simulation.ledger_replay import parse_ledger, replay


@click.command("replay", short_help="confirm that a study's matching followed its plan")
@click.argument("ledger", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--matchmaker",
    "named",
    type=option_values.matchmaker_class,
    metavar="MODULE:CLASS",
    help="The matchmaker's class, if its name in the ledger cannot be imported, as when it was "
    "defined in the experiment script.",
)
def command(ledger: Path, named: type[Matchmaker] | None) -> int:
    """Confirm that a study's matching followed its plan.

    Feeds the arrivals, measurements and exits of FILE, a scene's matching.jsonl, to the real
    matching and compares every proposal, verdict and match. Ends with status 0 if all are
    confirmed, with 1 at the first that differs.
    """
    try:
        text = ledger.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{ledger} cannot be read: {error}.") from error
    result = replay(parse_ledger(text), lambda plan: plan_matchmaker(plan, named))
    for note in result.notes:
        click.echo(f"note: {note}")
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(result.confirmed.items()))
    click.echo(f"confirmed {sum(result.confirmed.values())} lines: {counts or 'none'}")
    if result.difference is None:
        return 0
    click.echo(f"line {result.difference.line_number} differs")
    click.echo(f"  expected: {result.difference.expected}")
    click.echo(f"  got:      {result.difference.got}")
    return 1
