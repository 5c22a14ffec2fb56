"""Checks the form of the rows of confirmed frames that browsers upload.

`game_record` compares the uploads of different browsers.
"""

import csv
import io
import re
from collections.abc import Sequence

from interactive_gym.netcode.recorder import BASE_COLUMNS as BASE_COLUMNS
from interactive_gym.netcode.recorder import MAX_COLUMNS, MAX_ROW_CHARS

MAX_ROWS = 4096
"""Most rows in one upload."""

_INFO_COLUMN = re.compile(r"info_.{1,100}")


def are_columns(columns: Sequence[str]) -> bool:
    """Whether *columns* are the base columns and distinct ``info_…`` columns."""
    if len(columns) > MAX_COLUMNS:
        return False
    own = columns[len(BASE_COLUMNS) :]
    return (
        tuple(columns[: len(BASE_COLUMNS)]) == BASE_COLUMNS
        and len(set(own)) == len(own)
        and all(column.isprintable() and _INFO_COLUMN.fullmatch(column) for column in own)
    )


def header_line(columns: Sequence[str]) -> str:
    """Return the line of column names, with its line end."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(columns)
    return buffer.getvalue()


def are_rows(
    rows: Sequence[str], first_frame: int, agents: Sequence[str | int], width: int
) -> bool:
    """Whether *rows* are one row per agent and frame, in order, of *width* fields each.

    Args:
        rows: the uploaded lines.
        first_frame: the frame that the first rows belong to.
        agents: the agent ids in seat order.
        width: how many columns there are.
    """
    if not 0 < len(rows) <= MAX_ROWS or len(rows) % len(agents):
        return False
    for index, row in enumerate(rows):
        fields = _fields(row)
        if fields is None or len(fields) != width:
            return False
        frame, agent = first_frame + index // len(agents), agents[index % len(agents)]
        if fields[0] != str(frame) or fields[BASE_COLUMNS.index("agent")] != str(agent):
            return False
    return True


def is_played(row: str) -> bool:
    """Whether a participant played the agent of this checked row."""
    fields = _fields(row)
    return fields is not None and fields[BASE_COLUMNS.index("hidden")] != ""


def _fields(row: str) -> list[str] | None:
    if len(row) > MAX_ROW_CHARS or not row.isprintable():
        return None
    try:
        return next(csv.reader([row], strict=True), None)
    except csv.Error:
        return None
