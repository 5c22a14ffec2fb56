"""What earlier starts of the server have left in an experiment's folder.

Read once, before anything new is written there.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class InterruptedGame:
    """A game that was open when the server was stopped."""

    folder: Path
    """Its folder."""

    match: dict[str, Any]
    """The content of its ``match.json``."""

    @property
    def scene_id(self) -> str:
        """The scene it is played in."""
        return self.folder.parent.name

    def events(self) -> list[dict[str, Any]]:
        """The lines of its ``events.jsonl``."""
        return _lines_of(self.folder / "events.jsonl")


def participant_lines(folder: Path) -> list[dict[str, Any]]:
    """All lines of ``participants.jsonl``.

    Args:
        folder: the experiment's folder.
    """
    return _lines_of(folder / "participants.jsonl")


def interrupted_games(folder: Path) -> list[InterruptedGame]:
    """The games that were open when the server was stopped.

    Args:
        folder: the experiment's folder.
    """
    games = []
    for path in sorted(folder.glob("*/*/match.json")):
        match = json.loads(path.read_text(encoding="utf-8"))
        if "ended_at" not in match:
            games.append(InterruptedGame(path.parent, match))
    return games


def end_interrupted_game(game: InterruptedGame, ended_at: str) -> None:
    """End the record of a game that cannot go on.

    What had arrived of it stays. Whether the copies agree is not known, so `agreed` is null.

    Args:
        game: the game.
        ended_at: the present moment in ISO 8601.
    """
    match = game.match | {
        "ended_at": ended_at,
        "end_reason": "server_stopped",
        "frames": _frames(game.folder / "frames.csv", len(game.match["agents"])),
        "agreed": None,
    }
    unfinished = game.folder / ".match.json.unfinished"
    unfinished.write_text(json.dumps(match, indent=2) + "\n", encoding="utf-8")
    os.replace(unfinished, game.folder / "match.json")


def _frames(file: Path, rows_per_frame: int) -> int:
    """How many whole frames are stored."""
    try:
        lines = file.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0
    return max(0, lines - 1) // rows_per_frame


def _lines_of(file: Path) -> list[dict[str, Any]]:
    """All lines of a file; those that cannot be read are left out, with a warning."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return []
    lines = []
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            read = json.loads(line)
            if not isinstance(read, dict):
                raise ValueError("it is no object")
            lines.append(read)
        except ValueError as error:
            logger.warning("%s, line %d is left out: %s", file.name, number, error)
    return lines
