"""Takes what comes of a game whose record is closed already.

A browser that was without the server, or closed too early, sends what it has kept as soon as it
can, for as long as the study runs.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.data.game_record import GameRecord
from interactive_gym.server.data.stored_study import StoredGame
from interactive_gym.server.data.wall_times import wall_s_of
from interactive_gym.server.games.events import (
    GameData,
    GameEvents,
    GameFinished,
    GameFrames,
    GameNetwork,
)
from interactive_gym.server.games.uploads import (
    Acknowledgement,
    Taken,
    completeness_of,
    frames_at_most,
    take_frames,
    take_reports,
)
from interactive_gym.server.messages.rejections import RejectedInput

logger = logging.getLogger(__name__)

MAX_REOPENED = 8
"""Most records that are held open at once."""


@dataclass(frozen=True)
class _Reopened:
    """A game whose record is open again."""

    stored: StoredGame
    record: GameRecord


class LateGames:
    """The games of an experiment that are over.

    Args:
        store: the experiment's data.
        wall_clock: seconds since 1970.
    """

    def __init__(self, store: DataStore, *, wall_clock: Callable[[], float]) -> None:
        self._store = store
        self._wall_clock = wall_clock
        self._reopened: OrderedDict[str, _Reopened] = OrderedDict()
        self._amended: set[str] = set()
        self._lock = threading.Lock()
        self._rejected = RejectedInput()

    def take(self, subject_id: str, message: GameData) -> Acknowledgement | None:
        """Take a message of a participant; returns what their page is answered, if it was taken."""
        with self._lock:
            taken = self._take(subject_id, message)
        if taken.fault is not None:
            self._rejected.note(subject_id, type(message).__name__, taken.fault)
        return taken.answer

    def take_amended(self) -> list[str]:
        """The games that got something since this was asked, as ``scene_id/game_id``."""
        with self._lock:
            amended, self._amended = sorted(self._amended), set()
        return amended

    def note_verified(self, game_id: str, verified: Mapping[str, Any]) -> StoredGame | None:
        """Keep what a verification says of a game in its ``match.json``.

        Returns:
            The game as it was before; `None` if there is none with this id.
        """
        with self._lock:
            reopened = self._reopened.get(game_id)
            game = self._store.ended_game(game_id)
            if reopened is not None:
                reopened.record.update_match(verified=verified)
            elif game is not None:
                self._store.amend_match(game, verified=verified)
            return game

    def _take(self, subject_id: str, message: GameData) -> Taken:
        game = self._reopened.get(message.game_id) or self._reopen(subject_id, message.game_id)
        seat = None if game is None else _seat_of(game.stored, subject_id)
        if game is None or seat is None:
            return Taken(None, "the sender has no seat in a game that can be read")
        self._reopened.move_to_end(message.game_id)
        record, match = game.record, game.stored.match
        if isinstance(message, GameEvents | GameNetwork):
            return take_reports(record, seat, message)
        if match["end_reason"] == "start_timeout":
            return Taken(None, "the game has not started")
        if isinstance(message, GameFrames):
            age_s = self._wall_clock() - wall_s_of(match["created_at"])
            taken = take_frames(record, seat, message, frames_at_most(match, age_s))
        else:
            assert isinstance(message, GameFinished)
            taken = _take_finish(record, seat, message, match.get("max_steps"))
        if taken.fault is None:
            record.amend()
            self._amended.add(f"{game.stored.scene_id}/{message.game_id}")
        return taken

    def _reopen(self, subject_id: str, game_id: str) -> _Reopened | None:
        """Open the record of a game again for somebody who has played it."""
        try:
            stored = self._store.ended_game(game_id)
            if stored is None or _seat_of(stored, subject_id) is None:
                return None
            game = _Reopened(stored, self._store.reopen_game(stored))
        except (OSError, LookupError, AttributeError, TypeError, ValueError) as error:
            logger.error("Game %s cannot be read: %s", game_id, error)
            return None
        self._reopened[game_id] = game
        if len(self._reopened) > MAX_REOPENED:
            _, oldest = self._reopened.popitem(last=False)
            oldest.record.release()
        return game


def _take_finish(
    record: GameRecord, seat: int, message: GameFinished, max_steps: int | None
) -> Taken:
    if not record.takes(seat, message.incarnation):
        return Taken({})
    is_new = record.finish(seat, message.frames, message.digest, message.incarnation)
    if not record.is_known(seat):
        return Taken({"next_frame": record.next_frame(seat)})
    if is_new:
        record.log_event(
            "finished",
            seat=seat,
            reason=message.reason,
            frames=message.frames,
            digest=message.digest,
            completeness=completeness_of(record, seat, max_steps),
        )
    return Taken({})


def _seat_of(game: StoredGame, subject_id: str) -> int | None:
    seats = {member["subject_id"]: member["seat"] for member in game.match["group"]}
    return seats.get(subject_id)
