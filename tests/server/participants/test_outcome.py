from typing import get_args

from interactive_gym.options.outcomes import OUTCOMES, WAYS_OUT
from interactive_gym.server.games.remote_game import CutReason, EndReason
from interactive_gym.server.participants.outcome import OUTCOME_OF_REASON, WaitEnd


def test_every_end_of_a_game_that_leads_on_has_an_outcome():
    reasons = {*get_args(EndReason), *get_args(CutReason)} - {"start_timeout"}
    assert OUTCOME_OF_REASON.keys() == reasons | {*get_args(WaitEnd)}
    assert set(OUTCOME_OF_REASON.values()) == {*OUTCOMES} - WAYS_OUT
