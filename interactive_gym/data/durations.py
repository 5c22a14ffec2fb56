"""How long each participant was connected, waited and played, from the lines about their way.

Pure: lines of ``participants.jsonl`` in, rows of the table `TIMES` out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Span = Literal["connected", "waited", "played"]
"""What is timed."""

BEGINS: Mapping[str, Span] = {
    "started": "connected",
    "page_loaded": "connected",
    "reconnected": "connected",
    "waitroom_entered": "waited",
    "game_started": "played",
}
"""The events with which something that is timed begins, unless it had begun before."""

ENDS: Mapping[str, Span] = {
    "disconnected": "connected",
    "waitroom_ended": "waited",
    "game_entered": "waited",
    "game_left": "played",
}
"""The events with which it ends."""


@dataclass
class _Way:
    """What is known of a participant so far."""

    row: dict[str, Any]
    total_s: dict[Span, float] = field(
        default_factory=lambda: {"connected": 0.0, "waited": 0.0, "played": 0.0}
    )
    since_s: dict[Span, float] = field(default_factory=dict)
    last_s: float = 0.0

    def follow(self, event: str, now_s: float) -> None:
        self.last_s = now_s
        if event in BEGINS:
            self.since_s.setdefault(BEGINS[event], now_s)
        elif event in ENDS:
            self.end(ENDS[event], now_s)

    def end(self, span: Span, now_s: float) -> None:
        if span in self.since_s:
            self.total_s[span] += max(0.0, now_s - self.since_s.pop(span))


def times(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for everyone who came, in the order of their coming.

    What goes on at the end of the lines is counted up to the last line about the participant.
    ``outcome`` and ``completion_code`` are those of the last scene, None before it.
    """
    ways: dict[str, _Way] = {}
    for line in lines:
        subject_id, event = line.get("subject_id"), line.get("event")
        if event == "started" and subject_id not in ways:
            ways[str(subject_id)] = _Way(
                {
                    "subject_id": subject_id,
                    "started_at": line.get("time"),
                }
            )
        way = ways.get(str(subject_id))
        if way is None:
            continue
        if event == "completed":
            way.row["outcome"] = line.get("outcome")
            way.row["completion_code"] = line.get("completion_code")
        if isinstance(line.get("time"), str):
            way.row["last_at"] = line["time"]
            way.follow(str(event), datetime.fromisoformat(line["time"]).timestamp())
    return [_row(way) for way in ways.values()]


def _row(way: _Way) -> dict[str, Any]:
    for span in list(way.since_s):
        way.end(span, way.last_s)
    seconds = {f"{span}_s": round(total_s, 3) for span, total_s in way.total_s.items()}
    return {"outcome": None, "completion_code": None, "last_at": None, **way.row, **seconds}
