"""One game: who sits where, who is ready, connected or finished, and when and why it ends.

A record with rules: it never emits, stores or reads a clock. RunningGames keeps the games and
carries out what follows from their rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

EndReason = Literal[
    "completed",
    "partner_left",
    "reloaded",
    "partner_lost",
    "start_timeout",
    "desync",
    "engine_error",
]
"""Why a game ended, as in `game_ended`."""

START_TIMEOUT_S = 30.0
"""How long a group may take to be ready, in seconds."""

FINISH_GRACE_S = 10.0
"""How long the others may take to report after the first seat completed the game, in seconds."""

LATE_FRAMES_S = 5.0
"""How long frames are still taken after a game ended, in seconds."""


@dataclass(frozen=True)
class Seat:
    """A participant's place in a game."""

    seat: int
    """The index of the agent."""

    agent: str
    """The agent's id in the environment."""

    subject_id: str
    """The participant who controls it."""

    waiting_since_s: float
    """When the participant joined the waitroom, in seconds of the manager's clock."""


class RemoteGame:
    """The state of one game, from its creation to the end of its late frames.

    Args:
        game_id: the game's id.
        seats: one for every participant, in seat order.
        created_at_s: now, in seconds of the manager's clock, as all times here.
    """

    def __init__(self, game_id: str, seats: Sequence[Seat], created_at_s: float) -> None:
        self.game_id = game_id
        self.seats = tuple(seats)
        self.created_at_s = created_at_s
        self._seat_of = {seat.subject_id: seat for seat in self.seats}
        self._ready: set[str] = set()
        self._reported: set[str] = set()
        self._away_since_s: dict[str, float] = {}
        self._started = False
        self._completed_at_s: float | None = None
        self._ended_at_s: float | None = None
        self._end_reason: EndReason | None = None

    @property
    def subject_ids(self) -> list[str]:
        """The participants in seat order."""
        return [seat.subject_id for seat in self.seats]

    @property
    def started(self) -> bool:
        """Whether all were ready, so that play began."""
        return self._started

    @property
    def end_reason(self) -> EndReason | None:
        """Why the game ended; `None` while it has not."""
        return self._end_reason

    @property
    def nearly_completed(self) -> bool:
        """Whether a seat has completed the game and the reports of others are awaited."""
        return self._completed_at_s is not None

    @property
    def everybody_reported(self) -> bool:
        """Whether every seat has said how the game ended for it."""
        return len(self._reported) == len(self.seats)

    def seat_of(self, subject_id: str) -> Seat | None:
        """This participant's seat, if they have one here."""
        return self._seat_of.get(subject_id)

    def is_ready(self, subject_id: str) -> bool:
        """Whether this participant reported to be ready."""
        return subject_id in self._ready

    def is_away(self, subject_id: str) -> bool:
        """Whether this participant is disconnected."""
        return subject_id in self._away_since_s

    def mark_ready(self, subject_id: str) -> bool:
        """Note that a participant is ready; true if that starts the game."""
        if self._started or self._end_reason is not None:
            return False
        self._ready.add(subject_id)
        self._started = len(self._ready) == len(self.seats)
        return self._started

    def mark_away(self, subject_id: str, now_s: float) -> None:
        """Note that a participant is disconnected, since now unless they were before."""
        self._away_since_s.setdefault(subject_id, now_s)

    def mark_back(self, subject_id: str) -> None:
        """Note that a participant is connected again."""
        self._away_since_s.pop(subject_id, None)

    def report_finished(self, subject_id: str, reason: EndReason, now_s: float) -> EndReason | None:
        """Note how the game ended for one seat; returns why it is over for all, if it is now.

        The first `completed` opens a grace for the other reports, in which a lost partner is no
        longer a loss: the game was played to its end. A desync ends any game at once.
        """
        self._reported.add(subject_id)
        if reason == "completed" and self._completed_at_s is None:
            self._completed_at_s = now_s
        if reason == "desync":
            return "desync"
        if self._completed_at_s is None:
            return reason
        return "completed" if self.everybody_reported else None

    def due_end(self, now_s: float, partner_timeout_s: float) -> EndReason | None:
        """Why the game has to end because of the time, if it has to."""
        if self._end_reason is not None:
            return None
        if self._completed_at_s is not None:
            return "completed" if now_s >= self._completed_at_s + FINISH_GRACE_S else None
        somebody_is_lost = any(
            now_s - away_since_s > partner_timeout_s for away_since_s in self._away_since_s.values()
        )
        if not self._started:
            too_late = now_s >= self.created_at_s + START_TIMEOUT_S
            return "start_timeout" if too_late or somebody_is_lost else None
        return "partner_left" if somebody_is_lost else None

    def end(self, reason: EndReason, now_s: float) -> None:
        """End the game. The first reason stays."""
        if self._end_reason is None:
            self._end_reason = reason
            self._ended_at_s = now_s

    def is_over(self, now_s: float) -> bool:
        """Whether the game has ended and no more frames are taken."""
        if self._ended_at_s is None:
            return False
        return self.everybody_reported or now_s >= self._ended_at_s + LATE_FRAMES_S
