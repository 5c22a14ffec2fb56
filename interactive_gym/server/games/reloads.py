"""Brings pages that were reloaded during a game back into it.

Used by RunningGames inside the manager's `transaction()`.
"""

from __future__ import annotations

import json
import logging

from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.history import history_text
from interactive_gym.netcode.resimulation import inputs_from_rows
from interactive_gym.server.games.invitations import recreated_payload
from interactive_gym.server.games.open_game import OpenGame
from interactive_gym.server.messages.outbox import Outbox

logger = logging.getLogger(__name__)


def stored_history(open_game: OpenGame) -> str | None:
    """What all pages of a game go on from that none of them holds; `None` if it cannot be read.

    It is read under the record's lock alone. Nothing that earlier pages upload is stored from then
    on.
    """
    record = open_game.record
    if record is None:
        return None
    # Whose payload it is makes no difference to the inputs.
    payload = next(iter(open_game.new.payloads.values()))
    try:
        config = GameConfig.from_json(json.dumps(payload["game"]))
        with record.lock:
            rows = record.restore(open_game.game.next_incarnations)
        return history_text(inputs_from_rows(rows, config))
    except (OSError, ValueError) as error:
        logger.error("Game %s cannot go on from its rows: %s", open_game.game.game_id, error)
        return None


class GameReloads:
    """Returns reloaded pages to the games of one scene.

    Args:
        outbox: the manager's outbox, whose clock it reads.
        return_timeout_ms: how long a page may take to load the game again, in milliseconds.
    """

    def __init__(self, outbox: Outbox, *, return_timeout_ms: int) -> None:
        self._outbox = outbox
        self._return_timeout_ms = return_timeout_ms
        self._clock = outbox.now_s

    def rejoin(self, open_game: OpenGame, subject_id: str) -> None:
        """Invite a page that was loaded during the game, again if it asks before it is ready.

        The other participants are told first that they have to connect to it anew.
        """
        game, seat = open_game.game, open_game.seat_of(subject_id)
        if game.invite_again(subject_id):
            for other in game.remaining:
                if other.subject_id != subject_id:
                    self._tell_reloaded(open_game, seat, other.subject_id)
            open_game.write_event("rejoined", subject_id, incarnation=game.incarnations[seat])
        elif game.is_ready(subject_id) or game.is_new_page(subject_id):
            return
        payload = recreated_payload(
            open_game.new.payloads[subject_id],
            seat=seat,
            incarnations=game.incarnations,
            history=None if game.is_held else open_game.history,
        )
        told = open_game.invitation(subject_id, payload)
        self._outbox.emit("game_created", subject_id, told)
        self._tell_cuts(open_game, subject_id)

    def resync(self, open_game: OpenGame, subject_id: str) -> None:
        """Tell a page that has just connected how to come back, or what it may have missed."""
        game = open_game.game
        if not game.is_new_page(subject_id):
            for seat, incarnation in game.incarnations.items():
                if incarnation and seat != open_game.seat_of(subject_id):
                    self._tell_reloaded(open_game, seat, subject_id)
            for seat, fraction in open_game.returning.items():
                self._tell_returning(open_game, seat, fraction, subject_id)
            self._tell_cuts(open_game, subject_id)
            return
        loading_ms = 1000 * game.loading_for_s(subject_id, self._clock())
        remaining_ms = max(0, round(self._return_timeout_ms - loading_ms))
        resumable = {"game_id": game.game_id, "remaining_ms": remaining_ms}
        self._outbox.emit("game_resumable", subject_id, resumable)

    def note_returning(self, open_game: OpenGame, subject_id: str, fraction: float | None) -> None:
        """Note how far a page has loaded the game again, and tell those who play.

        Args:
            open_game: the game.
            subject_id: whose page it is.
            fraction: from 0 to 1; `None` if it is not there any more.
        """
        seat = open_game.seat_of(subject_id)
        open_game.returning.pop(seat, None)
        if fraction is not None:
            open_game.returning[seat] = fraction
        for other in open_game.game.remaining:
            is_told = not open_game.game.is_new_page(other.subject_id)
            if is_told and other.subject_id != subject_id:
                self._tell_returning(open_game, seat, fraction, other.subject_id)

    def _tell_returning(
        self, open_game: OpenGame, seat: int, fraction: float | None, receiver: str
    ) -> None:
        payload = {"game_id": open_game.game.game_id, "seat": seat, "fraction": fraction}
        self._outbox.emit("game_peer_returning", receiver, payload)

    def _tell_reloaded(self, open_game: OpenGame, seat: int, receiver: str) -> None:
        game = open_game.game
        incarnation = game.incarnations[seat]
        payload = {"game_id": game.game_id, "seat": seat, "incarnation": incarnation}
        self._outbox.emit("game_peer_reloaded", receiver, payload)

    def _tell_cuts(self, open_game: OpenGame, receiver: str) -> None:
        for cut in open_game.game.departures:
            open_game.tell_cut(cut, receiver)
