"""Reads a data folder into typed data frames, also while the study runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interactive_gym.data.durations import times
from interactive_gym.data.game_steps import game_steps, network_rows, true_copy, whole_lines
from interactive_gym.data.schema import (
    ANSWERS,
    ARRIVALS,
    EDGES,
    GAMES,
    NETWORK,
    PARTICIPANTS,
    PROBES,
    RECRUITMENT,
    STEPS,
    TIMES,
    WAITS,
    Kind,
    Table,
)

if TYPE_CHECKING:
    import pandas as pd

GameFolder = tuple[Path, dict[str, Any]]
"""A game's folder, and the content of its ``match.json``."""

_FLAGS = {"true": True, "false": False}
_DTYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}


def load_study(
    folder: str | Path,
    *,
    recruitment_ids: bool = False,
    watch: Callable[[Iterable[GameFolder]], Iterable[GameFolder]] = iter,
) -> dict[str, pd.DataFrame]:
    """The tables of a study by name.

    `participants`, `times`, `answers`, `games`, `steps`, `network`, `arrivals`, `waits`, `probes`
    and `edges`; and `recruitment`, which is personal, if it is asked for.

    Files that do not exist yet are empty tables. A last line without its line end, and a last frame
    without all its rows, are still being written and left out.

    Args:
        folder: the experiment's folder, ``data/<experiment_id>``.
        recruitment_ids: whether there is the table `recruitment`, and `participants` and `times`
            have completion codes.
        watch: what the games pass through one after the other, such as a progress bar.

    Raises:
        ImportError: pandas is not installed.
        OSError: a file cannot be read.
        ValueError: a file holds what is none of its lines.
    """
    folder = Path(folder)
    games = [read for path in sorted(folder.glob("*/*/match.json")) if (read := _match(path))]
    # Game by game, as the rows of a whole study take a multiple of the memory of their columns.
    ledger = [line for path in sorted(folder.glob("*/matching.jsonl")) for line in _ledger(path)]
    known = _attributes(ledger)
    steps, network = [_frame(STEPS, [])], [_frame(NETWORK, [])]
    for path, match in watch(games):
        attributes = known.get(match["scene_id"], {})
        match["steps_from"] = true_copy(path, match)
        steps.append(_typed(STEPS, game_steps(path, match, attributes)))
        network.append(_typed(NETWORK, network_rows(path, match)))
    participants = _objects(folder / "participants.jsonl")
    personal = {"recruitment": _frame(RECRUITMENT, _recruitment(folder, participants))}
    return {
        "participants": _frame(PARTICIPANTS, participants, recruitment_ids),
        **(personal if recruitment_ids else {}),
        "times": _frame(TIMES, times(participants), recruitment_ids),
        "answers": _frame(ANSWERS, _objects(folder / "answers.jsonl")),
        "games": _frame(GAMES, [match for _, match in games]),
        "steps": _pandas().concat(steps, ignore_index=True),
        "network": _pandas().concat(network, ignore_index=True),
        "arrivals": _frame(ARRIVALS, list(_arrivals(ledger))),
        "waits": _frame(WAITS, [wait for line in ledger for wait in _waits(line)]),
        "probes": _frame(PROBES, [line for line in ledger if line.get("kind") == "probe"]),
        "edges": _frame(EDGES, list(_edges(ledger))),
    }


def _match(path: Path) -> GameFolder | None:
    """A game's folder and its ``match.json``; `None` for a file that is not that of a game."""
    try:
        match = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    if not (isinstance(match, dict) and "agents" in match):
        return None
    folder = path.parent
    return folder, {"scene_id": folder.parent.name, "game_id": folder.name} | match


def _objects(path: Path) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            read = json.loads(line)
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise ValueError(f"{path}, line {number} is no JSON object: repair or remove the line.")
        found.append(read)
    return found


def _recruitment(folder: Path, participants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for everyone who came with an id, also in studies that have them elsewhere."""
    earlier = [line for line in participants if line.get("recruitment_id") is not None]
    rows: dict[Any, dict[str, Any]] = {}
    for line in (*_objects(folder / "recruitment.jsonl"), *earlier):
        rows.setdefault(line.get("subject_id"), line)
    return list(rows.values())


def _ledger(path: Path) -> list[dict[str, Any]]:
    """The lines of a scene's ledger."""
    return [line | {"scene_id": path.parent.name} for line in _objects(path)]


def _arrivals(ledger: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The arrivals, each with the plan that held in its scene."""
    plans: dict[str, str] = {}
    for line in ledger:
        if line.get("kind") == "plan":
            plans[line["scene_id"]] = line["plan_digest"]
        elif line.get("kind") == "arrival":
            yield {**line, "plan_digest": plans.get(line["scene_id"])}


def _edges(ledger: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The verdicts, each with what was predicted when its group was proposed."""
    predicted: dict[tuple[str, str, frozenset[str]], float | None] = {}
    for line in ledger:
        of_proposal = (line["scene_id"], str(line.get("proposal_id")))
        if line.get("kind") == "proposal":
            for edge in line["edges"]:
                predicted[(*of_proposal, frozenset(edge["pair"]))] = edge["p_accept"]
        elif line.get("kind") == "verdict":
            pair = (*of_proposal, frozenset(line["pair"]))
            yield {**line, "p_accept": predicted.get(pair)}


def _waits(line: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The waits that end with a line of the ledger."""
    if line.get("kind") == "exit":
        yield dict(line)
    elif line.get("kind") == "matched":
        common = {name: line.get(name) for name in ("time", "scene_id", "game_id")}
        for member in line["group"]:
            yield {**common, **member, "reason": "matched"}


def _attributes(ledger: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """By scene and subject what was known of a participant at their first arrival."""
    known: dict[str, dict[str, Any]] = {}
    for line in ledger:
        if line.get("kind") == "arrival":
            of_scene = known.setdefault(line["scene_id"], {})
            of_scene.setdefault(line["subject_id"], line.get("attributes"))
    return known


def _frame(table: Table, rows: list[dict[str, Any]], has_personal: bool = False) -> pd.DataFrame:
    """Rows as a data frame with the columns of a table."""
    names = [column.name for column in table.columns if has_personal or not column.is_personal]
    return _typed(table, {name: [row.get(name) for row in rows] for name in names}, names)


def _typed(
    table: Table, columns: Mapping[str, list[Any]], names: Iterable[str] | None = None
) -> pd.DataFrame:
    """Columns as a data frame with those of a table, and in `steps` also those of infos.

    Args:
        table: the table.
        columns: the values of each column; those that are missing are empty.
        names: its columns; `None` for all.
    """
    kinds = {column.name: column.kind for column in table.columns}
    wanted = list(kinds if names is None else names)
    if table is STEPS:
        wanted += [name for name in columns if name.startswith("info_")]
    rows = max(map(len, columns.values()), default=0)
    return _pandas().DataFrame(
        {
            name: _series(kinds.get(name, "text"), columns.get(name) or [None] * rows)
            for name in wanted
        }
    )


def _series(kind: Kind, values: list[Any]) -> Any:
    pd = _pandas()
    if kind == "time":
        return pd.to_datetime(pd.Series(values, dtype="string"), utc=True, format="ISO8601")
    if kind == "text":
        texts = [
            value if value is None or isinstance(value, str) else _json(value) for value in values
        ]
        return pd.Series(texts, dtype="string")
    if kind == "json":
        return pd.Series(
            [None if value is None else _json(value) for value in values], dtype="string"
        )
    if kind == "boolean":
        plain = [_FLAGS.get(value, value) if isinstance(value, str) else value for value in values]
    else:
        convert = int if kind == "integer" else float
        plain = [None if value is None else convert(value) for value in values]
    return pd.Series(plain, dtype=_DTYPES[kind])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise ImportError(
            "load_study needs pandas: install it with `pip install interactive-gym[export]`."
        ) from None
    return pandas
