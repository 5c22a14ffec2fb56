"""The waits of one game scene: how each begins and ends, with all that has to follow.

Keeps the Waitroom, the participants' states, the ledger and the page in step. It never proposes
anybody or frees a partner: the GameManager does. Used inside its `deciding()`.
"""

from __future__ import annotations

from collections.abc import Callable

from interactive_gym.server.decision_log import DecisionLog
from interactive_gym.server.matching_pace import MatchingPace
from interactive_gym.server.participant_state import ParticipantState, ParticipantStates
from interactive_gym.server.waitroom import Waitroom
from interactive_gym.server.waitroom_desk import WAIT_ENDED_MESSAGES, WaitroomDesk


class Waits:
    """Begins and ends waits.

    Args:
        waitroom: who waits.
        desk: speaks with them.
        states: where every participant stands.
        pace: learns from how long people wait.
        log: the match ledger.
        clock: seconds; the moment of the decision.
    """

    def __init__(
        self,
        waitroom: Waitroom,
        desk: WaitroomDesk,
        *,
        states: ParticipantStates,
        pace: MatchingPace,
        log: DecisionLog,
        clock: Callable[[], float],
    ) -> None:
        self._waitroom = waitroom
        self._desk = desk
        self._states = states
        self._pace = pace
        self._log = log
        self._clock = clock

    def begin(self, subject_id: str, since_s: float | None = None) -> None:
        """Let a participant wait, since now unless told otherwise, and tell them."""
        if subject_id not in self._waitroom:
            if self._states.of(subject_id) is not ParticipantState.IN_WAITROOM:
                self._states.move(subject_id, ParticipantState.IN_WAITROOM)
            self._waitroom.add(subject_id, self._clock() if since_s is None else since_s)
        self._desk.tell([subject_id])

    def end(self, subject_id: str, reason: str) -> bool:
        """Let somebody wait no longer; returns whether they did. Who is there is told."""
        since_s = self._waitroom.remove(subject_id)
        if since_s is None:
            return False
        waited_s = self._clock() - since_s
        self._pace.waited(waited_s)
        self._states.move(subject_id, ParticipantState.IDLE)
        self._log.exit(subject_id, reason, waited_s)
        if reason in WAIT_ENDED_MESSAGES:
            self._desk.say_wait_ended(subject_id, reason, waited_s)
        return True

    def end_in_game(self, subject_id: str, waited_s: float) -> None:
        """Somebody has waited this long and goes into a game, from the waitroom or past it."""
        if self._waitroom.remove(subject_id) is None:
            self._states.move(subject_id, ParticipantState.IN_WAITROOM)
        self._states.move(subject_id, ParticipantState.IN_GAME)
        self._pace.waited(waited_s)
