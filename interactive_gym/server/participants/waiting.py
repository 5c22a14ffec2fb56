"""The waits of one game scene: how each begins and ends, and what participants are told.

Used by the GameManager inside its transaction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from interactive_gym.options.outcomes import Outcome
from interactive_gym.server.ledger.decision_log import DecisionLog
from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.reliability import Reliability
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.participants.outcome import OUTCOME_OF_REASON, WaitEnd
from interactive_gym.server.participants.participant_log import ParticipantLog
from interactive_gym.server.participants.participant_state import (
    ParticipantState,
    ParticipantStates,
)
from interactive_gym.server.participants.waitroom import Waitroom
from interactive_gym.server.probing.conduct import FailureCause
from interactive_gym.server.settings import GameScene

UPDATE_INTERVAL_S = 5.0
"""How often waiting participants are told that they still wait, in seconds."""

TURNS_IN_CROWD = 100
"""In a crowd every call tells this part of those who wait."""

_NO_DIRECT_CONNECTION = (
    "Your browser or network does not allow direct connections to other participants, which this "
    "study needs. We have tried it with several of them. Another browser, another network, or "
    "switching off a VPN may help."
)
_NO_ANSWER = (
    "Your browser did not answer in time when we connected you with other participants. We have "
    "tried it with several of them. Another browser, or closing other programs, may help."
)
UNSUITABLE_MESSAGES: Mapping[FailureCause, str] = {
    "no_candidates": _NO_DIRECT_CONNECTION,
    "not_connected": _NO_DIRECT_CONNECTION,
}
"""What a participant is told who cannot be connected, by the cause; by others their browser did not
answer."""

WAIT_ENDED_MESSAGES = {
    "waitroom_timeout": "We could not find anybody for you to play with this time.",
    "scene_failed": "There was a technical problem. It is not your fault.",
    "gave_up": "You have chosen not to wait any longer. You can still change your mind.",
    "idle": "You did not answer for a while, so you are not waiting any more. If you are still "
    "there, you can look for a game again.",
}
"""The scene's default message when a wait ends without a game while the page is connected: it was
too long, the game fails for everybody, or the participant chose to end it, or did not answer "are
you still there?"."""


class Waiting:
    """Begins and ends waits, and tells participants how they wait.

    Keeps the Waitroom, the participants' states, the ledger and the page in step.

    Args:
        scene: the game scene.
        outbox: the manager's outbox, whose clock it reads.
        states: the state of every participant.
        participants: logs participants' progress.
        statistics: learns how long participants wait.
        log: the match ledger.
        max_reservations: for how many pending matches one participant is held at most.
    """

    def __init__(
        self,
        scene: GameScene,
        outbox: Outbox,
        states: ParticipantStates,
        participants: ParticipantLog,
        statistics: MatchingStatistics,
        log: DecisionLog,
        max_reservations: int = 1,
    ) -> None:
        self._scene = scene
        self._outbox = outbox
        self._states = states
        self._statistics = statistics
        self._log = log
        self._participants = participants
        self._clock = outbox.now_s
        self.waitroom = Waitroom(max_reservations)
        """The waitroom."""
        self._outcomes: dict[str, Outcome] = {}
        self._waited_in_vain_s: dict[str, float] = {}
        self._waited_before: dict[str, float] = {}
        self._told_count = 0
        self._next_update_s = 0.0
        self._to_be_told: list[str] = []
        self._told_at_once = 0

    def is_free(self, subject_id: str) -> bool:
        """Whether a participant can be proposed: idle or waiting, and not in as many pending
        matches as they may be."""
        is_idle = self._states.state_of(subject_id) is ParticipantState.IDLE
        is_here = is_idle or subject_id in self.waitroom
        return is_here and self.waitroom.is_available(subject_id)

    def can_be_grouped(
        self, group: Sequence[MatchCandidate], arriving: MatchCandidate | None
    ) -> bool:
        """Whether all of a group are free and wait, or one of them is just arriving."""
        return all(
            self.is_free(member.subject_id)
            and (member is arriving or member.subject_id in self.waitroom)
            for member in group
        )

    def begin(self, subject_id: str, since_s: float | None = None) -> None:
        """Start a participant's wait, from now or from `since_s`, and tell them."""
        if subject_id not in self.waitroom:
            if self._states.state_of(subject_id) is not ParticipantState.IN_WAITROOM:
                self._states.move(subject_id, ParticipantState.IN_WAITROOM)
            since_s = self._clock() if since_s is None else since_s
            self.waitroom.add(subject_id, since_s)
            self._participants.note(
                "waitroom_entered", subject_id, waited_ms=self._waited_ms(since_s)
            )
        self.tell([subject_id])

    def end(self, subject_id: str, reason: str) -> bool:
        """End a participant's wait without a game; returns whether they were waiting.

        If their page is still there, it is told.
        """
        since_s = self.waitroom.remove(subject_id)
        if since_s is None:
            return False
        waited_s = self._clock() - since_s
        self._statistics.waited(waited_s)
        self._waited_in_vain_s[subject_id] = self._in_vain_s(subject_id) + waited_s
        self._states.move(subject_id, ParticipantState.IDLE)
        self._log.exit(subject_id, reason, waited_s)
        if reason in get_args(WaitEnd):
            self._outcomes[subject_id] = OUTCOME_OF_REASON[reason]
        if reason in WAIT_ENDED_MESSAGES:
            self.tell_wait_ended(subject_id, reason)
        waited_ms = round(waited_s * 1000)
        self._participants.note("waitroom_ended", subject_id, reason=reason, waited_ms=waited_ms)
        return True

    def leave_in_ms(self, subject_id: str) -> int | None:
        """After how long a participant may stop waiting; `None` if the scene does not let them.

        All their waits in this scene since their last game count.
        """
        leave_after_ms = self._scene.leave_after_ms
        if leave_after_ms is None:
            return None
        since_s = self.waitroom.since_s(subject_id)
        now_s = 0.0 if since_s is None else self._clock() - since_s
        waited_ms = round((self._in_vain_s(subject_id) + now_s) * 1000)
        return max(0, leave_after_ms - waited_ms)

    def give_up_waited(self, subject_id: str) -> None:
        """Let a participant go on who stopped waiting after a lost connection had ended it."""
        self._outcomes[subject_id] = OUTCOME_OF_REASON["gave_up"]
        self.tell_wait_ended(subject_id, "gave_up")

    def outcome_of(self, subject_id: str) -> Outcome | None:
        """How this participant's wait ended; `None` if they have to wait, or to wait again."""
        return self._outcomes.get(subject_id)

    def forget(self, subject_id: str) -> None:
        """Drop the outcome of a participant who waits again or has moved on."""
        self._outcomes.pop(subject_id, None)

    def restore(self, subject_id: str, waited_s: float) -> None:
        """Count what a participant waited before the server was restarted, once they wait again."""
        self._waited_before[subject_id] = self._clock() - max(0.0, waited_s)

    def restore_outcome(self, subject_id: str, reason: WaitEnd) -> None:
        """Let a participant go on whose wait had ended in vain before the server was restarted."""
        self._outcomes[subject_id] = OUTCOME_OF_REASON[reason]

    def take_waited_before_ms(self, subject_id: str) -> int:
        """For how long a participant has waited who comes back after a restart, told once."""
        since_s = self._waited_before.pop(subject_id, None)
        return 0 if since_s is None else self._waited_ms(since_s)

    def end_in_game(self, subject_id: str, waited_s: float, game_id: str) -> None:
        """End a participant's wait with a game, even if they never entered the waitroom."""
        if self.waitroom.remove(subject_id) is None:
            self._states.move(subject_id, ParticipantState.IN_WAITROOM)
        self._states.move(subject_id, ParticipantState.IN_GAME)
        self._statistics.waited(waited_s)
        self._waited_in_vain_s.pop(subject_id, None)
        self._participants.note("game_entered", subject_id, game_id=game_id)

    def end_too_long(self) -> bool:
        """End the waits of participants who are out of time; returns whether there were any."""
        late = self.out_of_time()
        for subject_id in late:
            self.end(subject_id, "waitroom_timeout")
        return bool(late)

    def end_all(self, reason: str) -> None:
        """End the waits of all, except reserved ones."""
        for subject_id in self.waitroom.available():
            self.end(subject_id, reason)

    def end_unsuitable(self, reliability: Reliability) -> bool:
        """End the waits of participants who cannot be connected; returns whether there were any.

        Reserved ones may yet be connected.
        """
        limit = self._scene.max_connection_failures
        unsuitable = [] if limit is None else reliability.unsuitable(limit)
        waiting = [who for who in unsuitable if who in self.waitroom]
        leaving = [who for who in waiting if not self.waitroom.is_reserved(who)]
        for subject_id in leaving:
            cause = reliability.lead_out(subject_id)
            self.end(subject_id, "connection_unsuitable")
            message = UNSUITABLE_MESSAGES.get(cause, _NO_ANSWER)
            self._tell_end(subject_id, "connection_unsuitable", message)
        return bool(leaving)

    def patience_ends_before_s(self) -> float:
        """Participants who began to wait at this moment or earlier are out of time, in seconds."""
        timeout_ms = self._scene.waitroom_timeout_ms
        return -math.inf if timeout_ms is None else self._clock() - timeout_ms / 1000

    def out_of_time(self) -> list[str]:
        """Participants who have waited too long, except reserved ones, who may yet get a game."""
        ends_before_s = self.patience_ends_before_s()
        waiting = self.waitroom.unreserved_since()
        return [who for who, since_s in waiting if since_s <= ends_before_s]

    def tell(self, subject_ids: Iterable[str]) -> None:
        """Tell participants how they wait; reserved ones are told by their probe instead."""
        for subject_id in subject_ids:
            since_s = self.waitroom.since_s(subject_id)
            if since_s is None or self.waitroom.is_reserved(subject_id):
                continue
            self._outbox.emit(
                "waitroom_update",
                subject_id,
                {
                    "waiting": None if self._scene.hide_lobby_count else len(self.waitroom),
                    "group_size": len(self._scene.human_agents),
                    "waited_ms": self._waited_ms(since_s),
                    "timeout_ms": self._scene.waitroom_timeout_ms,
                    "leave_in_ms": self.leave_in_ms(subject_id),
                },
            )

    def update(self, now_s: float) -> None:
        """Tell all waiting participants when their number has changed, and at regular intervals."""
        count = len(self.waitroom)
        if count != self._told_count or now_s >= self._next_update_s:
            self._told_count = count
            self._next_update_s = now_s + UPDATE_INTERVAL_S
            self.tell(self.waitroom.available())

    def update_in_turn(self) -> None:
        """Tell a hundredth of the waiting participants: in a crowd, to tell all would hold up the
        server."""
        if not self._to_be_told:
            self._to_be_told = self.waitroom.everybody()[::-1]
            self._told_at_once = math.ceil(len(self._to_be_told) / TURNS_IN_CROWD)
        turn = self._to_be_told[-self._told_at_once :]
        del self._to_be_told[-self._told_at_once :]
        self.tell(reversed(turn))

    def tell_wait_ended(self, subject_id: str, reason: str) -> None:
        """Tell a participant that their wait is over without a game."""
        message = WAIT_ENDED_MESSAGES[reason]
        if reason == "waitroom_timeout":
            message = self._scene.waitroom_timeout_message or message
        self._tell_end(subject_id, reason, message)

    def _tell_end(self, subject_id: str, reason: str, message: str) -> None:
        # Who is idle may come back.
        redirect_url = None if reason == "idle" else self._scene.waitroom_timeout_redirect_url
        self._outbox.emit(
            "waitroom_ended",
            subject_id,
            {"reason": reason, "message": message, "redirect_url": redirect_url},
        )

    def _in_vain_s(self, subject_id: str) -> float:
        return self._waited_in_vain_s.get(subject_id, 0.0)

    def _waited_ms(self, since_s: float) -> int:
        return round((self._clock() - since_s) * 1000)
