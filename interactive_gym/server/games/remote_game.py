"""The rules of one game: its seats, their presence, and when and why it ends.

RunningGames keeps the games and carries out what these rules decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from interactive_gym.server.games.dead_links import DeadLinks
from interactive_gym.server.games.player import Player
from interactive_gym.server.games.player import Seat as Seat

EndReason = Literal[
    "completed",
    "partner_lost",
    "start_timeout",
    "desync",
    "engine_error",
    "reloaded",
    "server_stopped",
]
"""Why a game ended, as in `game_ended` for those who stayed."""

CutReason = Literal[
    "disconnected",
    "not_loaded",
    "connection_lost",
    "hidden",
    "idle",
    "desync",
    "engine_error",
    "unwitnessed",
    "unfinished",
]
"""Why a seat was cut, as in `game_cut`.

The last four are said by its own page alone: that copies differ, that the environment failed, that
a partner was lost, or that the game was over.
"""

Completeness = Literal["complete", "open", "incomplete"]
"""Whether the stored frames of a seat reach the game's end. `open`: only the environment knows
where that is, and the frames do not show that it was reached."""

DepartureReason = CutReason | Literal["finished"]
"""Why a seat is not played any more: it was cut, or its participant has finished before others."""

START_TIMEOUT_S = 30.0
"""How long a group may take to be ready, in seconds."""

FINISH_GRACE_S = 10.0
"""How long the others may take to report, in seconds, after a seat has finished or found a desync,
or after a cut that ends the game."""

EARLIEST_END = 0.9
"""The least part of the time of its frames after which a game can be over that only one participant
says is over."""

RESUME_TIMEOUT_S = 120.0
"""How long a page that is back after a reload may take to simulate the game again, in seconds."""

OUTAGE_TIMEOUT_S = 900.0
"""How long all who still play may be away at once, in seconds: they may play on without the server,
or have to bring their frames."""

LONE_WITNESS_S = 60.0
"""How much longer somebody may be away of whom only some partners say that they are lost, in
seconds."""

LATE_FRAMES_S = 5.0
"""How long frames are still taken after a game ended, in seconds."""

MAX_INCARNATION = 255
"""How often a participant may reload the page during a game; datagrams have a byte for it."""


@dataclass(frozen=True)
class Cut:
    """A seat that was cut from the game."""

    seat: int
    """The seat."""

    reason: CutReason
    """Why it was cut."""


@dataclass(frozen=True)
class Departure:
    """A seat that is not played any more."""

    seat: int
    """The seat."""

    reason: DepartureReason
    """Why."""


class RemoteGame:
    """The state of one game, from its creation until its last frames have arrived.

    Args:
        game_id: the game's id.
        seats: one for every participant, in seat order.
        created_at_s: now, in seconds of the manager's clock, like all times here.
        ends_on_cut: whether the game ends at the last frame of a lost participant.
    """

    def __init__(
        self, game_id: str, seats: Sequence[Seat], created_at_s: float, *, ends_on_cut: bool = True
    ) -> None:
        self.game_id = game_id
        self.seats = tuple(seats)
        self.created_at_s = created_at_s
        self.ends_on_cut = ends_on_cut
        self.cuts: list[Cut] = []
        self.departures: list[Departure] = []
        """The seats that the others go on without, cut or finished, in order."""
        self.started_at_s: float | None = None
        """When play began, in seconds."""
        self.is_restorable = False
        """Whether frames are stored from which the game can go on if no page holds it."""
        self._is_restored = False
        self._players = {seat.subject_id: Player(seat) for seat in self.seats}
        self._dead_links = DeadLinks()
        self._reported: set[str] = set()
        self._settling_since_s = created_at_s
        self._ended_at_s: float | None = None
        self._end_reason: EndReason | None = None

    @property
    def subject_ids(self) -> list[str]:
        """The participants in seat order."""
        return [seat.subject_id for seat in self.seats]

    @property
    def remaining(self) -> list[Seat]:
        """The seats for which the game is not over, in seat order."""
        return [player.seat for player in self._remaining()]

    @property
    def started(self) -> bool:
        """Whether all participants were ready, so that play began."""
        return self.started_at_s is not None

    @property
    def end_reason(self) -> EndReason | None:
        """Why the game ended; `None` while it has not."""
        return self._end_reason

    @property
    def outcome(self) -> EndReason:
        """The reason with which the game ends if nothing else happens."""
        if any(map(self._has_completed, self._players.values())):
            return "completed"
        reasons = {cut.reason for cut in self.cuts}
        if not self._remaining():
            if reasons == {"engine_error"}:
                return "engine_error"
            if reasons == {"desync"}:
                return "desync"
        return "partner_lost"

    def seat_of(self, subject_id: str) -> Seat | None:
        """This participant's seat; `None` if they are not in the game."""
        player = self._players.get(subject_id)
        return None if player is None else player.seat

    def is_over_for(self, subject_id: str) -> bool:
        """Whether the game has ended, for all or for this participant."""
        player = self._players[subject_id]
        return self._end_reason is not None or player.is_dismissed

    def is_ready(self, subject_id: str) -> bool:
        """Whether this participant's page has its links and its engine."""
        return self._players[subject_id].is_ready

    def is_away(self, subject_id: str) -> bool:
        """Whether this participant is disconnected."""
        return not self._players[subject_id].is_connected

    def is_new_page(self, subject_id: str) -> bool:
        """Whether this participant's page was loaded during the game and not invited yet."""
        return not self._players[subject_id].knows_game

    def is_waited_for(self, subject_id: str) -> bool:
        """Whether this participant has still to play or to report."""
        player = self._players[subject_id]
        return not (player.is_dismissed or player.has_finished)

    @property
    def incarnations(self) -> dict[int, int]:
        """How often the page of each remaining seat was invited again after a reload, by seat."""
        return {player.seat.seat: player.incarnation for player in self._remaining()}

    def mark_ready(self, subject_id: str, now_s: float) -> bool:
        """Note that a page is ready; true if that starts the game or it may play at once.

        It may play at once if its participant returns, or if it was ready before and missed the
        start.
        """
        player = self._players[subject_id]
        if self._end_reason is not None or player.is_dismissed or not player.knows_game:
            return False
        was_ready, player.is_ready = player.is_ready, True
        if self.started:
            if not was_ready:
                player.resuming_since_s = now_s
                self._note_presence(player, now_s)
            return True
        if all(player.is_ready for player in self._players.values()):
            self.started_at_s = now_s
        return self.started

    def mark_away(self, subject_id: str, now_s: float) -> None:
        """Note that a participant is disconnected, since now unless they were absent before."""
        player = self._players[subject_id]
        player.is_connected = False
        self._note_presence(player, now_s)

    def mark_back(self, subject_id: str, now_s: float) -> None:
        """Note that a participant is connected again."""
        player = self._players[subject_id]
        player.is_connected = True
        self._note_presence(player, now_s)

    def mark_reloaded(self, subject_id: str, now_s: float) -> None:
        """Note that a participant reloaded the page during the game, so that it lost its state."""
        player = self._players[subject_id]
        if player.is_ready:
            # There may be frames beyond those that it was restored from.
            self._is_restored = False
        player.lose_page(now_s)
        self._note_presence(player, now_s)

    def invite_again(self, subject_id: str) -> bool:
        """Invite a reloaded page; true if that raised its incarnation, false if it may not play."""
        player = self._players[subject_id]
        if player.knows_game or player.incarnation == MAX_INCARNATION:
            return False
        player.knows_game = True
        player.incarnation += 1
        return True

    def note_asked(self, subject_id: str, now_s: float) -> None:
        """Note that a page has loaded the game again and asks to be brought back into it."""
        self._players[subject_id].has_asked = True
        self._settling_since_s = now_s

    def is_returning(self, subject_id: str) -> bool:
        """Whether this participant's page is connected and on its way back into the game."""
        return self._players[subject_id].is_returning

    def loading_for_s(self, subject_id: str, now_s: float) -> float:
        """For how long this participant's page has been loading the game again, in seconds."""
        since_s = self._players[subject_id].loading_since_s
        return 0.0 if since_s is None else now_s - since_s

    @property
    def is_held(self) -> bool:
        """Whether a page that is in the game has all its frames."""
        return any(player.holds_game for player in self._remaining())

    @property
    def must_be_restored(self) -> bool:
        """Whether pages that ask to be brought back can only be given what is stored."""
        if not self.started or self._end_reason is not None or self.is_held:
            return False
        is_asked = any(player.awaits_invitation for player in self._remaining())
        return self.is_restorable and is_asked and not self._is_restored

    @property
    def next_incarnations(self) -> list[int]:
        """The incarnation of each seat's next page; that of a seat that is gone is none."""
        return [
            MAX_INCARNATION + 1 if player.is_dismissed else player.incarnation + 1
            for player in self._players.values()
        ]

    def restore(self, now_s: float) -> list[str]:
        """Have all go on from the stored frames; returns who can be invited at once.

        Whoever is away is invited once they are back and ask.
        """
        self._is_restored = True
        for player in self._remaining():
            player.forget_game()
            if player.loading_since_s is None:
                player.loading_since_s = now_s
            self._note_presence(player, now_s)
        return [player.seat.subject_id for player in self._remaining() if player.awaits_invitation]

    def mark_resumed(self, subject_id: str, now_s: float) -> bool:
        """Note that a page has simulated all frames again; false if it was not expected to."""
        player = self._players[subject_id]
        if player.holds_game or not player.is_ready or player.is_dismissed:
            return False
        player.holds_game = True
        self._is_restored = False
        player.resuming_since_s = None
        self._settling_since_s = now_s
        return True

    def absent_for_s(self, subject_id: str, now_s: float) -> float:
        """For how long this participant has been absent, in seconds; 0 if they are present."""
        since_s = self._players[subject_id].absent_since_s
        return 0.0 if since_s is None else now_s - since_s

    def report_lost(self, reporter: str, seat: int, now_s: float) -> None:
        """Note that a participant receives nothing from a seat; ignored for who has finished."""
        awaited = self._awaited()
        if self._players[reporter] in awaited and self._players[self.subject_ids[seat]] in awaited:
            self._dead_links.report(self._players[reporter].seat.seat, seat, now_s)

    def due_cut(
        self, now_s: float, partner_timeout_s: float, return_timeout_s: float
    ) -> Cut | None:
        """The cut that is due now, if any; call again after making it.

        A connection to the server that is lost says nothing of those between participants. So
        nobody who is away is cut while a partner hears them. A page that is connected and loads the
        game again has a limit of its own.

        Args:
            now_s: now, in seconds.
            partner_timeout_s: how long a participant may be away, in seconds.
            return_timeout_s: how long a page may take to load the game again, in seconds.
        """
        if not self.started or self._end_reason is not None:
            return None
        awaited = self._awaited()
        present = [player.seat.seat for player in self._playing()]
        for player in awaited:
            if self._is_away_too_long(player, present, now_s, partner_timeout_s):
                return Cut(player.seat.seat, "disconnected")
            if player.is_returning:
                is_loading = not player.has_asked
                if is_loading and self._loads_too_long(player, now_s, return_timeout_s):
                    return Cut(player.seat.seat, "not_loaded")
                if not is_loading and self._connects_too_long(now_s, partner_timeout_s):
                    return Cut(player.seat.seat, "connection_lost")
            if player.is_resuming_too_long(now_s, RESUME_TIMEOUT_S):
                return Cut(player.seat.seat, "not_loaded")
            if player.has_waited_for_a_witness(now_s, FINISH_GRACE_S):
                return Cut(player.seat.seat, "desync")
        lost = self._dead_links.lost_seat(present, now_s, in_game=len(awaited))
        return None if lost is None else Cut(lost.seat, lost.reason)

    def due_release(self, now_s: float, frames: Sequence[int], fps: float) -> Departure | None:
        """Who has finished and need not wait for the others any longer; call again after it.

        If their frames do not show the end, another copy goes on beyond theirs, or they were done
        sooner than their frames can be played, their game is `unfinished`.

        Args:
            now_s: now, in seconds.
            frames: how many frames of each seat are stored.
            fps: frames per second.
        """
        if self._end_reason is not None or self.started_at_s is None or not self._awaited():
            return None
        for player in self._remaining():
            finished_at_s, seat = player.finished_at_s, player.seat.seat
            if finished_at_s is None or now_s < finished_at_s + FINISH_GRACE_S:
                continue
            is_true = player.says_completed or self._has_ended_by_a_loss
            if player.says_completed and frames:
                played_s = finished_at_s - self.started_at_s
                others = [frames[other.seat.seat] for other in self._awaited()]
                is_early = played_s < EARLIEST_END * frames[seat] / fps
                is_true = max(others) <= frames[seat] and not is_early
                is_true = is_true and player.shows_completed
            return Departure(seat, "finished" if is_true else "unfinished")
        return None

    def release(self, departure: Departure, now_s: float) -> None:
        """Let a participant go who has finished before the others."""
        self._depart(departure, now_s)

    def cut(self, cut: Cut, now_s: float) -> None:
        """Go on without a seat."""
        self.cuts.append(cut)
        if cut.reason == "unfinished":
            self._players[self.subject_ids[cut.seat]].says_completed = False
        self._depart(Departure(cut.seat, cut.reason), now_s)

    def dismiss(self, subject_id: str) -> None:
        """Let a participant leave a game that is about to end."""
        self._players[subject_id].is_dismissed = True

    def report_finished(
        self,
        subject_id: str,
        reason: EndReason,
        now_s: float,
        *,
        completeness: Completeness = "complete",
    ) -> Cut | EndReason | None:
        """Note how the game ended for one seat.

        What a page says ends the game for its own participant. It ends it for the others only if
        they say the same.

        Args:
            subject_id: whose page it is.
            reason: what it says.
            now_s: now, in seconds.
            completeness: whether all frames that the game must have are stored of this seat.

        Returns:
            The cut that follows, or the reason for which the game ends for all, if any.
        """
        player = self._players[subject_id]
        self._reported.add(subject_id)
        if player.is_dismissed or player.has_finished:
            return None
        if reason == "desync":
            return self.report_desync(subject_id, now_s)
        if reason == "engine_error":
            return Cut(player.seat.seat, "engine_error")
        may_have_witness = len(self._remaining()) > 1
        if reason == "completed":
            is_shown, is_possible = completeness == "complete", completeness == "open"
        else:
            # The loss may be said by who finishes before the server has decided it.
            is_shown, is_possible = self._has_ended_by_a_loss, self.ends_on_cut
        if not (is_shown or (is_possible and may_have_witness)):
            return Cut(player.seat.seat, "unfinished")
        player.finished_at_s = now_s
        player.says_completed = reason == "completed"
        player.shows_completed = completeness == "complete"
        return None

    def report_desync(self, subject_id: str, now_s: float) -> EndReason | None:
        """Note that a page has found a desync; `desync` if another page has, too."""
        player = self._players[subject_id]
        if player.is_dismissed:
            return None
        if player.desync_at_s is None:
            player.desync_at_s = now_s
        witnesses = [other for other in self._players.values() if other.desync_at_s is not None]
        return "desync" if len(witnesses) > 1 else None

    def reason_for(self, subject_id: str, reason: EndReason) -> EndReason:
        """The reason that this participant is told when the game ends for all."""
        if self._has_completed(self._players[subject_id]):
            return "completed"
        return "partner_lost" if reason == "completed" else reason

    @property
    def is_finishing(self) -> bool:
        """Whether a seat has finished and the reports of the others are awaited."""
        return any(player.has_finished for player in self._players.values())

    def due_end(self, now_s: float, partner_timeout_s: float) -> EndReason | None:
        """Why the game has to end now; `None` if it goes on."""
        if self._end_reason is not None:
            return None
        if not self.started:
            somebody_is_lost = any(
                self.absent_for_s(subject_id, now_s) > partner_timeout_s
                for subject_id in self.subject_ids
            )
            too_late = now_s >= self.created_at_s + START_TIMEOUT_S
            return "start_timeout" if too_late or somebody_is_lost else None
        awaited = self._awaited()
        if not awaited:
            return self.outcome
        if not self.is_held and not self.is_restorable:
            return "reloaded"
        is_settling = self.ends_on_cut and self.cuts and len(self._playing()) == len(awaited)
        if is_settling and all(player.holds_game for player in awaited):
            return self.outcome if now_s >= self._settling_since_s + FINISH_GRACE_S else None
        return None

    def end(self, reason: EndReason, now_s: float) -> None:
        """End the game. Only the first reason counts."""
        if self._end_reason is None:
            self._end_reason = reason
            self._ended_at_s = now_s

    def is_over(self, now_s: float) -> bool:
        """Whether the game has ended and accepts no more frames."""
        if self._ended_at_s is None:
            return False
        # After a desync every copy counts, even of a page that has reported but not uploaded all.
        is_complete = len(self._reported) == len(self.seats) and self._end_reason != "desync"
        return is_complete or now_s >= self._ended_at_s + LATE_FRAMES_S

    def _is_away_too_long(
        self, player: Player, present: Sequence[int], now_s: float, partner_timeout_s: float
    ) -> bool:
        if player.away_since_s is None:
            return False
        away_s = now_s - player.away_since_s
        others = [other for other in self._awaited() if other is not player]
        if others and all(other.is_returning for other in others):
            # Their pages are new, so that none of them can hear it.
            return away_s > partner_timeout_s
        if not present:
            return away_s > max(OUTAGE_TIMEOUT_S, partner_timeout_s)
        saying_so = self._dead_links.reporters_of(player.seat.seat, present, now_s)
        is_said_by_all = len(saying_so) == len(present)
        return bool(saying_so) and away_s > partner_timeout_s + (
            0.0 if is_said_by_all else LONE_WITNESS_S
        )

    @staticmethod
    def _loads_too_long(player: Player, now_s: float, return_timeout_s: float) -> bool:
        since_s = player.loading_since_s
        return since_s is not None and now_s - since_s > return_timeout_s

    def _connects_too_long(self, now_s: float, partner_timeout_s: float) -> bool:
        """Whether a page that has loaded could have connected to the others by now.

        It cannot while one of them is away or loads.
        """
        if any(
            player.away_since_s is not None or (player.is_returning and not player.has_asked)
            for player in self._awaited()
        ):
            return False
        return now_s - self._settling_since_s > partner_timeout_s

    def _note_presence(self, player: Player, now_s: float) -> None:
        was_away = player.absent_since_s is not None
        player.note_presence(now_s, started=self.started)
        if was_away and player.absent_since_s is None:
            self._dead_links.forget(player.seat.seat)
        self._settling_since_s = now_s

    @property
    def _has_ended_by_a_loss(self) -> bool:
        return self.ends_on_cut and bool(self.departures)

    def _has_completed(self, player: Player) -> bool:
        """Whether a participant has played the game to its end: its frames or another say so."""
        witnesses = [other for other in self._players.values() if other.says_completed]
        return player.says_completed and (player.shows_completed or len(witnesses) > 1)

    def _depart(self, departure: Departure, now_s: float) -> None:
        self.departures.append(departure)
        self._players[self.subject_ids[departure.seat]].is_dismissed = True
        self._settling_since_s = now_s

    def _remaining(self) -> list[Player]:
        return [player for player in self._players.values() if not player.is_dismissed]

    def _awaited(self) -> list[Player]:
        """The players whose report is still expected."""
        return [player for player in self._remaining() if not player.has_finished]

    def _playing(self) -> list[Player]:
        """The awaited players who are present."""
        return [player for player in self._awaited() if player.absent_since_s is None]


def seat_pairs(game: RemoteGame) -> list[tuple[Seat, Seat]]:
    """All pairs of seats of a game, the lower seat first."""
    return list(combinations(game.seats, 2))
