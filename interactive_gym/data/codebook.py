"""Describes exported tables: a page to read, and a dictionary in the vocabulary of Psych-DS.

Both come from `schema`; nothing is said here of any single column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from interactive_gym.data.schema import TABLES, Column, Table

_VALUES = {
    "integer": "whole number",
    "number": "number",
    "boolean": "True or False",
    "text": "text",
    "time": "moment in UTC",
    "json": "list, object or value, as JSON",
}


def codebook(columns: Mapping[str, Sequence[str]]) -> str:
    """The text of ``codebook.md``.

    Args:
        columns: for every table that is there the names of its columns.
    """
    parts = ["# Codebook\n\nAn empty cell means that there is no value.\n"]
    for table in (table for table in TABLES if table.name in columns):
        lines = [
            f"| `{it.name}` | {_VALUES[it.kind]} | {it.meaning} |"
            for it in _described(table, columns[table.name])
        ]
        head = f"## {table.name}\n\nOne row is {table.rows}.\n\n| column | values | meaning |\n"
        parts.append(f"{head}|---|---|---|\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def dataset_description(name: str, columns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The content of ``dataset_description.json``, as Psych-DS asks for it.

    A variable that is in several tables is there once, with what it means in each.

    Args:
        name: the study's name.
        columns: for every table that is there the names of its columns.
    """
    meanings: dict[str, dict[str, str]] = {}
    for table in (table for table in TABLES if table.name in columns):
        for column in _described(table, columns[table.name]):
            said = f"{column.meaning} ({_VALUES[column.kind]})"
            meanings.setdefault(column.name, {})[table.name] = said
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": name,
        "description": f"The tables of the study {name}, explained in codebook.md.",
        "variableMeasured": [
            {"@type": "PropertyValue", "name": variable, "description": _together(said)}
            for variable, said in meanings.items()
        ],
    }


def _described(table: Table, names: Sequence[str]) -> list[Column]:
    """The columns that are there; those of infos are what the environment says they are."""
    known = {column.name: column for column in (*table.columns, *table.added)}
    return [
        known.get(name) or Column(name, "text", "what the environment's info says under this key")
        for name in names
    ]


def _together(said: Mapping[str, str]) -> str:
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return "; ".join(f"in {table}: {meaning}" for table, meaning in said.items())
