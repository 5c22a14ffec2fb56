"""The games of one scene, from their creation until their last frames have arrived.

Carries out the rules of RemoteGame. All methods run inside the manager's transaction, except those
that are called an effect.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.data.record import Record
from interactive_gym.server.games.endings import GameEndings
from interactive_gym.server.games.open_game import EngineFailure, NewGame, OpenGame
from interactive_gym.server.games.reloads import GameReloads, stored_history
from interactive_gym.server.games.remote_game import (
    Completeness,
    Cut,
    CutReason,
    Departure,
    EndReason,
    RemoteGame,
    Seat,
    seat_pairs,
)
from interactive_gym.server.ledger.decision_log import DecisionLog
from interactive_gym.server.matching.candidate import Pair
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.participants.journal import Place
from interactive_gym.server.participants.participant_log import ParticipantLog
from interactive_gym.server.participants.participant_state import ParticipantState
from interactive_gym.server.participants.shared_parts import SharedParts
from interactive_gym.server.settings import GameScene

logger = logging.getLogger(__name__)

COUNTDOWN_MS = 3000
"""From `game_start` to the first tick, in milliseconds."""


@dataclass(frozen=True)
class FailedStart:
    """A game that could not start."""

    game_id: str
    """The game's id."""

    back: Sequence[Seat]
    """The seats of participants who wait again."""

    unconnected: Sequence[Pair]
    """The pairs that did not connect."""


class RunningGames:
    """The games of one scene.

    Args:
        scene: the game scene.
        outbox: the manager's outbox, whose clock it reads.
        shared: participants' states, previous partners and the data store.
        participants: logs participants' progress.
        endings: tells participants how their games ended.
        log: the match ledger.
    """

    def __init__(
        self,
        scene: GameScene,
        outbox: Outbox,
        shared: SharedParts,
        *,
        participants: ParticipantLog,
        endings: GameEndings,
        log: DecisionLog,
    ) -> None:
        self._scene = scene
        self._outbox = outbox
        self._shared = shared
        self._endings = endings
        self._log = log
        self._participants = participants
        self._clock = outbox.now_s
        self._reloads = GameReloads(outbox, return_timeout_ms=scene.return_timeout_ms)
        self._failed_starts: list[FailedStart] = []
        self._engine_failures: list[EngineFailure] = []
        self._open: dict[str, OpenGame] = {}
        self._game_of: dict[str, OpenGame] = {}

    def create(self, new: NewGame) -> OpenGame:
        """Add a new game. Call `invite` once its record has begun."""
        open_game = OpenGame(new, self._outbox)
        self._open[new.game.game_id] = open_game
        for subject_id in new.game.subject_ids:
            self._game_of[subject_id] = open_game
            self._endings.forget(subject_id)
        return open_game

    def begin_record(self, open_game: OpenGame) -> None:
        """Begin a game's record, if records are kept. An effect.

        Raises:
            OSError: the record cannot be begun.
        """
        if self._shared.data_store is not None:
            open_game.record = self._shared.data_store.open_game(
                self._scene.scene_id, open_game.game.game_id, open_game.new.match
            )
            open_game.game.is_restorable = True

    def invite(self, open_game: OpenGame) -> None:
        """Send `game_created` to a game's participants."""
        for subject_id, payload in open_game.new.payloads.items():
            self._outbox.add(partial(self._invite, open_game, subject_id, payload))

    def give_up(self, open_game: OpenGame) -> None:
        """End a game that cannot start because its record could not be begun."""
        if open_game.game.end_reason is None:
            self._fail_start(open_game, unconnected=_unconnected(open_game.game))

    def take_failed_starts(self) -> list[FailedStart]:
        """The games that could not start since the last call."""
        failed, self._failed_starts = self._failed_starts, []
        return failed

    def take_engine_failures(self) -> list[EngineFailure]:
        """What pages have told of environments that fail, since the last call."""
        told, self._engine_failures = self._engine_failures, []
        return told

    def take_up(self, new: NewGame) -> None:
        """Go on with a game that was open when the server was stopped; then `restore` its players.

        Raises:
            OSError: what is stored of it cannot be read.
        """
        game = new.game
        left = [gone.seat for gone in game.departures if gone.reason == "finished"]
        record = None
        if self._shared.data_store is not None:
            record = self._shared.data_store.take_up_game(self._scene.scene_id, new.match, left)
        open_game = self._open[game.game_id] = OpenGame(new, self._outbox, record)
        open_game.desync = None if record is None else record.desync
        game.is_restorable = record is not None

    def restore(self, place: Place) -> None:
        """Take a participant back into their game, or keep how it has ended for their return."""
        subject_id = place.subject_id
        open_game = self._open.get(place.game_id or "")
        if open_game is not None and not open_game.game.is_over_for(subject_id):
            self._game_of[subject_id] = open_game
            self._shared.states.restore(subject_id, ParticipantState.IN_GAME)
        elif place.ended is not None:
            self._endings.restore(subject_id, place.ended)
            left = self._open.get(place.ended.game_id)
            if left is not None:
                # The server may have been killed before it wrote this into the game's own events.
                left.game.dismiss(subject_id)
        elif place.game_id is not None:
            reason: EndReason = "server_stopped" if place.has_started else "start_timeout"
            self._endings.end(place.game_id, subject_id, reason)
        if self._endings.reason_of(subject_id) not in (None, "start_timeout"):
            self._shared.states.restore(subject_id, ParticipantState.GAME_ENDED)

    def depart(self, subject_id: str) -> None:
        """Remove a participant who has left for good; they are told nothing more of their game.

        Before the start the others go back to the waitroom.
        """
        open_game = self._game_of.get(subject_id)
        if open_game is not None and open_game.game.started:
            self._cut(open_game, open_game.seat_of(subject_id), "disconnected")
        elif open_game is not None:
            self._fail_start(open_game, unconnected=[], gone={subject_id})

    def disconnect(self, subject_id: str) -> None:
        """Note that a participant of a game is disconnected."""
        open_game = self._game_of.get(subject_id)
        if open_game is not None:
            open_game.game.mark_away(subject_id, self._clock())
            open_game.write_event("disconnected", subject_id)
            if open_game.seat_of(subject_id) in open_game.returning:
                self._reloads.note_returning(open_game, subject_id, None)

    def reconnect(self, subject_id: str) -> None:
        """Note that the page of a participant of a game is connected again."""
        open_game = self._game_of.get(subject_id)
        if open_game is not None:
            open_game.game.mark_back(subject_id, self._clock())
            open_game.write_event("reconnected", subject_id)

    def reload(self, subject_id: str) -> None:
        """Note that a participant reloaded the page, which lost its state of their game.

        Before the start the others go back to the waitroom, and this participant may join them.
        After it they may come back with `rejoin`, unless the game is about to end.
        """
        open_game = self._game_of.get(subject_id)
        if open_game is None:
            return
        game = open_game.game
        if not game.started:
            self._fail_start(open_game, unconnected=[], gone={subject_id})
            return
        open_game.write_event("reloaded", subject_id)
        if game.is_finishing:
            game.dismiss(subject_id)
            self._end_for(open_game, subject_id, game.outcome)
        else:
            game.mark_reloaded(subject_id, self._clock())
            self._reloads.note_returning(open_game, subject_id, 0.0)
        self._end_if_due(open_game, untold={subject_id})

    def rejoin(self, subject_id: str) -> None:
        """Return a page that was loaded during the game to it."""
        open_game = self._game_of.get(subject_id)
        if open_game is None or not open_game.game.started:
            return
        if open_game.game.is_new_page(subject_id):
            open_game.game.note_asked(subject_id, self._clock())
            open_game.returning.pop(open_game.seat_of(subject_id), None)
            self._restore_if_due(open_game)
        if not open_game.is_restoring:
            self._reloads.rejoin(open_game, subject_id)

    def resync(self, subject_id: str) -> None:
        """Send a participant who has just connected the present state of their game."""
        self._endings.tell(subject_id)
        open_game = self._game_of.get(subject_id)
        if open_game is not None and open_game.game.started:
            self._reloads.resync(open_game, subject_id)

    def missed_the_return(self, subject_id: str) -> bool:
        """Whether this participant was away when their game could not start."""
        return self._endings.reason_of(subject_id) == "start_timeout"

    def forget(self, subject_id: str) -> None:
        """Drop the ending of a participant who has moved on from their ended game."""
        if subject_id not in self._game_of:
            self._endings.forget(subject_id)
            if self._shared.states.state_of(subject_id) is ParticipantState.GAME_ENDED:
                self._shared.states.move(subject_id, ParticipantState.IDLE)

    def tick(self) -> None:
        """Enforce the time limits of every game."""
        for open_game in list(self._open.values()):
            self.note_stored_desync(open_game)
            self._cut_if_due(open_game)
            self._release_if_due(open_game)
            self._end_if_due(open_game)
            now_s = self._clock()
            if not open_game.is_delayed(now_s) and open_game.game.is_over(now_s):
                self._close(open_game)

    @property
    def open_count(self) -> int:
        """How many games go on, or still accept data."""
        return len(self._open)

    def stop(self) -> None:
        """End all games because the server is about to be stopped.

        Participants of games that have not started wait again, until the server is back.
        """
        for open_game in list(self._open.values()):
            if open_game.game.started:
                self.end(open_game, "server_stopped")
            elif open_game.game.end_reason is None:
                self._fail_start(open_game, unconnected=[])

    def close(self) -> None:
        """Close the records of all games, which must have ended."""
        for open_game in list(self._open.values()):
            self._close(open_game)

    def meant(self, game_id: str) -> OpenGame | None:
        """The game with this id, while it accepts data."""
        return self._open.get(game_id)

    def mark_ready(self, open_game: OpenGame, subject_id: str) -> None:
        """Note that a page's engine and links are ready; play begins or goes on if it can."""
        game = open_game.game
        had_started = game.started
        if not game.mark_ready(subject_id, self._clock()):
            return
        if had_started:
            self._start(game, [subject_id], countdown_ms=0)
            return
        self._shared.history.record(game.subject_ids)
        for subject_id in game.subject_ids:
            self._participants.note("game_started", subject_id, game_id=game.game_id)
        self._start(game, game.subject_ids, countdown_ms=COUNTDOWN_MS)
        open_game.write(lambda record: record.log_event("game_start"))

    def mark_resumed(self, open_game: OpenGame, subject_id: str, frame: int) -> None:
        """Note that a page loaded during the game has simulated all frames up to `frame`."""
        if open_game.game.mark_resumed(subject_id, self._clock()):
            open_game.write_event("resumed", subject_id, frame=frame)

    def note_returning(self, open_game: OpenGame, subject_id: str, fraction: float) -> None:
        """Note how far a page that is coming back has loaded the game."""
        if open_game.game.is_new_page(subject_id) and not open_game.game.is_over_for(subject_id):
            self._reloads.note_returning(open_game, subject_id, fraction)

    def report_lost(self, open_game: OpenGame, subject_id: str, seat: int) -> None:
        """Note that a participant no longer receives anything from a seat."""
        if not open_game.game.is_over_for(subject_id):
            open_game.game.report_lost(subject_id, seat, self._clock())
            self._cut_if_due(open_game)

    def quit(self, open_game: OpenGame, subject_id: str, reason: CutReason) -> None:
        """Take a participant out of the game, as their page asks for."""
        game = open_game.game
        if game.is_over_for(subject_id) or not game.is_waited_for(subject_id):
            return
        if game.started:
            self._cut(open_game, open_game.seat_of(subject_id), reason)
            self._endings.tell(subject_id)
        else:
            self._fail_start(open_game, unconnected=[], ended={subject_id: reason})

    def report_finished(
        self,
        open_game: OpenGame,
        subject_id: str,
        reason: EndReason,
        *,
        completeness: Completeness,
    ) -> None:
        """Note that a participant's game is over for this reason, before or after the start."""
        game = open_game.game
        if reason == "engine_error":
            self._engine_failures.append(EngineFailure(subject_id, open_game.new.match))
        if game.started or game.end_reason is not None:
            decision = game.report_finished(
                subject_id, reason, self._clock(), completeness=completeness
            )
            if game.end_reason is None and isinstance(decision, Cut):
                self._cut(open_game, decision.seat, decision.reason)
                self._endings.tell(subject_id)
            elif decision is not None and not isinstance(decision, Cut):
                self.end(open_game, decision)
            self._end_if_due(open_game)
        elif reason == "engine_error":
            self._fail_start(open_game, unconnected=[], ended={subject_id: reason})
        else:
            self._fail_start(open_game, unconnected=_unconnected(game))

    def note_desync(self, open_game: OpenGame, desync: Desync) -> None:
        """Keep a difference between participants' copies. It ends nothing: one of them may lie."""
        if desync.is_before(open_game.desync):
            open_game.desync = desync
            open_game.write(lambda record: record.note_desync(desync))

    def note_stored_desync(self, open_game: OpenGame) -> None:
        """Keep a difference that the game's record has found in what was uploaded."""
        if open_game.record is not None and open_game.record.desync is not None:
            self.note_desync(open_game, open_game.record.desync)

    def report_desync(self, open_game: OpenGame, subject_id: str, desync: Desync) -> None:
        """Note that a participant's page has found a desync. Once two have, it ends the game."""
        open_game.told_desyncs.add(desync)
        reason = open_game.game.report_desync(subject_id, self._clock())
        if reason is not None:
            self.end(open_game, reason)

    def end(self, open_game: OpenGame, reason: EndReason, *, untold: Collection[str] = ()) -> None:
        """End a game for all who are still in it; those `untold` are told in `resync`."""
        game = open_game.game
        if game.end_reason is not None:
            return
        if reason == "desync":
            for desync in sorted(open_game.told_desyncs, key=lambda told: told.frame):
                self.note_desync(open_game, desync)
        elif reason == "completed" and open_game.desync is not None:
            reason = "desync"
        game.end(reason, self._clock())
        if reason == "engine_error":
            logger.warning("Game %s: an engine failed; events.jsonl says why.", game.game_id)
        for seat in game.remaining:
            told = game.reason_for(seat.subject_id, reason)
            self._end_for(open_game, seat.subject_id, told)
            if seat.subject_id not in untold:
                self._endings.tell(seat.subject_id)
        open_game.write(lambda record: record.log_event("game_ended", reason=reason))

    def _invite(self, open_game: OpenGame, subject_id: str, payload: dict[str, Any]) -> None:
        """Effect: send `game_created`, but not to a page that was loaded after the decision."""
        if subject_id not in open_game.gone:
            told = open_game.invitation(subject_id, payload)
            self._outbox.emit_now("game_created", subject_id, told)

    def _start(self, game: RemoteGame, receivers: Sequence[str], *, countdown_ms: int) -> None:
        for receiver in receivers:
            start = {"game_id": game.game_id, "countdown_ms": countdown_ms}
            self._outbox.emit("game_start", receiver, start)

    def _cut_if_due(self, open_game: OpenGame) -> None:
        timeout_s = self._scene.partner_timeout_ms / 1000
        return_s = self._scene.return_timeout_ms / 1000
        while (cut := open_game.game.due_cut(self._clock(), timeout_s, return_s)) is not None:
            self._cut(open_game, cut.seat, cut.reason)
            self._endings.tell(open_game.game.seats[cut.seat].subject_id)

    def _cut(self, open_game: OpenGame, seat: int, reason: CutReason) -> None:
        """Cut a seat, which may end the game."""
        game = open_game.game
        game.cut(Cut(seat, reason), self._clock())
        self._end_for(open_game, game.seats[seat].subject_id, reason)
        # Before the others know, as their next rows may be without this seat.
        open_game.write(lambda record: record.note_cut(seat, reason))
        self._tell_departure(open_game, Departure(seat, reason))
        self._end_if_due(open_game)

    def _release_if_due(self, open_game: OpenGame) -> None:
        """Let those go who have finished and waited long enough for the others."""
        game = open_game.game
        while (departure := self._due_release(open_game)) is not None:
            seat, subject_id = departure.seat, game.seats[departure.seat].subject_id
            if departure.reason != "finished":
                self._cut(open_game, seat, departure.reason)
            else:
                game.release(departure, self._clock())
                self._end_for(open_game, subject_id, game.reason_for(subject_id, game.outcome))
                open_game.write(partial(_note_left, seat=seat))
                self._tell_departure(open_game, departure)
            self._endings.tell(subject_id)

    def _due_release(self, open_game: OpenGame) -> Departure | None:
        return open_game.game.due_release(self._clock(), open_game.frames_stored(), open_game.fps)

    def _tell_departure(self, open_game: OpenGame, departure: Departure) -> None:
        for other in open_game.game.remaining:
            if not open_game.game.is_new_page(other.subject_id):
                open_game.tell_cut(departure, other.subject_id)

    def _end_if_due(self, open_game: OpenGame, *, untold: Collection[str] = ()) -> None:
        game = open_game.game
        reason = game.due_end(self._clock(), self._scene.partner_timeout_ms / 1000)
        if reason == "start_timeout":
            self._fail_start(open_game, unconnected=_unconnected(game))
        elif reason is not None:
            self.end(open_game, reason, untold=untold)
        else:
            self._restore_if_due(open_game)

    def _restore_if_due(self, open_game: OpenGame) -> None:
        """Have the stored frames read if no page holds the game and one asks for it."""
        if open_game.game.must_be_restored and not open_game.is_restoring:
            open_game.is_restoring = True
            self._outbox.add(partial(self._restore, open_game))

    def _restore(self, open_game: OpenGame) -> None:
        """Effect: give the pages of a game that none of them holds what is stored of it."""
        game = open_game.game
        history = None if open_game.desync else stored_history(open_game)
        with self._outbox.transaction():
            open_game.is_restoring, open_game.history = False, history
            game.is_restorable = history is not None
            if game.end_reason is None and history is not None:
                for subject_id in game.restore(self._clock()):
                    self._reloads.rejoin(open_game, subject_id)
            self._end_if_due(open_game)

    def _fail_start(
        self,
        open_game: OpenGame,
        *,
        unconnected: list[Pair],
        gone: Collection[str] = (),
        ended: Mapping[str, EndReason | CutReason] = MappingProxyType({}),
    ) -> None:
        """End a game that cannot start, for `take_failed_starts`.

        The group goes back to the waitroom, except participants who are gone, away or unable to
        play. Those who were away or gone may join again when they come back.
        """
        game = open_game.game
        game.end("start_timeout", self._clock())
        open_game.gone.update(gone)
        back: list[Seat] = []
        for seat in game.seats:
            subject_id = seat.subject_id
            if subject_id in ended:
                self._end_for(open_game, subject_id, ended[subject_id])
                self._endings.tell(subject_id)
                continue
            del self._game_of[subject_id]
            self._shared.states.move(subject_id, ParticipantState.IN_WAITROOM)
            if subject_id in gone or game.is_away(subject_id):
                self._shared.states.move(subject_id, ParticipantState.IDLE)
                if subject_id not in gone:
                    self._endings.end(game.game_id, subject_id, "start_timeout")
            else:
                back.append(seat)
                self._endings.tell_failed_start(game.game_id, subject_id)
        self._failed_starts.append(FailedStart(game.game_id, back, unconnected))

    def _end_for(self, open_game: OpenGame, subject_id: str, reason: EndReason | CutReason) -> None:
        """End the game for this participant; `GameEndings.tell` tells them."""
        del self._game_of[subject_id]
        self._shared.states.move(subject_id, ParticipantState.GAME_ENDED)
        self._endings.end(open_game.game.game_id, subject_id, reason)

    def _close(self, open_game: OpenGame) -> None:
        game = open_game.game
        reason = game.end_reason
        assert reason is not None, "only ended games are closed"
        del self._open[game.game_id]
        cuts = [asdict(cut) for cut in game.cuts]
        self._log.game_ended(game.game_id, reason, cuts, open_game.desync)
        open_game.write(lambda record: record.close(reason))


def _note_left(record: Record, *, seat: int) -> None:
    record.note_left(seat)


def _unconnected(game: RemoteGame) -> list[Pair]:
    """The pairs that did not connect in a game that did not start: not both were ready."""

    return [
        (lower.subject_id, higher.subject_id)
        for lower, higher in seat_pairs(game)
        if not (game.is_ready(lower.subject_id) and game.is_ready(higher.subject_id))
    ]
