"""What the browsers of a running game send: checked here, before anything believes it.

Only a participant with a seat can act on a game. Bad input is dropped, logged once and harms
nobody else. It decides nothing: RunningGames does. The GameManager's `handle_game_…` come here.
"""

from __future__ import annotations

import json
import logging
from typing import Any, TypeGuard, cast

from interactive_gym.server.data.game_record import Desync
from interactive_gym.server.games.open_game import OpenGame
from interactive_gym.server.games.remote_game import CutReason, EndReason
from interactive_gym.server.games.running_games import RunningGames
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.messages.signals import signal_fault

logger = logging.getLogger(__name__)

MAX_EVENT_DETAIL_CHARS = 4096
"""Longer details of a `game_event` are refused."""

MAX_EVENTS = 20_000
"""Most events of one participant in a game; what a page tells beyond is refused."""

MAX_FRAME = 2**53
"""Later frames are refused."""

EVENT_KINDS = frozenset(
    {
        "hidden",
        "visible",
        "idle_prompt",
        "idle_answer",
        "peer_silent",
        "peer_heard",
        "stall",
        "link_state",
        "desync",
        "engine_error",
    }
)
"""The kinds of `game_event`."""

FINISH_REASONS = frozenset({"completed", "partner_lost", "desync", "engine_error"})
"""The reasons of `game_finished`."""

QUIT_REASONS = frozenset({"hidden", "idle"})
"""The reasons of `game_quit`."""


class GameInbox:
    """Takes the payloads of `game_…` events, by the participant who sent them.

    Args:
        games: the games they are about.
        outbox: the manager's outbox.
    """

    def __init__(self, games: RunningGames, outbox: Outbox) -> None:
        self._games = games
        self._outbox = outbox
        self._rejected = RejectedInput()

    def ready(self, subject_id: str, payload: Any) -> None:
        """Take a `game_ready`."""
        with self._outbox.transaction():
            meant = self._game_meant("game_ready", subject_id, payload)
            if meant is not None:
                self._games.mark_ready(meant[0], subject_id)

    def signal(self, subject_id: str, payload: Any) -> None:
        """Take a `game_signal` and relay it to the seat it is for."""
        with self._outbox.transaction():
            meant = self._game_meant("game_signal", subject_id, payload)
            if meant is None or meant[0].game.is_over_for(subject_id):
                return
            game, own_seat = meant[0].game, meant[1]
            signal, to_seat = payload.get("signal"), payload.get("to_seat")
            fault = signal_fault(signal) or _other_seat_fault(to_seat, meant)
            if fault is not None:
                self._rejected.note(subject_id, "game_signal", fault)
                return
            relayed = {"game_id": game.game_id, "from_seat": own_seat, "signal": signal}
            receiver = game.seats[to_seat].subject_id
            if not game.is_over_for(receiver):
                self._outbox.emit("game_signal", receiver, relayed)

    def frames(self, subject_id: str, payload: Any) -> dict[str, int] | None:
        """Take `game_frames`; returns the acknowledgement, with the frame expected next."""
        with self._outbox.transaction():
            meant = self._game_meant("game_frames", subject_id, payload)
            if meant is None:
                return None
            open_game, seat = meant
            first_frame, rows = payload.get("first_frame"), payload.get("rows")
            if (
                not open_game.game.started
                or type(first_frame) is not int
                or not isinstance(rows, list)
            ):
                self._rejected.note(subject_id, "game_frames", "no frames of a started game")
                return None
        record = open_game.record
        if record is None:
            return {"next_frame": first_frame + len(rows) // open_game.agents}
        try:
            with open_game.record_lock:
                next_frame = record.append_frames(
                    seat, payload.get("columns"), first_frame, rows, payload.get("digest")
                )
                desync = record.desync
        except ValueError as error:
            self._rejected.note(subject_id, "game_frames", str(error))
            return None
        if desync is not None:
            with self._outbox.transaction():
                self._games.note_desync(open_game, desync)
        return {"next_frame": next_frame}

    def event(self, subject_id: str, payload: Any) -> None:
        """Take a `game_event`, which is kept with the data of the game."""
        with self._outbox.transaction():
            meant = self._game_meant("game_event", subject_id, payload)
            if meant is None:
                return
            open_game = meant[0]
            kind, frame, detail = (payload.get(name) for name in ("kind", "frame", "detail"))
            if not isinstance(kind, str) or kind not in EVENT_KINDS:
                self._rejected.note(subject_id, "game_event", "unknown kind")
            elif frame is not None and not _is_count(frame, MAX_FRAME):
                self._rejected.note(subject_id, "game_event", "impossible frame")
            elif not _is_brief_json(detail):
                self._rejected.note(subject_id, "game_event", "the detail is too long, or no JSON")
            elif open_game.events_told[subject_id] >= MAX_EVENTS:
                self._rejected.note(subject_id, "game_event", "there are too many")
            else:
                open_game.events_told[subject_id] += 1
                open_game.write_event(kind, subject_id, frame=frame, detail=detail)
                is_playing = open_game.game.started and not open_game.game.is_over_for(subject_id)
                desync = _desync_told(detail, open_game) if kind == "desync" else None
                if desync is not None and is_playing:
                    self._games.note_desync(open_game, desync)

    def network(self, subject_id: str, payload: Any) -> None:
        """Take a `game_network`, rows of `network.csv`."""
        with self._outbox.transaction():
            meant = self._game_meant("game_network", subject_id, payload)
        if meant is None or meant[0].record is None:
            return
        open_game, seat = meant
        assert open_game.record is not None
        try:
            with open_game.record_lock:
                open_game.record.append_network(seat, payload.get("rows"))
        except ValueError as error:
            self._rejected.note(subject_id, "game_network", str(error))

    def resumed(self, subject_id: str, payload: Any) -> None:
        """Take a `game_resumed`: after a reload all frames are simulated again."""
        with self._outbox.transaction():
            meant = self._game_meant("game_resumed", subject_id, payload)
            if meant is None:
                return
            frame = payload.get("frame")
            if not _is_count(frame, MAX_FRAME):
                self._rejected.note(subject_id, "game_resumed", "impossible frame")
            else:
                self._games.mark_resumed(meant[0], subject_id, frame)

    def peer_lost(self, subject_id: str, payload: Any) -> None:
        """Take a `game_peer_lost`: nothing comes from another seat."""
        with self._outbox.transaction():
            meant = self._game_meant("game_peer_lost", subject_id, payload)
            if meant is None:
                return
            seat = payload.get("seat")
            fault = _other_seat_fault(seat, meant)
            if fault is not None:
                self._rejected.note(subject_id, "game_peer_lost", fault)
            else:
                self._games.report_lost(meant[0], subject_id, seat)

    def quit(self, subject_id: str, payload: Any) -> None:
        """Take a `game_quit`: the participant is out of the game."""
        with self._outbox.transaction():
            meant = self._game_meant("game_quit", subject_id, payload)
            if meant is None:
                return
            reason = payload.get("reason")
            if not isinstance(reason, str) or reason not in QUIT_REASONS:
                self._rejected.note(subject_id, "game_quit", "unknown reason")
            else:
                self._games.quit(meant[0], subject_id, cast(CutReason, reason))

    def finished(self, subject_id: str, payload: Any) -> dict[str, Any] | None:
        """Take a `game_finished`; returns the acknowledgement."""
        with self._outbox.transaction():
            meant = self._game_meant("game_finished", subject_id, payload)
            if meant is None:
                return None
            open_game, seat = meant
            reason, frames, digest = (payload.get(name) for name in ("reason", "frames", "digest"))
            if not isinstance(reason, str) or reason not in FINISH_REASONS:
                self._rejected.note(subject_id, "game_finished", "unknown reason")
                return None
            if reason in ("completed", "desync") and not open_game.game.started:
                self._rejected.note(subject_id, "game_finished", "the game has not started")
                return None
            open_game.write(lambda record: record.finish(seat, frames, digest))
            self._games.report_finished(open_game, subject_id, cast(EndReason, reason))
            return {}

    def _game_meant(self, event: str, subject_id: str, payload: Any) -> tuple[OpenGame, int] | None:
        """The game that this payload is about and its sender's seat there."""
        game_id = payload.get("game_id") if isinstance(payload, dict) else None
        if not isinstance(game_id, str):
            self._rejected.note(subject_id, event, "the payload must carry a game_id")
            return None
        open_game = self._games.meant(game_id)
        if open_game is None:
            logger.debug("%s for a game that is over or never was", event)
            return None
        seat = open_game.game.seat_of(subject_id)
        if seat is None:
            self._rejected.note(subject_id, event, "the sender has no seat in this game")
            return None
        return open_game, seat.seat


def _other_seat_fault(seat: Any, meant: tuple[OpenGame, int]) -> str | None:
    """Why `seat` is not another seat of the game; `None` if it is."""
    open_game, own_seat = meant
    if not _is_count(seat, len(open_game.game.seats) - 1):
        return "the seat must be one of the game"
    return "the seat must be another one" if seat == own_seat else None


def _desync_told(detail: Any, open_game: OpenGame) -> Desync | None:
    """The desync that a page tells of, if it does so in the protocol's form."""
    if not isinstance(detail, dict):
        return None
    frame, seat, part = (detail.get(name) for name in ("frame", "seat", "part"))
    if not _is_count(frame, MAX_FRAME) or not _is_count(seat, len(open_game.game.seats) - 1):
        return None
    return Desync(frame, seat, part) if part in ("rows", "state") else None


def _is_brief_json(detail: object) -> bool:
    try:
        return len(json.dumps(detail, allow_nan=False)) <= MAX_EVENT_DETAIL_CHARS
    except (TypeError, ValueError, RecursionError):
        return False


def _is_count(value: object, most: int) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= most
