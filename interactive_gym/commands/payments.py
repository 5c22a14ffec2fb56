"""``interactive-gym payments`` proposes what participants are paid, for bulk upload."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from interactive_gym.commands.experiment_script import load_config
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.data.durations import times
from interactive_gym.scenes.outcomes.ending import ScreenOutPayment
from interactive_gym.scenes.outcomes.ending_table import EndingTable, FullEnding
from interactive_gym.server.data.stored_study import participant_lines, recruitment_lines
from interactive_gym.server.participants.recruited import Recruited, recruited_by_subject

SECONDS_PER_HOUR = 3600.0


@click.command("payments", short_help="propose what participants are paid")
@click.argument("script", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="A new file: personal data, as it has recruitment ids.",
)
@click.option(
    "--all",
    "everybody",
    is_flag=True,
    help="Also those whom the recruitment platform pays by their code.",
)
def command(script: Path, target: Path, everybody: bool) -> int:
    """Write lines of recruitment id and amount, as bulk payments take them.

    By the script's table of outcomes and its data folder. Left out is whoever is not paid, and,
    without --all, whose code makes the platform pay (`approve`, or a ScreenOutPayment). Read the
    file before you upload it.
    """
    config = load_config(script)
    config.check()
    if target.exists():
        raise ValueError(f"--to is {str(target)!r}, which exists already: name a new file.")
    folder = config.data_dir / config.experiment_id
    ways = participant_lines(folder)
    rows, recruited = times(ways), recruited_by_subject(recruitment_lines(folder), ways)
    amounts, unnamed = proposed(rows, recruited, config, everybody=everybody)
    lines = [f"{recruitment_id},{amount:.2f}" for recruitment_id, amount in amounts.items()]
    target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    total = f"{config.endings.currency}{sum(amounts.values()):.2f}"
    click.echo(f"{len(lines)} of {len(rows)} participants are to be paid {total} in all.")
    if unnamed:
        click.echo(f"{unnamed} more came without a recruitment id.")
    return 0


def proposed(
    rows: list[dict[str, Any]],
    recruited: Mapping[str, Recruited],
    config: ExperimentConfig,
    *,
    everybody: bool,
) -> tuple[dict[str, float], int]:
    """What is proposed to be paid, by recruitment id, and to how many more who have none.

    Whoever came twice is paid once, the higher amount. Whoever has not come to the last scene has
    no outcome and is left out.

    Raises:
        ValueError: the table has no reward, or no hourly rate, and somebody is paid by it.
    """
    amounts: dict[str, float] = {}
    unnamed = 0
    for row in rows:
        if row["outcome"] is None:
            continue
        ending = config.endings.of(row["outcome"], config.stager.last)
        if _is_paid_by_code(ending) and not everybody:
            continue
        amount = _amount(ending, row["connected_s"], config.endings)
        if amount == 0:
            continue
        recruitment_id = recruited.get(row["subject_id"], Recruited()).recruitment_id
        if recruitment_id is None:
            unnamed += 1
        else:
            amounts[recruitment_id] = max(amount, amounts.get(recruitment_id, 0))
    return amounts, unnamed


def _is_paid_by_code(ending: FullEnding) -> bool:
    return ending.action == "approve" or isinstance(ending.action, ScreenOutPayment)


def _amount(ending: FullEnding, connected_s: float, table: EndingTable) -> float:
    if not isinstance(ending.pay, str):
        return ending.pay
    if ending.pay == "none":
        return 0.0
    if table.reward is None:
        raise _missing("reward", ending)
    if ending.pay == "full":
        return table.reward
    if table.hourly_rate is None:
        raise _missing("hourly_rate", ending)
    return min(table.reward, round(connected_s / SECONDS_PER_HOUR * table.hourly_rate, 2))


def _missing(option: str, ending: FullEnding) -> ValueError:
    return ValueError(
        f"{option} is missing, by which {ending.outcome!r} is paid: give it with "
        f".outcomes({option}=…) in the script."
    )
