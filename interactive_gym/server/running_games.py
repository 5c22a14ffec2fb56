"""The games of one scene, from their creation to the end of their late frames.

Carries out what the rules of RemoteGame say. It creates no groups: the GameManager hands it a new
game and takes back those whose game could not start. Except for what is called an effect,
everything runs inside the manager's `deciding()`; records are written after it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from interactive_gym.server.effects import Effects
from interactive_gym.server.game_maker import NewGame
from interactive_gym.server.interfaces import GameRecord, GameScene, GameStore
from interactive_gym.server.latency_graph import Pair
from interactive_gym.server.match_record import seat_pairs
from interactive_gym.server.participant_state import ParticipantState, ParticipantStates
from interactive_gym.server.remote_game import EndReason, RemoteGame, Seat

logger = logging.getLogger(__name__)

COUNTDOWN_MS = 3000
"""From `game_start` to the first tick, in milliseconds."""

END_MESSAGES: dict[EndReason, str] = {
    "completed": "The game is finished. Thank you for playing!",
    "partner_left": "Your partner has left, so the game has ended early. You can go on.",
    "reloaded": "The page was reloaded during the game, so the game has ended. You can go on.",
    "partner_lost": "The connection to your partner was lost, so the game has ended early. "
    "You can go on.",
    "start_timeout": "The game could not start this time. You are back in the waiting room, "
    "and your time there counts.",
    "desync": "The game had to stop because of a technical problem. It is not your fault, "
    "and you can go on.",
    "engine_error": "The game had to stop because of a technical problem. It is not your fault, "
    "and you can go on.",
}
"""What participants are told about the end of a game."""

GROUP_END_MESSAGES: dict[EndReason, str] = {
    **END_MESSAGES,
    "partner_left": "One of your partners has left, so the game has ended early. You can go on.",
    "partner_lost": "The connection to one of your partners was lost, so the game has ended early. "
    "You can go on.",
}
"""The same, where there is more than one partner."""

StartFailed = Callable[[str, Sequence[Seat], Sequence[Pair]], object]
"""Told of a game that could not start: its id, who waits again, which pairs did not connect."""


@dataclass
class OpenGame:
    """A game whose data are still taken."""

    game: RemoteGame
    """The game's state."""

    record: GameRecord | None = None
    """Where its data go; `None` if nothing is stored, or not yet."""

    record_lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while the record is written."""

    gone: set[str] = field(default_factory=set)
    """Who left or reloaded, so that their page knows nothing of this game."""


class RunningGames:
    """Games from their creation until their last late frames.

    Args:
        scene: the game scene.
        effects: the manager's lock and effects.
        states: where every participant stands.
        data_store: makes the records; `None` stores nothing.
        clock: monotonic seconds.
        on_start_failed: called under the lock for a game that could not start.
        on_started: called under the lock with the subject ids of those who begin to play.
    """

    def __init__(
        self,
        scene: GameScene,
        effects: Effects,
        *,
        states: ParticipantStates,
        data_store: GameStore | None,
        clock: Callable[[], float],
        on_start_failed: StartFailed,
        on_started: Callable[[Sequence[str]], object],
    ) -> None:
        self._scene = scene
        self._effects = effects
        self._states = states
        self._data_store = data_store
        self._clock = clock
        self._on_start_failed = on_start_failed
        self._on_started = on_started
        self._open: dict[str, OpenGame] = {}
        self._game_of: dict[str, RemoteGame] = {}
        self._ended: dict[str, dict[str, Any]] = {}

    def create(self, new: NewGame) -> None:
        """Begin a game: first its record, then `game_created` for everybody."""
        open_game = OpenGame(new.game)
        self._open[new.game.game_id] = open_game
        for subject_id in new.game.subject_ids:
            self._game_of[subject_id] = new.game
            self._ended.pop(subject_id, None)
        self._effects.add(partial(self._open_record, open_game, new))
        for subject_id, payload in new.payloads.items():
            self._effects.add(partial(self._invite, open_game, subject_id, payload))

    def current(self, subject_id: str) -> RemoteGame | None:
        """The game this participant is in, if it has not ended."""
        game = self._game_of.get(subject_id)
        return game if game is not None and game.end_reason is None else None

    def depart(self, subject_id: str, own_reason: EndReason) -> None:
        """End a participant's game because they are gone for good, by leaving or reloading.

        Before play began the others go back to the waitroom, and so may this participant. The
        reason is kept for `resync`, since their page may not be there to hear it.
        """
        game = self.current(subject_id)
        if game is None:
            return
        if not game.started:
            self._fail_start(game, unconnected=[], gone={subject_id})
        elif game.nearly_completed:
            self.end(game, "completed", gone={subject_id})
        else:
            self.end(game, "partner_left", {subject_id: own_reason}, gone={subject_id})

    def disconnect(self, subject_id: str) -> None:
        """Note that a participant of a game is disconnected."""
        game = self.current(subject_id)
        if game is not None:
            game.mark_away(subject_id, self._clock())

    def reconnect(self, subject_id: str) -> None:
        """Note that a participant of a game is connected again."""
        game = self.current(subject_id)
        if game is not None:
            game.mark_back(subject_id)

    def resync(self, subject_id: str) -> None:
        """Tell a participant again how their game ended, unless they have moved on."""
        if subject_id in self._ended:
            self._effects.emit("game_ended", subject_id, self._ended[subject_id])

    def missed_the_return(self, subject_id: str) -> bool:
        """Whether this participant was away when their game could not start."""
        ended = self._ended.get(subject_id)
        return ended is not None and ended["reason"] == "start_timeout"

    def forget(self, subject_id: str) -> None:
        """A participant has moved on from their ended game."""
        if self.current(subject_id) is None:
            self._game_of.pop(subject_id, None)
            self._ended.pop(subject_id, None)
            if self._states.of(subject_id) is ParticipantState.GAME_ENDED:
                self._states.move(subject_id, ParticipantState.IDLE)

    def tick(self, now_s: float) -> None:
        """Enforce the time limits of every game."""
        partner_timeout_s = self._scene.partner_timeout_ms / 1000.0
        for open_game in list(self._open.values()):
            game = open_game.game
            reason = game.due_end(now_s, partner_timeout_s)
            if reason == "start_timeout":
                self._fail_start(game, unconnected=_unconnected(game))
            elif reason == "partner_left":
                away = [subject_id for subject_id in game.subject_ids if game.is_away(subject_id)]
                self.end(game, reason, dict.fromkeys(away, "partner_lost"))
            elif reason is not None:
                self.end(game, reason)
            if game.is_over(now_s):
                self._close(open_game)

    def meant(self, game_id: str) -> OpenGame | None:
        """The game with this id, while its data are still taken."""
        return self._open.get(game_id)

    def mark_ready(self, open_game: OpenGame, subject_id: str) -> None:
        """A participant's engine and links are ready; play begins when everybody's are."""
        game = open_game.game
        if game.mark_ready(subject_id):
            self._on_started(game.subject_ids)
            start = {"game_id": game.game_id, "countdown_ms": COUNTDOWN_MS}
            for receiver in game.subject_ids:
                self._effects.emit("game_start", receiver, start)
            self.write(open_game, lambda record: record.log_event("game_start"))

    def report_finished(self, open_game: OpenGame, subject_id: str, reason: EndReason) -> None:
        """A participant's game is over for this reason, before or after play began."""
        game = open_game.game
        if game.started or game.end_reason is not None:
            overall = game.report_finished(subject_id, reason, self._clock())
            if overall is not None:
                self.end(game, overall)
        elif reason == "engine_error":
            self._fail_start(game, unconnected=[], ended={subject_id: reason})
        else:
            self._fail_start(game, unconnected=_unconnected(game))

    def end(
        self,
        game: RemoteGame,
        reason: EndReason,
        own_reasons: Mapping[str, EndReason] = MappingProxyType({}),
        *,
        gone: Collection[str] = (),
    ) -> None:
        """End a game for everybody; who is `gone` hears of it when they are back."""
        if game.end_reason is not None:
            return
        game.end(reason, self._clock())
        for subject_id in game.subject_ids:
            self._end_for(game, subject_id, own_reasons.get(subject_id, reason))
            if subject_id not in gone:
                self.resync(subject_id)
        open_game = self._open[game.game_id]
        open_game.gone.update(gone)
        self.write(open_game, lambda record: record.log_event("game_ended", reason=reason))

    def write(self, open_game: OpenGame, write: Callable[[GameRecord], object]) -> None:
        """Have something written to the record of a game, if it has one."""

        def carry_out() -> None:
            if open_game.record is not None:
                with open_game.record_lock:
                    write(open_game.record)

        self._effects.add(carry_out)

    def _open_record(self, open_game: OpenGame, new: NewGame) -> None:
        """Effect: begin the record. If that fails the game ends right after the invitations."""
        if self._data_store is None:
            return
        game = open_game.game
        try:
            open_game.record = self._data_store.open_game(
                self._scene.scene_id, game.game_id, new.match
            )
        except Exception:
            logger.exception("The record of game %s could not be opened", game.game_id)
            with self._effects.deciding():
                if game.end_reason is None:
                    self._fail_start(game, unconnected=_unconnected(game))

    def _invite(self, open_game: OpenGame, subject_id: str, payload: dict[str, Any]) -> None:
        """Effect: send `game_created`, but not to a page that was loaded after the decision."""
        if subject_id not in open_game.gone:
            self._effects.emit_now("game_created", subject_id, payload)

    def _fail_start(
        self,
        game: RemoteGame,
        *,
        unconnected: list[Pair],
        gone: Collection[str] = (),
        ended: Mapping[str, EndReason] = MappingProxyType({}),
    ) -> None:
        """Give a group back to the waitroom, except who is gone, away or unable to play.

        Those who are away, and those who are gone if they come back, may join again.
        """
        game.end("start_timeout", self._clock())
        self._open[game.game_id].gone.update(gone)
        back: list[Seat] = []
        for seat in game.seats:
            subject_id = seat.subject_id
            if subject_id in ended:
                self._end_for(game, subject_id, ended[subject_id])
                self.resync(subject_id)
                continue
            del self._game_of[subject_id]
            self._states.move(subject_id, ParticipantState.IN_WAITROOM)
            payload = _ended_payload(game, "start_timeout")
            if subject_id in gone or game.is_away(subject_id):
                self._states.move(subject_id, ParticipantState.IDLE)
                if subject_id not in gone:
                    self._ended[subject_id] = payload
            else:
                back.append(seat)
                self._effects.emit("game_ended", subject_id, payload)
        self._on_start_failed(game.game_id, back, unconnected)

    def _end_for(self, game: RemoteGame, subject_id: str, reason: EndReason) -> None:
        self._states.move(subject_id, ParticipantState.GAME_ENDED)
        self._ended[subject_id] = _ended_payload(game, reason)

    def _close(self, open_game: OpenGame) -> None:
        reason = open_game.game.end_reason
        assert reason is not None, "only ended games are closed"
        del self._open[open_game.game.game_id]
        self.write(open_game, lambda record: record.close(reason))


def _unconnected(game: RemoteGame) -> list[Pair]:
    """The pairs of a game that did not start of which not both were ready."""
    return [
        (lower.subject_id, higher.subject_id)
        for lower, higher in seat_pairs(game)
        if not (game.is_ready(lower.subject_id) and game.is_ready(higher.subject_id))
    ]


def _ended_payload(game: RemoteGame, reason: EndReason) -> dict[str, Any]:
    messages = END_MESSAGES if len(game.seats) <= 2 else GROUP_END_MESSAGES
    return {"game_id": game.game_id, "reason": reason, "message": messages[reason]}
