"""Where every participant stands, read from ``participants.jsonl`` and ``recruitment.jsonl``.

The server appends a line whenever somebody goes on, and reads them all when it starts, so that a
restart is a pause. Pure: lines in, places out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from interactive_gym.options.outcomes import Outcome
from interactive_gym.server.data.wall_times import wall_s_of
from interactive_gym.server.participants.outcome import WaitEnd
from interactive_gym.server.participants.recruited import Recruited


@dataclass(frozen=True)
class EndedGame:
    """A game that is over for a participant who has not gone on from it."""

    game_id: str
    """The game's id."""

    reason: str
    """Why it ended for them."""

    completion_code: str | None = None
    """The code they were given, where the experiment ended for them with the game."""


@dataclass
class Place:
    """Where a participant stands."""

    subject_id: str
    """Their opaque id."""

    recruited: Recruited
    """Who they are to the recruitment platform."""

    completion_code: str
    """A code that only they have."""

    page_id: str = ""
    """The page load that was connected last."""

    scene_id: str | None = None
    """The scene they came to last; `None` before the first."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """How each game scene that they have left ended for them, by scene id."""

    waiting_since_wall_s: float | None = None
    """Since when they wait for a game to start, in seconds since 1970; `None` if they do not."""

    waited_in_vain: WaitEnd | None = None
    """Why their wait in this scene has ended without a game, if they may go on."""

    game_id: str | None = None
    """The game they are in, or that is about to start."""

    has_started: bool = False
    """Whether that game has started."""

    ended: EndedGame | None = None
    """The last game of this scene, if it is over for them."""

    exclusion_message: str | None = None
    """What they are told if their device cannot run the study."""


def places(
    lines: Iterable[Mapping[str, Any]], recruited: Mapping[str, Recruited]
) -> dict[str, Place]:
    """Where everyone stands after these lines, by subject id, in the order of their coming.

    Lines of other kinds, and lines about somebody who has not come, change nothing.

    Args:
        lines: those of ``participants.jsonl``.
        recruited: who participants are to the recruitment platform, by subject id.
    """
    found: dict[str, Place] = {}
    for line in lines:
        subject_id = line.get("subject_id")
        if not isinstance(subject_id, str):
            continue
        if line.get("event") == "started" and "completion_code" in line:
            who = recruited.get(subject_id, Recruited())
            found.setdefault(subject_id, Place(subject_id, who, line["completion_code"]))
        elif subject_id in found:
            _follow(found[subject_id], line)
    return found


def groups_that_played(lines: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """The groups of all games that have started, each in the order of its seats."""
    groups: dict[str, list[str]] = {}
    for line in lines:
        if line.get("event") == "game_started":
            groups.setdefault(line["game_id"], []).append(line["subject_id"])
    return list(groups.values())


def _follow(place: Place, line: Mapping[str, Any]) -> None:
    match line.get("event"):
        case "page_loaded":
            place.page_id = line["page_id"]
        case "device_checked":
            place.exclusion_message = line["message"]
        case "scene_left":
            place.outcomes[line["scene_id"]] = line["outcome"]
        case "scene_entered":
            place.scene_id = line["scene_id"]
            _reset(place)
        case "waitroom_entered":
            _reset(place)
            place.waiting_since_wall_s = wall_s_of(line["time"]) - line["waited_ms"] / 1000
        case "waitroom_ended":
            _reset(place)
            place.waited_in_vain = line["reason"] if line["reason"] in get_args(WaitEnd) else None
        case "game_entered":
            place.game_id = line["game_id"]
        case "game_started":
            _reset(place)
            place.game_id, place.has_started = line["game_id"], True
        case "game_left":
            _reset(place)
            place.ended = EndedGame(line["game_id"], line["reason"], line["completion_code"])


def _reset(place: Place) -> None:
    place.waiting_since_wall_s = place.game_id = place.ended = place.waited_in_vain = None
    place.has_started = False
