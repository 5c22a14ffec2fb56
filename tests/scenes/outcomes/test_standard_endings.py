from interactive_gym.options.outcomes import OUTCOMES
from interactive_gym.scenes.outcomes.standard_endings import STANDARD


def test_no_outcome_is_without_an_ending_and_no_ending_without_a_part():
    assert tuple(sorted(STANDARD)) == tuple(sorted(OUTCOMES))
    parts = {"header", "happened", "code", "scenes", "action", "pay"}
    assert all(ending.keys() == parts for ending in STANDARD.values())


def test_whoever_is_asked_to_return_their_submission_gets_no_code_for_it():
    for ending in STANDARD.values():
        assert (ending["action"] == "return") == (ending["code"] is None)
