"""Takes what the browsers of a running game say: the messages of the `game_…` events.

Only a participant with a seat can act on a game. What does not fit the state of the game is
dropped, logged once and harms nobody else. It decides nothing: RunningGames does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.games.events import (
    DesyncDetail,
    GameEvent,
    GameFinished,
    GameFrames,
    GameMessage,
    GameNetwork,
    GamePeerLost,
    GameQuit,
    GameReady,
    GameResumed,
    GameSignal,
)
from interactive_gym.server.games.open_game import OpenGame
from interactive_gym.server.games.running_games import RunningGames
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.messages.signals import relayed

logger = logging.getLogger(__name__)

MAX_EVENTS = 20_000
"""Most events of one participant in a game; what a page tells beyond is refused."""

Acknowledgement = dict[str, int]
"""What a page is answered."""


class GameInbox:
    """Takes messages about games, by the participant who sent them.

    Args:
        games: the games they are about.
        outbox: the manager's lock, and the queue of what it sends and writes.
    """

    def __init__(self, games: RunningGames, outbox: Outbox) -> None:
        self._games = games
        self._outbox = outbox
        self._rejected = RejectedInput()

    def take(self, subject_id: str, message: GameMessage) -> Acknowledgement | None:
        """Take a message; returns the acknowledgement, if its event has one and it was taken."""
        _, take = GAME_EVENTS[_EVENT_OF[type(message)]]
        return take(self, subject_id, message)

    def _ready(self, subject_id: str, message: GameReady) -> None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
            if meant is not None:
                self._games.mark_ready(meant[0], subject_id)

    def _signal(self, subject_id: str, message: GameSignal) -> None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
            if meant is None or meant[0].game.is_over_for(subject_id):
                return
            game, own_seat = meant[0].game, meant[1]
            fault = _other_seat_fault(message.to_seat, meant)
            if fault is None and not meant[0].count_signal(subject_id, message.to_seat):
                fault = "there are too many"
            if fault is not None:
                self._reject(subject_id, message, fault)
                return
            payload = {
                "game_id": game.game_id,
                "from_seat": own_seat,
                "signal": relayed(message.signal),
            }
            receiver = game.seats[message.to_seat].subject_id
            if not game.is_over_for(receiver):
                self._outbox.emit("game_signal", receiver, payload)

    def _frames(self, subject_id: str, message: GameFrames) -> Acknowledgement | None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
            if meant is None:
                return None
            open_game, seat = meant
            if not open_game.game.started:
                self._reject(subject_id, message, "the game has not started")
                return None
            now_s = self._outbox.now_s()
        first_frame, rows = message.first_frame, message.rows
        record = open_game.record
        if record is None:
            return {"next_frame": first_frame + len(rows) // open_game.agents}
        last, at_most = first_frame + len(rows) // open_game.agents, open_game.frames_at_most(now_s)
        if at_most is not None and last > at_most:
            self._reject(subject_id, message, "nobody can have played so many frames by now")
            return {"next_frame": record.next_frame(seat)}
        try:
            with open_game.record_lock:
                next_frame = record.append_frames(
                    seat, message.columns, first_frame, rows, message.digest
                )
                desync = record.desync
        except ValueError as error:
            self._reject(subject_id, message, str(error))
            return None
        except OSError:
            # The layer of files tells of it. The page hears that nothing was taken, and waits.
            return {"next_frame": record.next_frame(seat)}
        if desync is not None:
            with self._outbox.transaction():
                self._games.note_desync(open_game, desync)
        return {"next_frame": next_frame}

    def _event(self, subject_id: str, message: GameEvent) -> None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
            if meant is None:
                return
            open_game = meant[0]
            if open_game.events_told[subject_id] >= MAX_EVENTS:
                self._reject(subject_id, message, "there are too many")
                return
            open_game.events_told[subject_id] += 1
            open_game.write_event(
                message.kind, subject_id, frame=message.frame, detail=message.detail
            )
            is_playing = open_game.game.started and not open_game.game.is_over_for(subject_id)
            desync = _desync_told(message, meant)
            if desync is not None and is_playing:
                self._games.report_desync(open_game, subject_id, desync)

    def _network(self, subject_id: str, message: GameNetwork) -> None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
        if meant is None or meant[0].record is None:
            return
        open_game, seat = meant
        assert open_game.record is not None
        try:
            with open_game.record_lock:
                open_game.record.append_network(seat, message.rows)
        except ValueError as error:
            self._reject(subject_id, message, str(error))

    def _resumed(self, subject_id: str, message: GameResumed) -> None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
            if meant is not None:
                self._games.mark_resumed(meant[0], subject_id, message.frame)

    def _peer_lost(self, subject_id: str, message: GamePeerLost) -> None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
            if meant is None:
                return
            fault = _other_seat_fault(message.seat, meant)
            if fault is not None:
                self._reject(subject_id, message, fault)
            else:
                self._games.report_lost(meant[0], subject_id, message.seat)

    def _quit(self, subject_id: str, message: GameQuit) -> None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
            if meant is not None:
                self._games.quit(meant[0], subject_id, message.reason)

    def _finished(self, subject_id: str, message: GameFinished) -> Acknowledgement | None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
            if meant is None:
                return None
            open_game, seat = meant
            if message.reason in ("completed", "desync") and not open_game.game.started:
                self._reject(subject_id, message, "the game has not started")
                return None
            is_first = open_game.game.is_waited_for(subject_id)
        # Outside of the transaction, as a record is not written under the manager's lock.
        completeness = open_game.note_finish(seat, message.frames, message.digest)
        if open_game.record is not None and not open_game.record.is_known(seat):
            return {"next_frame": open_game.record.next_frame(seat)}
        with self._outbox.transaction():
            if is_first and open_game.game.started:
                open_game.write_event(
                    "finished",
                    subject_id,
                    reason=message.reason,
                    frames=message.frames,
                    digest=message.digest,
                    completeness=completeness,
                )
            self._games.report_finished(
                open_game, subject_id, message.reason, completeness=completeness
            )
        return {}

    def _game_meant(self, subject_id: str, message: GameMessage) -> tuple[OpenGame, int] | None:
        """The game that a message is about and its sender's seat there."""
        open_game = self._games.meant(message.game_id)
        if open_game is None:
            event = _EVENT_OF[type(message)]
            logger.debug("%s for a game that is over or never was", event)
            return None
        seat = open_game.game.seat_of(subject_id)
        if seat is None:
            self._reject(subject_id, message, "the sender has no seat in this game")
            return None
        return open_game, seat.seat

    def _reject(self, subject_id: str, message: GameMessage, why: str) -> None:
        self._rejected.note(subject_id, _EVENT_OF[type(message)], why)


GAME_EVENTS: Mapping[
    str, tuple[type[GameMessage], Callable[[GameInbox, str, Any], Acknowledgement | None]]
] = {
    "game_signal": (GameSignal, GameInbox._signal),
    "game_ready": (GameReady, GameInbox._ready),
    "game_resumed": (GameResumed, GameInbox._resumed),
    "game_peer_lost": (GamePeerLost, GameInbox._peer_lost),
    "game_quit": (GameQuit, GameInbox._quit),
    "game_frames": (GameFrames, GameInbox._frames),
    "game_event": (GameEvent, GameInbox._event),
    "game_network": (GameNetwork, GameInbox._network),
    "game_finished": (GameFinished, GameInbox._finished),
}
"""The events that browsers send about games: what each one says, and what takes it."""

_EVENT_OF = {message_type: event for event, (message_type, _) in GAME_EVENTS.items()}


def _other_seat_fault(seat: int, meant: tuple[OpenGame, int]) -> str | None:
    """Why `seat` is not another seat of the game; `None` if it is."""
    open_game, own_seat = meant
    if seat >= len(open_game.game.seats):
        return "the seat must be one of the game"
    return "the seat must be another one" if seat == own_seat else None


def _desync_told(message: GameEvent, meant: tuple[OpenGame, int]) -> Desync | None:
    """The desync that a page tells of, if it does so in the protocol's form."""
    open_game, own_seat = meant
    if message.kind != "desync":
        return None
    try:
        told = msgspec.convert(message.detail, DesyncDetail, strict=True)
    except ValueError:
        return None
    if told.seat >= len(open_game.game.seats) or told.seat == own_seat:
        return None
    lower, higher = sorted((own_seat, told.seat))
    return Desync(told.frame, (lower, higher), told.part)
