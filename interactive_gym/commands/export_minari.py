"""Writes the datasets of ``interactive-gym export --format minari``.

Gathers what was observed by scene and code, and copies the code beside the datasets.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from interactive_gym.data.minari.datasets import Recorded, write_datasets
from interactive_gym.data.minari.episodes import episodes_of
from interactive_gym.packages.game_code import CODE_FOLDER
from interactive_gym.verification.observations import Observed
from interactive_gym.verification.study import match_of

if TYPE_CHECKING:
    import pandas as pd


def export_datasets(
    study: Path, name: str, steps: pd.DataFrame, games: Iterable[Observed], target: Path
) -> list[str]:
    """Write all datasets of a study; what was written, in sentences.

    Args:
        study: the experiment's folder.
        name: its name.
        steps: its table `steps`.
        games: what the agents of its games saw.
        target: an empty folder, which Minari is told by ``MINARI_DATASETS_PATH``.

    Raises:
        OSError: a file cannot be written.
    """
    target.mkdir(parents=True, exist_ok=True)
    rows_of = steps.groupby(["scene_id", "game_id"], sort=False).indices
    scenes: dict[tuple[str, str], Recorded] = {}
    versions = Counter[str]()
    for observed in games:
        match = match_of(observed.folder)
        if isinstance(match, str) or observed.game not in rows_of:
            continue
        scene_id, digest = observed.game[0], str(match["environment_digest"])
        if (scene_id, digest) not in scenes:
            scenes[scene_id, digest] = Recorded(
                name, scene_id, digest, versions[scene_id], match["actions"], observed.spaces
            )
            versions[scene_id] += 1
        rows = steps.iloc[rows_of[observed.game]]
        scenes[scene_id, digest].episodes += episodes_of(match, rows, observed.episodes)
    lines = []
    datasets = 0
    for recorded in scenes.values():
        try:
            ids = write_datasets(recorded, target)
        except ValueError as error:
            lines.append(f"{recorded.scene_id} has no dataset: {error}")
            continue
        datasets += len(ids)
        lines += [f"{dataset_id}: {len(recorded.episodes)} episodes" for dataset_id in ids]
        code = Path(CODE_FOLDER, recorded.digest)
        if not (target / code).exists():
            shutil.copytree(study / code, target / code)
    return [*lines, f"{datasets} datasets."]
