"""Joins what agents saw to the steps at which they saw it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Game = tuple[str, str]
"""A game by its scene and its id."""

Episodes = list[list[list[Any]]]
"""By episode and step what each agent saw before it, and after the last; `None` for nothing."""


def with_observations(steps: pd.DataFrame, games: Iterable[tuple[Game, Episodes]]) -> pd.DataFrame:
    """The same steps with a column ``observation``, empty where nobody knows.

    Args:
        steps: the table `steps` of a study.
        games: what the agents of games saw.
    """
    import pandas as pd

    column: list[str | None] = [None] * len(steps)
    rows_of = steps.groupby(["scene_id", "game_id"], sort=False).indices
    episodes, numbers = steps["episode"].to_numpy(int), steps["step"].to_numpy(int)
    for game, seen in games:
        rows = rows_of.get(game, [])
        agents = len(seen[0][0]) if seen else 1
        for position, row in enumerate(rows):
            what = seen[episodes[row]][numbers[row]][position % agents]
            column[row] = None if what is None else json.dumps(what)
    return steps.assign(observation=pd.Series(column, dtype="string", index=steps.index))
