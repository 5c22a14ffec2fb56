"""Reads back what is stored of a study: who took part, and its games."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

_FOLDER_NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class StoredGame:
    """A game as its files tell it."""

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


def recruitment_lines(folder: Path) -> list[dict[str, Any]]:
    """All lines of ``recruitment.jsonl``, which studies of earlier versions do not have.

    Args:
        folder: the experiment's folder.
    """
    return _lines_of(folder / "recruitment.jsonl")


def answer_lines(folder: Path) -> list[dict[str, Any]]:
    """All lines of ``answers.jsonl``.

    Args:
        folder: the experiment's folder.
    """
    return _lines_of(folder / "answers.jsonl")


def interrupted_games(folder: Path) -> list[StoredGame]:
    """The games that were open when the server was stopped.

    Args:
        folder: the experiment's folder.
    """
    games = [stored_game(path.parent) for path in sorted(folder.glob("*/*/match.json"))]
    return [game for game in games if game is not None and "ended_at" not in game.match]


def unverified_games(folder: Path) -> list[str]:
    """The games that have ended but were not verified, as ``scene_id/game_id``.

    Args:
        folder: the experiment's folder.
    """
    games = [stored_game(path.parent) for path in sorted(folder.glob("*/*/match.json"))]
    return [
        f"{game.scene_id}/{game.folder.name}"
        for game in games
        if game is not None and "ended_at" in game.match and "verified" not in game.match
    ]


def ended_game(folder: Path, game_id: str) -> StoredGame | None:
    """A game that has ended; `None` if there is none with this id.

    Args:
        folder: the experiment's folder.
        game_id: any text.
    """
    if _FOLDER_NAME.fullmatch(game_id) is None:
        return None
    for path in folder.glob(f"*/{game_id}/match.json"):
        game = stored_game(path.parent)
        if game is not None and "ended_at" in game.match:
            return game
    return None


def stored_game(folder: Path) -> StoredGame | None:
    """The game in a folder; `None`, with a warning, if somebody has spoiled its `match.json`."""
    try:
        match = json.loads((folder / "match.json").read_text(encoding="utf-8"))
        if not (isinstance(match, dict) and match.get("game_id") and match.get("agents")):
            raise ValueError("it is not that of a game")
    except (OSError, ValueError) as error:
        logger.warning("%s/match.json is left alone: %s", folder.name, error)
        return None
    return StoredGame(folder, match)


def interrupted_match(game: StoredGame, ended_at: str) -> dict[str, Any]:
    """The content of ``match.json`` of a game that was open and cannot go on.

    What had arrived of it stays. Whether the copies agree is not known, so `agreed` is null.

    Args:
        game: the game.
        ended_at: the present moment in ISO 8601.
    """
    return game.match | {
        "ended_at": ended_at,
        "end_reason": "server_stopped",
        "frames": _frames(game.folder / "frames.csv", len(game.match["agents"])),
        "agreed": None,
    }


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
