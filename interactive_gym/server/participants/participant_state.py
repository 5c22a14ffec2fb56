"""The state of every participant: idle, in a waitroom, in a game, or after a finished game.

All GameManagers share one instance, so that no participant can be in two scenes at once.
"""

from __future__ import annotations

from enum import Enum


class ParticipantState(Enum):
    """What a participant is doing, as far as matching is concerned."""

    IDLE = "idle"
    IN_WAITROOM = "in_waitroom"
    IN_GAME = "in_game"
    GAME_ENDED = "game_ended"


_LEGAL = {
    ParticipantState.IDLE: {ParticipantState.IN_WAITROOM},
    ParticipantState.IN_WAITROOM: {ParticipantState.IDLE, ParticipantState.IN_GAME},
    ParticipantState.IN_GAME: {ParticipantState.IN_WAITROOM, ParticipantState.GAME_ENDED},
    ParticipantState.GAME_ENDED: {ParticipantState.IDLE},
}


class IllegalTransition(Exception):  # noqa: N818 - the name the rest of the design uses
    """Raised when a participant's new state cannot follow the present one."""


class ParticipantStates:
    """The state of every participant of one experiment; unknown participants are idle."""

    def __init__(self) -> None:
        self._state: dict[str, ParticipantState] = {}

    def state_of(self, subject_id: str) -> ParticipantState:
        """The state of this participant."""
        return self._state.get(subject_id, ParticipantState.IDLE)

    def restore(self, subject_id: str, state: ParticipantState) -> None:
        """Set the state that a participant was in before the server was restarted."""
        self._state[subject_id] = state

    def move(self, subject_id: str, to: ParticipantState) -> None:
        """Move a participant to another state.

        Raises:
            IllegalTransition: if `to` cannot follow the present state.
        """
        present = self.state_of(subject_id)
        if to not in _LEGAL[present]:
            raise IllegalTransition(
                f"Participant {subject_id} cannot go from {present.value} to {to.value}."
            )
        if to is ParticipantState.IDLE:
            self._state.pop(subject_id, None)
        else:
            self._state[subject_id] = to
