"""The copies of a game's frames, as they are stored, and the inputs in them."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interactive_gym.netcode.cells import text_of
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.resimulation import inputs_from_rows
from interactive_gym.server.data.frame_rows import header_line
from interactive_gym.server.data.stored_table import read_table
from interactive_gym.verification.outcome import Difference

COMMON_FILE = "frames.csv"
"""The frames on which all copies agree."""

_CONFIG = (
    "agents",
    "policies",
    "seed",
    "session_tag",
    "num_episodes",
    "max_steps",
    "actions",
    "default_action",
    "fps",
    "input_delay",
    "adapts_input_delay",
    "max_prediction",
    "on_cut",
    "frame_skip",
)


@dataclass(frozen=True)
class Copy:
    """A copy of a game's frames, from the first on."""

    file: str
    """The file in which it ends."""
    columns: list[str]
    """Its columns."""
    rows: list[str]
    """Its rows, without line ends."""
    leftover: int
    """How many lines after the last whole frame there are in its file."""

    def content(self, frames: int, rows_per_frame: int) -> str:
        """Its first frames as a table of their own."""
        rows = self.rows[: frames * rows_per_frame]
        return header_line(self.columns) + "".join(f"{row}\n" for row in rows)


def config_of(match: Mapping[str, Any]) -> dict[str, Any]:
    """The game that a ``match.json`` describes, for seat 0."""
    return {"seat": 0, **{name: match[name] for name in _CONFIG if name in match}}


def read_copies(folder: Path, seats: int, rows_per_frame: int) -> tuple[Copy, dict[int, Copy]]:
    """What is stored of a game.

    Returns:
        The common frames, and for every seat that has a file of its own all frames of its copy.

    Raises:
        OSError, UnicodeDecodeError: A file cannot be read.
    """
    common = _read(folder / COMMON_FILE, rows_per_frame) or Copy(COMMON_FILE, [], [], 0)
    own = {}
    for seat in range(seats):
        table = _read(folder / f"frames.seat{seat}.csv", rows_per_frame)
        if table is not None:
            rows = [*common.rows, *table.rows]
            own[seat] = Copy(table.file, table.columns, rows, table.leftover)
    return common, own


def _read(file: Path, rows_per_frame: int) -> Copy | None:
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    table = read_table(text, rows_per_frame)
    if table is None:
        return None
    rows = [row for block in table.blocks for row in block.split("\n")[:-1]]
    return Copy(file.name, table.columns, rows, text.count("\n") - 1 - len(rows))


def inputs_of(copy: Copy, match: Mapping[str, Any]) -> list[bytes] | Difference:
    """The inputs of a copy's frames, or the first row that is not where it must be."""
    agents = [text_of(agent) for agent in match["agents"]]
    for number, cells in enumerate(csv.reader(copy.rows)):
        frame, position = divmod(number, len(agents))
        expected = [str(frame), agents[position]]
        found = [cells[0], cells[3]] if len(cells) == len(copy.columns) else [",".join(cells), ""]
        for column, is_so, must_be in zip(("frame", "agent"), found, expected, strict=True):
            if is_so != must_be:
                return Difference(copy.file, frame, column, is_so, must_be)
    if copy.leftover:
        frame = len(copy.rows) // len(agents)
        what = f"{copy.leftover} lines of it", f"{len(agents)} lines"
        return Difference(copy.file, frame, "agent", *what)
    config = GameConfig.from_json(json.dumps(config_of(match)))
    try:
        return inputs_from_rows(copy.rows, config)
    except ValueError:
        return _strange_action(copy, config, len(agents))


def _strange_action(copy: Copy, config: GameConfig, rows_per_frame: int) -> Difference:
    """The first action that is not in the table of actions."""
    for number in range(0, len(copy.rows), rows_per_frame):
        try:
            inputs_from_rows(copy.rows[number : number + rows_per_frame], config)
        except ValueError as error:
            return Difference(
                copy.file, number // rows_per_frame, "action", str(error), "an action of the game"
            )
    raise AssertionError("every frame has its inputs")


def first_difference(
    copy: Copy, columns: Sequence[str], rows: Sequence[str], rows_per_frame: int
) -> Difference | None:
    """The first cell of a copy that is not that of the resimulation; `None` if all are."""
    if copy.columns != list(columns) and copy.rows:
        return Difference(copy.file, 0, "header", ",".join(copy.columns), ",".join(columns))
    for number, (stored, computed) in enumerate(zip(copy.rows, rows, strict=False)):
        if stored != computed:
            cells = [next(csv.reader([row])) for row in (stored, computed)]
            for column, is_so, must_be in zip(columns, *cells, strict=False):
                if is_so != must_be:
                    return Difference(copy.file, number // rows_per_frame, column, is_so, must_be)
            return Difference(copy.file, number // rows_per_frame, "quotes", stored, computed)
    if len(copy.rows) > len(rows):
        frame = len(rows) // rows_per_frame
        return Difference(copy.file, frame, "frame", str(frame), "no such frame")
    return None
