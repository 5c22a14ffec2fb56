"""``interactive-gym export`` writes the tables of a study, and what their columns mean.

Reads the data folder by `interactive_gym.data` and writes into another one.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from interactive_gym.commands.export_minari import export_datasets
from interactive_gym.commands.option_values import study_argument
from interactive_gym.data import load_study
from interactive_gym.data.codebook import codebook, dataset_description
from interactive_gym.data.csv_text import without_formulas
from interactive_gym.data.loading import GameFolder
from interactive_gym.data.observed_steps import with_observations
from interactive_gym.verification.observations import Observed, observed_games

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = {"parquet": ("export", ("pyarrow",)), "minari": ("minari", ("minari", "h5py"))}
"""The extra that a format needs, and the modules in it."""


@click.command("export", short_help="write the tables of a study, with a codebook")
@study_argument
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
    type=click.Choice(["csv", "parquet", "minari"]),
    default="csv",
    help="What is written. Parquet keeps the types of columns; Minari is for learning.",
)
def command(
    study: Path, target: Path, recruitment_ids: bool, observations: bool, file_format: str
) -> int:
    """Write the tables of a study, with a codebook.

    DATA_DIR is the folder of an experiment, data/<experiment_id>. Writes every table into DIR/data,
    and beside it codebook.md and dataset_description.json, which say what every column means. With
    --format minari it writes datasets instead, for imitation and offline reinforcement learning:
    one per role and one with all agents, which minari.load_dataset loads once DIR is named in
    MINARI_DATASETS_PATH. --observations and --format minari run the code in DATA_DIR: use them only
    with data from people you trust. A game that does not verify equal has no observations and is
    named.
    """
    extra, modules = _NEEDED.get(file_format, ("export", ()))
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise ValueError(
                f"--format is {file_format}, which needs {module}: install it with "
                f"`pip install interactive-gym[{extra}]`."
            )
    if target.exists() and any(target.iterdir()):
        raise ValueError(f"--to is {str(target)!r}, which is not empty: name a new folder.")
    try:
        tables = load_study(study, recruitment_ids=recruitment_ids, watch=_with_progress)
    except ImportError as error:
        raise ValueError(str(error)) from None
    name = study.resolve().name
    if file_format == "minari":
        lines = export_datasets(study, name, tables["steps"], _observed(study, tables), target)
        for line in lines:
            click.echo(line)
        return 0
    if observations:
        games = ((it.game, it.episodes) for it in _observed(study, tables))
        tables["steps"] = with_observations(tables["steps"], games)
    _write(tables, name, target, file_format)
    return 0


def _write(tables: Mapping[str, pd.DataFrame], study: str, target: Path, file_format: str) -> None:
    """Write tables and what describes them."""
    columns = {name: list(table.columns) for name, table in tables.items()}
    (target / "data").mkdir(parents=True)
    for name, table in tables.items():
        file = target / "data" / f"description-{name}_data.{file_format}"
        if file_format == "csv":
            without_formulas(name, table).to_csv(file, index=False)
        else:
            table.to_parquet(file, index=False)
        click.echo(f"{name}: {len(table)} rows")
    (target / "codebook.md").write_text(codebook(columns), encoding="utf-8")
    (target / "dataset_description.json").write_text(
        json.dumps(dataset_description(study, columns), indent=2) + "\n", encoding="utf-8"
    )


def _with_progress(games: Iterable[GameFolder]) -> Iterator[GameFolder]:
    with click.progressbar(games, label="Reading games", file=sys.stderr) as watched:
        yield from watched


def _observed(study: Path, tables: Mapping[str, pd.DataFrame]) -> Iterator[Observed]:
    """What the agents of all games saw; those of which nobody knows are named in the end."""
    games = tables["games"][["scene_id", "game_id"]].itertuples(index=False)
    folders = [study / scene_id / game_id for scene_id, game_id in games]
    unknown = []
    with click.progressbar(
        observed_games(study, folders, os.cpu_count() or 1),
        length=len(folders),
        label="Simulating games",
        file=sys.stderr,
    ) as watched:
        for observed in watched:
            if observed.reason is None:
                yield observed
            else:
                unknown.append(observed)
    for observed in unknown:
        click.echo(f"{'/'.join(observed.game)} has no observations: {observed.reason}")
