"""Reads a data folder into typed data frames, also while the study runs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interactive_gym.data.durations import times
from interactive_gym.data.schema import (
    ANSWERS,
    EDGES,
    GAMES,
    PARTICIPANTS,
    PROBES,
    STEPS,
    TIMES,
    WAITS,
    Kind,
    Table,
)
from interactive_gym.netcode.cells import text_of

if TYPE_CHECKING:
    import pandas as pd

_FLAGS = {"true": True, "false": False}
_DTYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}


def load_study(folder: str | Path, *, recruitment_ids: bool = False) -> dict[str, pd.DataFrame]:
    """The tables of a study by name.

    `participants`, `times`, `answers`, `games`, `steps`, `waits`, `probes` and `edges`.

    Files that do not exist yet are empty tables. A last line without its line end, and a last frame
    without all its rows, are still being written and left out.

    Args:
        folder: the experiment's folder, ``data/<experiment_id>``.
        recruitment_ids: whether `participants` and `times` have recruitment ids and completion
            codes.

    Raises:
        ImportError: pandas is not installed.
        OSError: a file cannot be read.
        ValueError: a file holds what is none of its lines.
    """
    folder = Path(folder)
    games = [read for path in sorted(folder.glob("*/*/match.json")) if (read := _match(path))]
    # Game by game, as the rows of a whole study take a multiple of the memory of their columns.
    ledger = [line for path in sorted(folder.glob("*/matching.jsonl")) for line in _ledger(path)]
    ways = _objects(folder / "participants.jsonl")
    steps = [_frame(STEPS, list(_steps(path, match))) for path, match in games]
    return {
        "participants": _frame(PARTICIPANTS, ways, recruitment_ids),
        "times": _frame(TIMES, times(ways), recruitment_ids),
        "answers": _frame(ANSWERS, _objects(folder / "answers.jsonl")),
        "games": _frame(GAMES, [match for _, match in games]),
        "steps": _pandas().concat([_frame(STEPS, []), *steps], ignore_index=True),
        "waits": _frame(WAITS, [wait for line in ledger for wait in _waits(line)]),
        "probes": _frame(PROBES, [line for line in ledger if line.get("kind") == "probe"]),
        "edges": _frame(EDGES, [line for line in ledger if line.get("kind") == "verdict"]),
    }


def _match(path: Path) -> tuple[Path, dict[str, Any]] | None:
    """A game's folder and its ``match.json``; `None` for a file that is not that of a game."""
    try:
        match = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    if not (isinstance(match, dict) and "agents" in match):
        return None
    folder = path.parent
    return folder, {"scene_id": folder.parent.name, "game_id": folder.name} | match


def _whole_lines(path: Path) -> list[str]:
    """The lines of a file that have their line ends."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    return content[: content.rfind(b"\n") + 1].decode("utf-8").split("\n")[:-1]


def _objects(path: Path) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(_whole_lines(path), start=1):
        try:
            read = json.loads(line)
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise ValueError(f"{path}, line {number} is no JSON object: repair or remove the line.")
        found.append(read)
    return found


def _ledger(path: Path) -> list[dict[str, Any]]:
    """The lines of a scene's ledger."""
    return [line | {"scene_id": path.parent.name} for line in _objects(path)]


def _waits(line: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The waits that end with a line of the ledger."""
    if line.get("kind") == "exit":
        yield dict(line)
    elif line.get("kind") == "matched":
        common = {name: line.get(name) for name in ("time", "scene_id", "game_id")}
        for member in line["group"]:
            yield {**common, **member, "reason": "matched"}


def _steps(folder: Path, match: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of a game's common frames, by column."""
    lines = _whole_lines(folder / "frames.csv")
    if not lines:
        return
    header, *rows = csv.reader(lines)
    whole = len(rows) // len(match["agents"]) * len(match["agents"])
    game = {name: match.get(name) for name in ("scene_id", "game_id")}
    members = {text_of(member["agent"]): member for member in match["group"]}
    agent = header.index("agent")
    for cells in rows[:whole]:
        if len(cells) != len(header):
            raise ValueError(f"{folder / 'frames.csv'} has a row of {len(cells)} cells.")
        member = members.get(cells[agent], {})
        who = {"seat": member.get("seat"), "subject_id": member.get("subject_id")}
        yield game | who | dict(zip(header, (cell or None for cell in cells), strict=True))


def _frame(table: Table, rows: list[dict[str, Any]], has_personal: bool = False) -> pd.DataFrame:
    """Rows as a data frame with the columns of a table, and those of infos."""
    pd = _pandas()
    columns = [column for column in table.columns if has_personal or not column.is_personal]
    content = {
        column.name: _series(column.kind, [row.get(column.name) for row in rows])
        for column in columns
    }
    if table is STEPS:
        infos = dict.fromkeys(name for row in rows for name in row if name.startswith("info_"))
        content |= {name: _series("text", [row.get(name) for row in rows]) for name in infos}
    return pd.DataFrame(content)


def _series(kind: Kind, values: list[Any]) -> Any:
    pd = _pandas()
    if kind == "time":
        return pd.to_datetime(pd.Series(values, dtype="string"), utc=True, format="ISO8601")
    if kind in ("text", "json"):
        return pd.Series([_text(kind, value) for value in values], dtype="string")
    plain = [_FLAGS.get(value, value) if isinstance(value, str) else value for value in values]
    if kind != "boolean":
        convert = int if kind == "integer" else float
        plain = [None if value is None else convert(value) for value in plain]
    return pd.Series(plain, dtype=_DTYPES[kind])


def _text(kind: Kind, value: Any) -> str | None:
    if value is None or (kind == "text" and isinstance(value, str)):
        return value
    return json.dumps(value, ensure_ascii=False)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise ImportError(
            "load_study needs pandas: install it with `pip install interactive-gym[export]`."
        ) from None
    return pandas
