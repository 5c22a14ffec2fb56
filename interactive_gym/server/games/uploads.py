"""Takes what browsers upload of a game into its record, whether the game goes on or is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from interactive_gym.server.data.page_reports import PageEvent, PageRow
from interactive_gym.server.data.record import Record
from interactive_gym.server.games.events import (
    GameEvents,
    GameFrames,
    GameNetwork,
)
from interactive_gym.server.games.remote_game import Completeness

FREE_FRAMES = 10_000
"""How many frames are taken at any time of a game whose length the environment decides."""

Acknowledgement = dict[str, int]
"""What a page is answered."""


class Taken(NamedTuple):
    """What became of an upload."""

    answer: Acknowledgement | None
    """What its page is answered."""

    fault: str | None = None
    """Why it was refused; `None` if it was not."""


def frames_at_most(match: Mapping[str, Any], played_s: float) -> int | None:
    """How many frames a game can have by now if no rule limits them; `None` if one does.

    Far more than are ever played, so that nobody can fill the disk.

    Args:
        match: the content of its `match.json`.
        played_s: for how long it can have been played, in seconds.
    """
    if match.get("max_steps") is not None:
        return None
    fps: float = match["fps"]
    return FREE_FRAMES + round(2 * fps * played_s)


def take_frames(record: Record, seat: int, message: GameFrames, at_most: int | None) -> Taken:
    """Take a seat's confirmed rows. Nothing is taken while the record cannot be written.

    Args:
        record: the game's record.
        seat: whose rows these are.
        message: the rows.
        at_most: how many frames the game can have; `None` if its record knows.
    """
    last = message.first_frame + len(message.rows) // record.num_agents
    if at_most is not None and last > at_most:
        fault = "nobody can have played so many frames by now"
        return Taken({"next_frame": record.next_frame(seat)}, fault)
    try:
        next_frame = record.append_frames(
            seat,
            message.columns,
            message.first_frame,
            message.rows,
            message.digest,
            message.incarnation,
        )
    except ValueError as error:
        return Taken(None, str(error))
    except OSError:
        # The layer of files tells of it. The page hears that nothing was taken, and waits.
        return Taken({"next_frame": record.next_frame(seat)})
    return Taken({"next_frame": next_frame})


def completeness_of(record: Record, seat: int, max_steps: int | None) -> Completeness:
    """Whether what a page says it has recorded is stored, and reaches the end of the game.

    While frames cannot be written a page cannot do more, and is believed.
    """
    if record.is_complete(seat) or record.is_failing:
        return "complete"
    return "open" if max_steps is None else "incomplete"


def take_reports(record: Record, seat: int, message: GameEvents | GameNetwork) -> Taken:
    """Take what a page tells. What is one too many is refused, but not asked for again."""
    reports = record.reports
    try:
        if isinstance(message, GameEvents):
            events = [
                PageEvent(
                    event.kind, event.age_ms / 1000, {"frame": event.frame, "detail": event.detail}
                )
                for event in message.events
            ]
            known = reports.add_events(seat, message.incarnation, message.first, events)
        else:
            rows = [PageRow(row.age_ms / 1000, row) for row in message.rows]
            known = reports.add_network(seat, message.incarnation, message.first, rows)
    except ValueError as error:
        return Taken(all_known(message), str(error))
    except OSError:
        return Taken({"next": message.first})
    return Taken({"next": known})


def all_known(message: GameEvents | GameNetwork) -> Acknowledgement:
    """The answer to a page that is not to tell this again."""
    count = len(message.events if isinstance(message, GameEvents) else message.rows)
    return {"next": message.first + count}
