"""Reads the frames of one game, and what the network did meanwhile, column by column.

`loading` gives them their types.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from interactive_gym.netcode.cells import text_of

Columns = dict[str, list[Any]]
"""The values of every column, all of one length; `None` where there is none."""

NETWORK_FIGURES = (
    "rtt_ms",
    "link_rtt_ms",
    "stalled_ticks",
    "rollbacks",
    "rollback_frames",
    "input_delay_ms",
    "effect_delay_ms",
    "missing_inputs",
    "late_inputs",
    "max_silence_ms",
)
"""The columns of ``network.csv`` that `game_steps` joins to the frames."""

_COMMON = "frames.csv"


def whole_lines(path: Path) -> list[str]:
    """The lines of a file that have their line ends; none if there is no file.

    Args:
        path: the file.

    Raises:
        OSError, UnicodeDecodeError: it cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    return content[: content.rfind(b"\n") + 1].decode("utf-8").split("\n")[:-1]


def true_copy(folder: Path, match: Mapping[str, Any]) -> str:
    """The file in which a game's frames go on after the common ones; ``frames.csv`` if none does.

    That is the copy of a seat that the verification found true. Where several are true and have
    different frames, as their inputs differ, nobody can tell which keys were pressed, and none is
    taken.

    Args:
        folder: the game's folder.
        match: the content of its ``match.json``.

    Raises:
        OSError, UnicodeDecodeError: a file cannot be read.
    """
    seats = (match.get("verified") or {}).get("true_seats") or []
    rests = {
        f"frames.seat{seat}.csv": whole_lines(folder / f"frames.seat{seat}.csv") for seat in seats
    }
    longest = max(rests, key=lambda name: len(rests[name]), default=_COMMON)
    if any(rest != rests[longest][: len(rest)] for rest in rests.values()):
        return _COMMON
    return longest


def game_steps(folder: Path, match: Mapping[str, Any], attributes: Mapping[str, Any]) -> Columns:
    """The rows of a game's frames, with who played them and under which network.

    Args:
        folder: the game's folder.
        match: the content of its ``match.json``.
        attributes: for every subject what was known of them when they arrived.

    Raises:
        OSError, UnicodeDecodeError: a file cannot be read.
        ValueError: a row has not the cells that the header names.
    """
    columns = _frames(folder, match)
    if not columns:
        return {}
    agents = columns["agent"]
    members = {text_of(member["agent"]): member for member in match["group"]}
    about = {agent: _about(members.get(agent), match, attributes) for agent in members}
    nobody = _about(None, match, attributes)
    for name in nobody:
        columns[name] = [about.get(agent, nobody)[name] for agent in agents]
    return columns | _joined(network_rows(folder, match), columns)


def network_rows(folder: Path, match: Mapping[str, Any]) -> Columns:
    """The rows of a game's ``network.csv``, with their game and their subject.

    Args:
        folder: the game's folder.
        match: the content of its ``match.json``.

    Raises:
        OSError, UnicodeDecodeError: it cannot be read.
        ValueError: a row has not the cells that the header names.
    """
    columns = _table(folder / "network.csv", whole_lines(folder / "network.csv"))
    subjects = {str(member["seat"]): member.get("subject_id") for member in match["group"]}
    seats = columns.get("seat", [])
    for name in ("scene_id", "game_id"):
        columns[name] = [match.get(name)] * len(seats)
    columns["subject_id"] = [subjects.get(seat) for seat in seats]
    return columns


def _frames(folder: Path, match: Mapping[str, Any]) -> Columns:
    """The cells of all whole frames, of the common ones and of the copy that is true."""
    name = true_copy(folder, match)
    common = whole_lines(folder / _COMMON)
    rest = whole_lines(folder / name) if name != _COMMON else []
    if common and rest and common[0] == rest[0]:
        rest = rest[1:]
    elif common and rest:
        # A copy with other columns cannot follow from the game.
        rest = []
    lines = [*common, *rest]
    agents = len(match["agents"])
    return _table(folder / name, lines[: 1 + (len(lines) - 1) // agents * agents])


def _table(path: Path, lines: Sequence[str]) -> Columns:
    if not lines:
        return {}
    header, *rows = csv.reader(lines)
    wrong = next((row for row in rows if len(row) != len(header)), None)
    if wrong is not None:
        raise ValueError(f"{path} has a row of {len(wrong)} cells.")
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    return {
        name: [cell or None for cell in cells] for name, cells in zip(header, columns, strict=True)
    }


def _about(
    member: Mapping[str, Any] | None, match: Mapping[str, Any], attributes: Mapping[str, Any]
) -> dict[str, Any]:
    """What is the same in every row of an agent; `None` is one that a policy plays."""
    latency = match.get("latency") or {}
    about = {
        "scene_id": match.get("scene_id"),
        "game_id": match.get("game_id"),
        "target_ms": latency.get("target_ms"),
        "level_ms": latency.get("level_ms"),
        "seat": None,
        "subject_id": None,
        "attributes": None,
        "probed_rtt_ms": None,
    }
    if member is not None:
        seat, subject_id = member.get("seat"), member.get("subject_id")
        about |= {"seat": seat, "subject_id": subject_id}
        about["attributes"] = attributes.get(str(subject_id)) or None
        about["probed_rtt_ms"] = max(_probed(match, seat), default=None)
    return about


def _probed(match: Mapping[str, Any], seat: int | None) -> Iterator[float]:
    for edge in match.get("edges") or []:
        if seat in edge["seats"] and edge.get("rtt_ms") is not None:
            yield edge["rtt_ms"]


def _joined(network: Columns, frames: Columns) -> Columns:
    """For every row of the frames the figures of the second in which its page simulated it.

    With several partners the largest of each.
    """
    seconds: dict[str, dict[int, list[float | None]]] = {}
    names = [name for name in NETWORK_FIGURES if name in network]
    for number, (seat, frame) in enumerate(
        zip(network.get("seat", []), network.get("frame", []), strict=True)
    ):
        if frame is None:
            continue
        of_seat = seconds.setdefault(seat, {})
        found = [_number(network[name][number]) for name in names]
        known = of_seat.get(int(frame))
        of_seat[int(frame)] = found if known is None else list(map(_larger, known, found))
    empty: list[float | None] = [None] * len(names)
    ends = {seat: sorted(of_seat) for seat, of_seat in seconds.items()}
    rows = []
    for seat, frame in zip(frames["seat"], frames["frame"], strict=True):
        later = ends.get(str(seat), [])
        place = bisect_right(later, int(frame))
        rows.append(seconds[str(seat)][later[place]] if place < len(later) else empty)
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _number(cell: str | None) -> float | None:
    return None if cell is None else float(cell)


def _larger(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)
