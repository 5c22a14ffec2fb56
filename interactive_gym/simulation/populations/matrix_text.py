"""Reads a square matrix of RTTs from text, in the forms in which such matrices are published.

Cells are separated by commas, semicolons, tabs or spaces. A first row or column of names is passed
over, and so are lines that begin with `#`. What was not measured is an empty cell, `NaN`, `NA`,
`-`, 0 or −1; it becomes NaN.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Separator = Literal[";", "\t", ",", " "]

MISSING = frozenset({"", "-", "na", "n/a", "nan", "null", "none", "inf", "infinity"})
"""Cells that say that there is no measurement, in lower case."""

NAMES = {";": "semicolons", "\t": "tabs", ",": "commas", " ": "spaces"}
"""What the separators are called."""


@dataclass(frozen=True)
class MatrixText:
    """A matrix as it was written."""

    rows: list[list[float]]
    """RTTs in milliseconds; NaN where there is none. As many rows as columns."""

    separator: Separator
    """What stands between its cells."""

    has_header_row: bool
    """Whether its first row had names."""

    has_header_column: bool
    """Whether its first column had names."""


def parse_matrix(text: str) -> MatrixText:
    """Read a matrix.

    Raises:
        ValueError: if it is none; the text says where, with rows and columns counted from 1.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    lines = [line for line in lines if not line.lstrip().startswith("#")]
    if not lines:
        raise ValueError("there is nothing in it")
    fault: ValueError | None = None
    for separator in _separators(lines):
        try:
            return _parse(lines, separator)
        except ValueError as error:
            fault = fault or error
    assert fault is not None, "there is always a separator to try"
    raise fault


def _separators(lines: Sequence[str]) -> list[Separator]:
    """The separators that may be meant, likeliest first; a comma may also be the decimal point."""
    separators: tuple[Separator, ...] = (";", "\t", ",")
    return [each for each in separators if all(each in line for line in lines)] + [" "]


def _parse(lines: Sequence[str], separator: Separator) -> MatrixText:
    cells = _cells(lines, separator)
    has_row = _has_header_row(cells)
    body = cells[1:] if has_row else cells
    has_column = _has_header_column(body, cells[0] if has_row else None)
    rows = [
        [
            _number(cell, number + has_row, column + has_column, separator)
            for column, cell in enumerate(row[has_column:], 1)
        ]
        for number, row in enumerate(body, 1)
    ]
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows):
            raise ValueError(f"row {number + has_row} has {len(row)} columns, not {len(rows)}")
    return MatrixText(rows, separator, has_row, has_column)


def _cells(lines: Sequence[str], separator: Separator) -> list[list[str]]:
    if separator == " ":
        rows = [re.split(r"\s+", line.strip()) for line in lines]
    else:
        rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    rows = [[cell.strip() for cell in row] for row in rows]
    if separator != " " and all(not row[-1] for row in rows) and _has_one_too_many(rows):
        # Some programs write a separator after the last cell, too.
        rows = [row[:-1] for row in rows]
    return rows


def _has_one_too_many(rows: Sequence[Sequence[str]]) -> bool:
    """Whether every row would have as many cells as there are rows with one cell less."""
    return all(len(row) == len(rows) + 1 for row in rows)


def _has_header_row(cells: Sequence[Sequence[str]]) -> bool:
    first = cells[0]
    return any(_is_name(cell) for cell in first[1:]) or (
        # Numbered columns over numbered rows, as pandas writes them.
        len(cells) > 1
        and (not first[0] or _is_name(first[0]) or len(first) + 1 == len(cells[1]))
        and _are_numbered(first[1:] if len(first) == len(cells[1]) else first)
    )


def _has_header_column(body: Sequence[Sequence[str]], header: Sequence[str] | None) -> bool:
    if any(_is_name(row[0]) for row in body if row):
        return True
    if header is not None and (not header[0] or _is_name(header[0])):
        # A corner that is no RTT stands over a column of names, unless it is itself one.
        return all(len(row) == len(body) + 1 for row in body)
    return all(len(row) == len(body) + 1 for row in body) and _are_numbered(
        [row[0] for row in body]
    )


def _are_numbered(cells: Sequence[str]) -> bool:
    """Whether cells count from 0 or from 1."""
    return list(cells) in ([str(n + first) for n in range(len(cells))] for first in (0, 1))


def _is_name(cell: str) -> bool:
    return cell.lower() not in MISSING and _as_number(cell) is None


def _as_number(cell: str) -> float | None:
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return None


def _number(cell: str, row: int, column: int, separator: Separator) -> float:
    """An RTT; NaN for none. With other separators than commas, a comma may be the decimal point."""
    if cell.lower() in MISSING:
        return math.nan
    value = _as_number(cell) if separator != "," or "," not in cell else None
    if value is None:
        raise ValueError(f"row {row}, column {column} is {cell!r}")
    return value
