import itertools

import pytest

from interactive_gym.server.participants.participant_state import (
    IllegalTransition,
    ParticipantState,
    ParticipantStates,
)

IDLE, WAITING, PLAYING, ENDED = ParticipantState

LEGAL = {
    (IDLE, WAITING),
    (WAITING, IDLE),
    (WAITING, PLAYING),
    (PLAYING, WAITING),
    (PLAYING, ENDED),
    (ENDED, IDLE),
}
WAY_TO = {IDLE: [], WAITING: [WAITING], PLAYING: [WAITING, PLAYING]}
WAY_TO[ENDED] = [*WAY_TO[PLAYING], ENDED]


def states_with_somebody(state: ParticipantState) -> ParticipantStates:
    states = ParticipantStates()
    for step in WAY_TO[state]:
        states.move("a", step)
    return states


def test_somebody_unknown_is_idle():
    assert ParticipantStates().of("a") is IDLE


@pytest.mark.parametrize(("present", "to"), sorted(LEGAL, key=str))
def test_legal_transitions_are_made(present, to):
    states = states_with_somebody(present)
    states.move("a", to)
    assert states.of("a") is to


@pytest.mark.parametrize(
    ("present", "to"), sorted(set(itertools.product(ParticipantState, repeat=2)) - LEGAL, key=str)
)
def test_illegal_transitions_are_refused_and_change_nothing(present, to):
    states = states_with_somebody(present)
    with pytest.raises(IllegalTransition, match="Participant a cannot go from"):
        states.move("a", to)
    assert states.of("a") is present
