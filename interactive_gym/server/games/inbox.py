"""Takes what the browsers of a running game say: the messages of the `game_…` events.

Only a participant with a seat can act on a game. What does not fit the state of the game is
dropped, logged once and harms nobody else. It decides nothing: RunningGames does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.games.events import (
    DesyncDetail,
    EventReport,
    GameEvents,
    GameFinished,
    GameFrames,
    GameMessage,
    GameNetwork,
    GamePeerLost,
    GameQuit,
    GameReady,
    GameResumed,
    GameReturning,
    GameSignal,
)
from interactive_gym.server.games.open_game import OpenGame
from interactive_gym.server.games.remote_game import Completeness
from interactive_gym.server.games.running_games import RunningGames
from interactive_gym.server.games.uploads import (
    Acknowledgement,
    all_known,
    completeness_of,
    frames_at_most,
    take_frames,
    take_reports,
)
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.messages.signals import relayed
from interactive_gym.server.participants.load_failures import plain_reason

logger = logging.getLogger(__name__)

_MOST_ENGINE_ERRORS = 100
"""Of how many kinds of failures the log tells."""


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
        self._engine_errors: set[str] = set()

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
            if fault is None and not meant[0].take_signal(
                subject_id, message.to_seat, message.signal
            ):
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
            played_s = self._outbox.now_s() - (open_game.game.started_at_s or 0.0)
        record = open_game.record
        if record is None:
            return {"next_frame": message.first_frame + len(message.rows) // open_game.agents}
        at_most = frames_at_most(open_game.new.match, played_s)
        with record.lock:
            answer, fault = take_frames(record, seat, message, at_most)
        if fault is not None:
            self._reject(subject_id, message, fault)
        elif record.desync is not None:
            with self._outbox.transaction():
                self._games.note_stored_desync(open_game)
        return answer

    def _events(self, subject_id: str, message: GameEvents) -> Acknowledgement | None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
        if meant is None:
            return None
        open_game = meant[0]
        answer = self._report(subject_id, meant, message)
        self._note_engine_errors(open_game, message.events)
        with self._outbox.transaction():
            is_playing = open_game.game.started and not open_game.game.is_over_for(subject_id)
            for event in message.events:
                desync = _desync_told(event, meant)
                if desync is not None and is_playing:
                    self._games.report_desync(open_game, subject_id, desync)
        return answer

    def _note_engine_errors(self, open_game: OpenGame, events: Sequence[EventReport]) -> None:
        """Log how an environment fails in browsers: each kind of failure once."""
        for event in events:
            detail = event.detail
            if event.kind != "engine_error" or not isinstance(detail, dict):
                continue
            message = str(detail.get("message"))
            if message in self._engine_errors or len(self._engine_errors) >= _MOST_ENGINE_ERRORS:
                continue
            self._engine_errors.add(message)
            logger.error(
                "Game %s: the environment failed in a browser: %s\n%s",
                open_game.game.game_id,
                plain_reason(message),
                "\n".join(map(plain_reason, str(detail.get("traceback") or "").split("\n"))),
            )

    def _network(self, subject_id: str, message: GameNetwork) -> Acknowledgement | None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
        return None if meant is None else self._report(subject_id, meant, message)

    def _report(
        self, subject_id: str, meant: tuple[OpenGame, int], message: GameEvents | GameNetwork
    ) -> Acknowledgement | None:
        open_game, seat = meant
        record = open_game.record
        if record is None:
            return all_known(message)
        with record.lock:
            answer, fault = take_reports(record, seat, message)
        if fault is not None:
            self._reject(subject_id, message, fault)
        return answer

    def _resumed(self, subject_id: str, message: GameResumed) -> None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
            if meant is not None:
                self._games.mark_resumed(meant[0], subject_id, message.frame)

    def _returning(self, subject_id: str, message: GameReturning) -> None:
        with self._outbox.transaction():
            meant = self._game_meant(subject_id, message)
            if meant is not None:
                self._games.note_returning(meant[0], subject_id, message.fraction)

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
        completeness: Completeness = "complete"
        record = open_game.record
        if record is not None:
            # Outside of the transaction, as a record is not written under the manager's lock.
            with record.lock:
                if not record.takes(seat, message.incarnation):
                    return {}
                record.finish(seat, message.frames, message.digest, message.incarnation)
                max_steps = open_game.new.match.get("max_steps")
                completeness = completeness_of(record, seat, max_steps)
            if not record.is_known(seat):
                return {"next_frame": record.next_frame(seat)}
        with self._outbox.transaction():
            self._games.note_stored_desync(open_game)
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
    "game_returning": (GameReturning, GameInbox._returning),
    "game_peer_lost": (GamePeerLost, GameInbox._peer_lost),
    "game_quit": (GameQuit, GameInbox._quit),
    "game_frames": (GameFrames, GameInbox._frames),
    "game_events": (GameEvents, GameInbox._events),
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


def _desync_told(event: EventReport, meant: tuple[OpenGame, int]) -> Desync | None:
    """The desync that a page tells of, if it does so in the protocol's form."""
    open_game, own_seat = meant
    if event.kind != "desync":
        return None
    try:
        told = msgspec.convert(event.detail, DesyncDetail, strict=True)
    except ValueError:
        return None
    if told.seat >= len(open_game.game.seats) or told.seat == own_seat:
        return None
    lower, higher = sorted((own_seat, told.seat))
    return Desync(told.frame, (lower, higher), told.part)
