"""The waits of one game scene: how each begins and ends, with all that has to follow.

Keeps the Waitroom, the participants' states, the ledger and the page in step. It never proposes
anybody or frees a partner: the GameManager does. Used inside its `deciding()`.
"""

from __future__ import annotations

from collections.abc import Callable

from interactive_gym.server.decision_log import DecisionLog
from interactive_gym.server.effects import Effects
from interactive_gym.server.interfaces import GameScene
from interactive_gym.server.matching_pace import MatchingPace
from interactive_gym.server.participant_state import ParticipantState, ParticipantStates
from interactive_gym.server.waitroom import Waitroom
from interactive_gym.server.waitroom_desk import WAIT_ENDED_MESSAGES, WaitroomDesk


class Waits:
    """Begins and ends waits.

    Args:
        scene: the game scene.
        effects: the manager's lock and effects.
        states: where every participant stands.
        pace: learns from how long people wait.
        log: the match ledger.
        log_participant: appends to the account of participants' ways.
    """

    def __init__(
        self,
        scene: GameScene,
        effects: Effects,
        *,
        states: ParticipantStates,
        pace: MatchingPace,
        log: DecisionLog,
        log_participant: Callable[..., object],
    ) -> None:
        self.waitroom = Waitroom()
        self.desk = WaitroomDesk(
            scene, self.waitroom, effects, clock=effects.now_s, log_participant=log_participant
        )
        self._states = states
        self._pace = pace
        self._log = log
        self._clock = effects.now_s

    def is_free(self, subject_id: str) -> bool:
        """Whether a participant can be proposed: idle or waiting, and not reserved."""
        is_idle = self._states.of(subject_id) is ParticipantState.IDLE
        is_here = is_idle or subject_id in self.waitroom
        return is_here and not self.waitroom.is_reserved(subject_id)

    def begin(self, subject_id: str, since_s: float | None = None) -> None:
        """Let a participant wait, since now unless told otherwise, and tell them."""
        if subject_id not in self.waitroom:
            if self._states.of(subject_id) is not ParticipantState.IN_WAITROOM:
                self._states.move(subject_id, ParticipantState.IN_WAITROOM)
            self.waitroom.add(subject_id, self._clock() if since_s is None else since_s)
        self.desk.tell([subject_id])

    def end(self, subject_id: str, reason: str) -> bool:
        """Let somebody wait no longer; returns whether they did. Who is there is told."""
        since_s = self.waitroom.remove(subject_id)
        if since_s is None:
            return False
        waited_s = self._clock() - since_s
        self._pace.waited(waited_s)
        self._states.move(subject_id, ParticipantState.IDLE)
        self._log.exit(subject_id, reason, waited_s)
        if reason in WAIT_ENDED_MESSAGES:
            self.desk.say_wait_ended(subject_id, reason, waited_s)
        return True

    def end_too_long(self) -> bool:
        """End the waits of those who are out of time; returns whether there were any."""
        late = self.desk.out_of_time()
        for subject_id in late:
            self.end(subject_id, "waitroom_timeout")
        return bool(late)

    def end_in_game(self, subject_id: str, waited_s: float) -> None:
        """Somebody has waited this long and goes into a game, from the waitroom or past it."""
        if self.waitroom.remove(subject_id) is None:
            self._states.move(subject_id, ParticipantState.IN_WAITROOM)
        self._states.move(subject_id, ParticipantState.IN_GAME)
        self._pace.waited(waited_s)
