"""Reads back what is stored of a game's frames, so that its record can go on after a restart."""

from __future__ import annotations

import csv
from dataclasses import dataclass


@dataclass(frozen=True)
class StoredTable:
    """A file of frames."""

    columns: list[str]
    """The names of its columns."""

    blocks: list[str]
    """The lines of every whole frame."""

    @property
    def first_frame(self) -> int | None:
        """The frame it begins with; `None` if it has none."""
        return int(self.blocks[0].split(",", 1)[0]) if self.blocks else None


def read_table(text: str, rows_per_frame: int) -> StoredTable | None:
    """The table in a file; `None` if it has no header.

    Args:
        text: the file's content, which may end within a frame.
        rows_per_frame: how many lines each frame has.
    """
    lines = text.splitlines(keepends=True)
    if not lines:
        return None
    whole = (len(lines) - 1) // rows_per_frame * rows_per_frame
    blocks = [
        "".join(lines[index : index + rows_per_frame])
        for index in range(1, 1 + whole, rows_per_frame)
    ]
    return StoredTable(next(csv.reader([lines[0].rstrip("\n")])), blocks)
