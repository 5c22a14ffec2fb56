"""Checks a ledger against the other files of its study, where they lie beside it.

The waits that ended in `participants.jsonl`, and the `match.json` of every game.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from interactive_gym.server.data.stored_study import participant_lines
from interactive_gym.server.ledger.schema import (
    AnyLine,
    ExitLine,
    GameEndedLine,
    MatchedLine,
    PlanLine,
)
from interactive_gym.simulation.audit.finding import Finding

_OF_MATCH = ("group", "edges", "seed", "plan_digest")
_OF_END = {"reason": "end_reason", "cuts": "cuts", "desync": "desync"}

_Exit = tuple[str, str, int]
"""Who left, why, and after how many milliseconds."""


def check_exits(lines: Sequence[AnyLine], scene_folder: Path) -> tuple[list[Finding], int]:
    """Compare the exits of a ledger with `participants.jsonl`.

    Args:
        lines: the ledger's lines.
        scene_folder: where the ledger lies.

    Returns:
        What is wrong, and how many exits are the same.
    """
    waits: dict[str, list[_Exit]] = {}
    for told in participant_lines(scene_folder.parent):
        if told.get("event") == "waitroom_ended" and told.get("scene_id") == scene_folder.name:
            wait = (told.get("subject_id", ""), told.get("reason", ""), told.get("waited_ms", -1))
            waits.setdefault(wait[0], []).append(wait)
    found, confirmed = [], 0
    for number, line in enumerate(lines, 1):
        if not isinstance(line, ExitLine):
            continue
        left = waits.get(line.subject_id, [])
        if not left:
            if not _is_last_of_start(lines, number):
                what = f"{_told(line)}, and participants.jsonl does not"
                found.append(Finding("participants", number, what))
            continue
        wait = left.pop(0)
        if wait == (line.subject_id, line.reason, line.waited_ms):
            confirmed += 1
        else:
            what = f"participants.jsonl has {wait[1]!r} after {wait[2]} ms"
            found.append(Finding("participants", number, f"{_told(line)}, and {what}"))
    for wait in (wait for left in waits.values() for wait in left):
        what = f"no line tells that {wait[0]} left ({wait[1]!r} after {wait[2]} ms), as "
        found.append(Finding("participants", None, what + "participants.jsonl does"))
    return found, confirmed


def check_games(lines: Sequence[AnyLine], scene_folder: Path) -> tuple[list[Finding], int]:
    """Compare the games of a ledger with the `match.json` of each.

    Args:
        lines: the ledger's lines.
        scene_folder: where the ledger lies.

    Returns:
        What is wrong, and how many games are the same.
    """
    stored = {path.parent.name: path for path in scene_folder.glob("*/match.json")}
    found, confirmed = [], set()
    for number, line in enumerate(lines, 1):
        if not isinstance(line, MatchedLine | GameEndedLine) or line.game_id not in stored:
            continue
        try:
            match = json.loads(stored[line.game_id].read_text(encoding="utf-8"))
            wrong = list(_other_than_stored(line, match))
        except (OSError, ValueError, AttributeError) as error:
            wrong = [f"its match.json cannot be read ({error})"]
        found += [Finding("games", number, what) for what in wrong]
        if isinstance(line, MatchedLine) and not wrong:
            confirmed.add(line.game_id)
    begun = {line.game_id for line in lines if isinstance(line, MatchedLine)}
    for game_id in sorted(stored.keys() - begun):
        what = f"there is a folder of a game {game_id} that no line tells of"
        found.append(Finding("games", None, what))
    ended = {line.game_id for line in lines if isinstance(line, GameEndedLine)}
    for game_id in sorted(stored.keys() & begun - ended):
        reason = _end_reason(stored[game_id])
        # A restart ends the games that it cannot go on with, without a line.
        if reason is not None and reason != "server_stopped":
            what = f"no line tells of the end of the game {game_id} ({reason!r}), as its match.json"
            found.append(Finding("games", None, what + " does"))
    return found, len(confirmed)


def _end_reason(path: Path) -> Any:
    """Why a game ended, as its `match.json` says; `None` if it did not, or cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8")).get("end_reason")
    except (OSError, ValueError, AttributeError):
        return None


def _other_than_stored(
    line: MatchedLine | GameEndedLine, match: Mapping[str, Any]
) -> Iterable[str]:
    if isinstance(line, MatchedLine):
        names = {name: name for name in _OF_MATCH}
    else:
        # Data that came after the game was closed may have changed all but why it ended.
        names = {"reason": "end_reason"} if "amended_at" in match else _OF_END
        if "end_reason" not in match:
            return
    for name, stored_name in names.items():
        told, stored = _plain(getattr(line, name)), match.get(stored_name)
        if name == "cuts":
            told, stored = ([_cut(cut) for cut in cuts] for cuts in (told, stored or []))
        elif name == "desync":
            # The record keeps the earliest difference, also one that is found while it is closed.
            told, stored = told is not None, stored is not None
        if told != stored:
            yield f"its {name} is another than in the game's match.json"


def _cut(cut: Mapping[str, Any]) -> tuple[Any, Any]:
    return cut.get("seat"), cut.get("reason")


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _told(line: ExitLine) -> str:
    return f"it says that {line.subject_id} left ({line.reason!r} after {line.waited_ms} ms)"


def _is_last_of_start(lines: Sequence[AnyLine], number: int) -> bool:
    """Whether the server may have been killed before it wrote the same elsewhere."""
    return all(isinstance(line, PlanLine) for line in lines[number : number + 1])
