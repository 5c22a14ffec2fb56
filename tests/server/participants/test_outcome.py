from typing import get_args

import pytest

from interactive_gym.scenes.page_scene import WayOut
from interactive_gym.server.games.remote_game import CutReason, EndReason
from interactive_gym.server.participants.outcome import (
    FINISHED,
    OUTCOME_OF_REASON,
    Outcome,
    WaitEnd,
    overall_outcome,
)


def test_every_end_of_a_game_that_leads_on_has_an_outcome():
    reasons = {*get_args(EndReason), *get_args(CutReason)} - {"start_timeout"}
    assert OUTCOME_OF_REASON.keys() == reasons | {*get_args(WaitEnd)}
    assert set(OUTCOME_OF_REASON.values()) == {*get_args(Outcome)} - {*get_args(WayOut)}


@pytest.mark.parametrize(
    ("outcomes", "overall"),
    [
        ([], "completed"),
        (["completed", "completed"], "completed"),
        (["partner_left", "completed"], "partner_left"),
        (["partner_left", "technical_error"], "technical_error"),
        (["partner_left", "idle", "no_partner"], "idle"),
        (["completed", "no_partner"], "no_partner"),
    ],
)
def test_the_first_that_kept_the_way_from_being_complete_counts(outcomes, overall):
    assert overall_outcome(outcomes) == overall


def test_whoever_was_let_down_by_a_partner_did_their_part():
    assert {"completed", "partner_left"} == FINISHED
