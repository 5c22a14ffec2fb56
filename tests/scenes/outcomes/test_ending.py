import pytest

from interactive_gym.scenes.outcomes import Ending, ScreenOutPayment


def test_only_what_is_written_is_given():
    assert Ending().given == {}
    given = {
        "header": "Sorry",
        "code": None,
        "redirect": "https://panel.example/?code={code}",
        "scenes": ("debriefing",),
        "action": ScreenOutPayment(amount=0.25, slots=20),
        "pay": 0.25,
    }
    assert Ending(**given).given == given


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("header", " "),
        ("message", 3),
        ("code", ""),
        ("redirect", "panel.example"),
        ("scenes", "debriefing"),
        ("scenes", ["a b"]),
        ("action", "pay"),
        ("pay", "half"),
        ("pay", -1),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_the_name_of_its_option(option, value):
    with pytest.raises(ValueError, match=f"{option} is"):
        Ending(**{option: value})


@pytest.mark.parametrize(("amount", "slots"), [(0, 1), ("1", 1), (1, 0)])
def test_a_payment_that_cannot_be_made_is_refused(amount, slots):
    with pytest.raises(ValueError, match="is"):
        ScreenOutPayment(amount=amount, slots=slots)
