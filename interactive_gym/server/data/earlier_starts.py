"""What earlier starts of the server have left in an experiment's folder.

Read once, before anything new is written there.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)


def participant_lines(folder: Path) -> list[dict[str, Any]]:
    """All lines of ``participants.jsonl``; those that cannot be read are left out, with a warning.

    Args:
        folder: the experiment's folder.
    """
    try:
        content = (folder / "participants.jsonl").read_bytes()
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
            logger.warning("participants.jsonl, line %d is left out: %s", number, error)
    return lines


def end_interrupted_games(folder: Path, ended_at: str) -> list[str]:
    """End the records of games that were open when the server was stopped; returns their ids.

    What had arrived of them stays. Whether the copies agree is not known, so `agreed` is null.

    Args:
        folder: the experiment's folder.
        ended_at: the present moment in ISO 8601.
    """
    ended = []
    for path in sorted(folder.glob("*/*/match.json")):
        match = json.loads(path.read_text(encoding="utf-8"))
        if "ended_at" in match:
            continue
        match |= {
            "ended_at": ended_at,
            "end_reason": "server_stopped",
            "frames": _frames(path.with_name("frames.csv"), len(match["agents"])),
            "agreed": None,
        }
        unfinished = path.with_name(".match.json.unfinished")
        unfinished.write_text(json.dumps(match, indent=2) + "\n", encoding="utf-8")
        os.replace(unfinished, path)
        ended.append(match["game_id"])
    return ended


def _frames(file: Path, rows_per_frame: int) -> int:
    """How many whole frames are stored."""
    try:
        lines = file.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0
    return max(0, lines - 1) // rows_per_frame
