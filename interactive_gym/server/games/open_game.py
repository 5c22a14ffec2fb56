"""A game whose data are still taken: its state, its record, and what its participants were sent.

Holds, and has things written; it decides nothing. RunningGames opens and closes it, and the
GameInbox finds in it what a browser's payload is about.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from interactive_gym.server.data.game_record import Desync, GameRecord
from interactive_gym.server.games.remote_game import Cut, RemoteGame
from interactive_gym.server.messages.outbox import Outbox


@dataclass(frozen=True)
class NewGame:
    """A game that is about to begin."""

    game: RemoteGame
    """Its state."""

    match: dict[str, Any]
    """The content of its `match.json`."""

    payloads: dict[str, dict[str, Any]]
    """The `game_created` event for each participant, by subject id."""


@dataclass
class OpenGame:
    """A game from its creation to the end of its late frames."""

    new: NewGame
    """The game as it was made: its state, and what was said of it at first."""

    outbox: Outbox
    """Where writing waits for its turn."""

    record: GameRecord | None = None
    """Where its data go; `None` if nothing is stored, or not yet."""

    record_lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while the record is written."""

    desync: Desync | None = None
    """The first difference between the participants' copies; `None` while they agree."""

    events_told: Counter[str] = field(default_factory=Counter)
    """How many events each participant's page has told of, by subject id."""

    gone: set[str] = field(default_factory=set)
    """Who left or reloaded before the start, so that their page knows nothing of this game."""

    def __post_init__(self) -> None:
        self.game = self.new.game
        self.agents = len(self.new.match["agents"])

    def seat_of(self, subject_id: str) -> int:
        """The seat of one of its participants."""
        return self.game.subject_ids.index(subject_id)

    def tell_cut(self, cut: Cut, receiver: str) -> None:
        """Tell a participant that a seat is lost for good."""
        payload = {"game_id": self.game.game_id, "seat": cut.seat, "reason": cut.reason}
        self.outbox.emit("game_cut", receiver, payload)

    def write(self, write: Callable[[GameRecord], object]) -> None:
        """Have something written to its record, if it has one."""

        def carry_out() -> None:
            if self.record is not None:
                with self.record_lock:
                    write(self.record)

        self.outbox.add(carry_out)

    def write_event(self, kind: str, subject_id: str, **fields: Any) -> None:
        """Have a line about a participant written to its events."""
        seat = self.seat_of(subject_id)
        self.write(lambda record: record.log_event(kind, seat=seat, **fields))
