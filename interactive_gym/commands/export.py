"""``interactive-gym export`` writes the tables of a study, and what their columns mean.

Reads the data folder by `interactive_gym.data` and writes into another one.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from interactive_gym.data import load_study
from interactive_gym.data.codebook import codebook, dataset_description
from interactive_gym.data.csv_text import without_formulas
from interactive_gym.data.loading import GameFolder
from interactive_gym.data.observed_steps import Episodes, Game, with_observations
from interactive_gym.verification.observations import observed_games

if TYPE_CHECKING:
    import pandas as pd


@click.command("export", short_help="write the tables of a study, with a codebook")
@click.argument(
    "study",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DATA_DIR",
)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="A new or empty folder.",
)
@click.option(
    "--recruitment-ids",
    is_flag=True,
    help="Export the table of recruitment ids, and completion codes: personal data.",
)
@click.option(
    "--observations",
    is_flag=True,
    help="Add what each agent saw, by simulating every game again with the code in DATA_DIR.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    help="What tables are written as. Parquet keeps the types of columns.",
)
def command(
    study: Path, target: Path, recruitment_ids: bool, observations: bool, file_format: str
) -> int:
    """Write the tables of a study, with a codebook.

    DATA_DIR is the folder of an experiment, data/<experiment_id>. Writes every table into DIR/data,
    and beside it codebook.md and dataset_description.json, which say what every column means.
    --observations runs the code in DATA_DIR: use it only with data from people you trust. A game
    that does not verify equal has no observations and is named.
    """
    if file_format == "parquet" and importlib.util.find_spec("pyarrow") is None:
        raise ValueError(
            "--format is parquet, which needs PyArrow: install it with "
            "`pip install interactive-gym[export]`."
        )
    if target.exists() and any(target.iterdir()):
        raise ValueError(f"--to is {str(target)!r}, which is not empty: name a new folder.")
    try:
        tables = load_study(study, recruitment_ids=recruitment_ids, watch=_with_progress)
    except ImportError as error:
        raise ValueError(str(error)) from None
    if observations:
        games = _observed(study, tables["steps"])
        tables["steps"] = with_observations(tables["steps"], games)
    columns = {name: list(table.columns) for name, table in tables.items()}
    (target / "data").mkdir(parents=True)
    for name, table in tables.items():
        file = target / "data" / f"description-{name}_data.{file_format}"
        if file_format == "csv":
            without_formulas(name, table).to_csv(file, index=False)
        else:
            table.to_parquet(file, index=False)
        click.echo(f"{name}: {len(table)} rows")
    description = dataset_description(study.resolve().name, columns)
    (target / "codebook.md").write_text(codebook(columns), encoding="utf-8")
    (target / "dataset_description.json").write_text(
        json.dumps(description, indent=2) + "\n", encoding="utf-8"
    )
    return 0


def _with_progress(games: Iterable[GameFolder]) -> Iterator[GameFolder]:
    with click.progressbar(games, label="Reading games", file=sys.stderr) as watched:
        yield from watched


def _observed(study: Path, steps: pd.DataFrame) -> Iterator[tuple[Game, Episodes]]:
    """What the agents of all games saw; those of which nobody knows are named on the way."""
    played = steps[["scene_id", "game_id"]].drop_duplicates().itertuples(index=False)
    folders = [study / scene_id / game_id for scene_id, game_id in played]
    observed = observed_games(study, folders, os.cpu_count() or 1)
    unknown = []
    with click.progressbar(
        observed, length=len(folders), label="Simulating games", file=sys.stderr
    ) as watched:
        for game in watched:
            name = (game.folder.parent.name, game.folder.name)
            if game.reason is None:
                yield name, game.episodes
            else:
                unknown.append(f"{'/'.join(name)} has no observations: {game.reason}")
    for line in unknown:
        click.echo(line)
