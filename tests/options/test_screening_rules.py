from typing import get_args

from interactive_gym.options.screening_rules import MESSAGES, Reason, ScreeningRules


def test_every_reason_has_a_message():
    assert set(MESSAGES) == set(get_args(Reason))


def test_a_study_may_say_something_else():
    rules = ScreeningRules(messages={"no_keyboard": "Come back at a desk."})
    assert rules.message_for("no_keyboard") == "Come back at a desk."
    assert rules.message_for("no_webrtc") == MESSAGES["no_webrtc"]
