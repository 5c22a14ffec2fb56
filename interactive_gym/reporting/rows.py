"""Reads data frames as plain rows, in which what is missing is `None`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Tables = Mapping[str, "pd.DataFrame"]
"""The tables of a study by name."""

Row = dict[str, Any]
"""A row by column."""


def rows_of(tables: Tables, name: str) -> list[Row]:
    """The rows of a table; values of JSON are read.

    Args:
        tables: the tables of a study.
        name: which of them.
    """
    from interactive_gym.data.schema import TABLES

    (schema,) = [table for table in TABLES if table.name == name]
    as_json = {column.name for column in schema.columns if column.kind == "json"}
    table = tables[name]
    plain = table.astype(object).where(table.notna(), None)
    return [
        {
            column: json.loads(value) if column in as_json and value is not None else value
            for column, value in row.items()
        }
        for row in plain.to_dict("records")
    ]


def quartiles(values: Iterable[float]) -> tuple[float, float, float] | None:
    """The lower quartile, the median and the upper quartile; `None` of nothing.

    Between two values it takes what lies between them (definition 7 of R. Hyndman and Y. Fan,
    "Sample quantiles in statistical packages", 1996).

    Args:
        values: the values.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    return quantile(ordered, 0.25), quantile(ordered, 0.5), quantile(ordered, 0.75)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of them lies.

    Args:
        ordered: the values, rising, at least one.
        share: from 0 to 1.
    """
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
