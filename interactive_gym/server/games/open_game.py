"""A game that still accepts data: its state, its record, and what its participants were sent.

RunningGames opens and closes it; the GameInbox adds to it what browsers send.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.data.record import Record
from interactive_gym.server.games.remote_game import Cut, Departure, RemoteGame
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.messages.signals import Signal
from interactive_gym.server.probing.conduct import Conduct
from interactive_gym.server.probing.probe import note_signal

RETRY_WITHIN_S = 30.0
"""How long frames are awaited after files could be written again, in seconds: pages try about every
ten seconds."""

MAX_SIGNALS = 5_000
"""Most signals that one participant may send over a link in a game: enough for a hundred new
routes."""


@dataclass(frozen=True)
class EngineFailure:
    """A page's claim that the environment has failed in a game."""

    subject_id: str
    """The page's participant."""

    match: Mapping[str, Any]
    """The content of the game's `match.json`."""


@dataclass(frozen=True)
class NewGame:
    """A game that is about to begin."""

    game: RemoteGame
    """The game's state."""

    match: dict[str, Any]
    """The content of `match.json`."""

    payloads: dict[str, dict[str, Any]]
    """The `game_created` event for each participant, by subject id."""


@dataclass
class OpenGame:
    """A game from its creation until its last frames have arrived."""

    new: NewGame
    """The game as it was made."""

    outbox: Outbox
    """Queues what is to be written."""

    record: Record | None = None
    """Stores the game's data; `None` if they are not kept, or before the record is begun."""

    desync: Desync | None = None
    """The first difference between the participants' copies; `None` while they agree."""

    told_desyncs: set[Desync] = field(default_factory=set)
    """The desyncs that pages have told of."""

    failing_at_s: float | None = None
    """When the record could last not be written, in seconds of the manager's clock."""

    signals_told: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How many signals each participant has sent for each seat, by subject id and seat."""

    conduct: defaultdict[tuple[str, int], Conduct] = field(
        default_factory=lambda: defaultdict(Conduct)
    )
    """What each participant's page did to connect to each seat, likewise."""

    history: str | None = None
    """The inputs of the frames from which it goes on if no page holds it, once that has been so."""

    returning: dict[int, float] = field(default_factory=dict)
    """How far each page that is coming back has loaded the game, from 0 to 1, by seat."""

    is_restoring: bool = False
    """Whether these are being read."""

    gone: set[str] = field(default_factory=set)
    """Subject ids of participants who left or reloaded before the start. Their pages do not know
    the game."""

    def __post_init__(self) -> None:
        self.game = self.new.game
        self.agents = len(self.new.match["agents"])
        self.fps: float = self.new.match["fps"]

    def seat_of(self, subject_id: str) -> int:
        """The seat of a participant of this game."""
        return self.game.subject_ids.index(subject_id)

    def is_delayed(self, now_s: float) -> bool:
        """Whether frames may still come because they could not be written before."""
        if self.record is not None and self.record.is_failing:
            self.failing_at_s = now_s
        return self.failing_at_s is not None and now_s < self.failing_at_s + RETRY_WITHIN_S

    def take_signal(self, subject_id: str, to_seat: int, signal: Signal) -> bool:
        """Note a signal of a participant for another seat; false if it is one too many."""
        note_signal(self.conduct[subject_id, to_seat], signal)
        self.signals_told[subject_id, to_seat] += 1
        return self.signals_told[subject_id, to_seat] <= MAX_SIGNALS

    def frames_stored(self) -> list[int]:
        """How many frames of each seat are stored; empty if none are kept."""
        if self.record is None:
            return []
        return [self.record.next_frame(seat.seat) for seat in self.game.seats]

    def invitation(self, subject_id: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What a participant is sent to play: a `game_created` event with the route of uploads."""
        route = self.record and self.record.upload_route(self.seat_of(subject_id))
        return {**payload, "uploads": route}

    def tell_cut(self, cut: Cut | Departure, receiver: str) -> None:
        """Tell a participant that a seat was cut."""
        payload = {"game_id": self.game.game_id, "seat": cut.seat, "reason": cut.reason}
        self.outbox.emit("game_cut", receiver, payload)

    def write(self, write: Callable[[Record], object]) -> None:
        """Queue a write to the record, if there is one."""

        def carry_out() -> None:
            if self.record is not None:
                with self.record.lock:
                    write(self.record)

        self.outbox.add(carry_out)

    def write_event(self, kind: str, subject_id: str, **fields: Any) -> None:
        """Queue a line about a participant for the game's events."""
        seat = self.seat_of(subject_id)
        self.write(lambda record: record.log_event(kind, seat=seat, **fields))
