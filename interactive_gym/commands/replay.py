"""``interactive-gym replay`` audits a match ledger and says what it could confirm.

Reads the file and prints what the audit found.
"""

from __future__ import annotations

from pathlib import Path

import click

from interactive_gym.commands import option_values
from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.simulation.ledger_audit import Audit, audit


@click.command("replay", short_help="confirm that a study's matching followed its plan")
@click.argument("ledger", type=click.Path(path_type=Path), metavar="FILE")
@option_values.ledger_matchmaker_option
@click.option(
    "--digest",
    metavar="DIGEST",
    help="A digest that was kept elsewhere when the ledger was that long: it must be that of a "
    "line.",
)
def command(ledger: Path, named: type[Matchmaker] | None, digest: str | None) -> int:
    """Confirm that a study's matching followed its plan.

    FILE is a scene's matching.jsonl. Checks the chain of its lines, and its end against the study's
    manifest.json; sums up every probe anew from its samples; compares exits and games with the
    other files of the study, if they lie beside it; and feeds arrivals, measurements and exits to
    the real matching, to compare every proposal, verdict and match. Ends with status 0 if nothing
    differs, else with 1.
    """
    try:
        found = audit(ledger, lambda plan: plan_matchmaker(plan, named), digest)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{ledger} cannot be read: {error}.") from error
    for note in found.notes:
        click.echo(f"note: {note}")
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(found.confirmed.items()))
    click.echo(f"confirmed {sum(found.confirmed.values())} lines: {counts or 'none'}")
    for sentence in [*_of_chain(found), *_of_study(found)]:
        click.echo(sentence)
    if digest in found.chain.lines_of:
        click.echo(f"The digest that was kept is that of line {found.chain.lines_of[digest]}.")
    for finding in found.findings:
        where = "" if finding.line_number is None else f"line {finding.line_number} "
        click.echo(f"{where}differs: {finding.what}")
    click.echo(_summary(found))
    return 1 if found.findings else 0


def _of_chain(found: Audit) -> list[str]:
    """What is said of the chain and the manifest."""
    chain = found.chain
    if chain.end is None:
        return [
            "The lines are not chained, as earlier versions wrote them: that one was changed shows "
            "only where it contradicts the others."
        ]
    said = [f"{_count(chain.chained, 'line')} chained; the last digest is {chain.end.digest}."]
    if chain.unchained:
        said.append(f"{_count(chain.unchained, 'line')} before the chain, which covers them.")
    if chain.attested is None:
        said.append("No manifest stands for the end: lines may be missing there.")
    elif chain.is_closed:
        said.append("The manifest names the last line: none is missing at the end.")
    else:
        after = chain.end.lines - chain.attested
        said.append(
            f"The manifest stands for the first {_count(chain.attested, 'line')}. The server was "
            f"killed, or is still running: nothing but the chain stands for the last {after}, and "
            f"lines of its last half second may be missing."
        )
    return said


def _of_study(found: Audit) -> list[str]:
    """What is said of probes, exits and games."""
    said = []
    if found.probes:
        said.append(f"{_count(found.probes, 'probe')} with the RTT that follows from the samples.")
    if found.exits is not None:
        said.append(f"{_count(found.exits, 'exit')} as in participants.jsonl.")
    if found.games:
        said.append(f"{_count(found.games, 'match', 'matches')} as in the match.json of the game.")
    return said


def _summary(found: Audit) -> str:
    if not found.findings:
        return "Nothing differs."
    count = len(found.findings)
    return "1 thing differs." if count == 1 else f"{count} things differ."


def _count(number: int, one: str, several: str = "") -> str:
    """A number of things, in words."""
    return f"{number} {one if number == 1 else several or one + 's'}"
