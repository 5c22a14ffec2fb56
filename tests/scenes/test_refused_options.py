import inspect

import pytest

from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.refused_options import REFUSED_OPTIONS, REFUSED_SETTERS

OPTIONS = [(setter, option) for setter, options in REFUSED_OPTIONS.items() for option in options]


@pytest.mark.parametrize(("setter", "option"), OPTIONS)
def test_an_option_without_a_place_is_refused_with_a_reason_and_a_fix(setter, option):
    with pytest.raises(ValueError, match=rf"^{option} is not an option of \.{setter}: ") as caught:
        getattr(GymScene(), setter)(**{option: None})
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(("setter", "option"), OPTIONS)
def test_no_option_is_both_refused_and_taken(setter, option):
    assert option not in inspect.signature(getattr(GymScene, setter)).parameters


@pytest.mark.parametrize("setter", REFUSED_SETTERS)
def test_a_setter_without_a_place_says_what_to_use(setter):
    assert not hasattr(GymScene(), setter)
    with pytest.raises(AttributeError, match=rf"^GymScene has no \.{setter}\(…\): "):
        getattr(GymScene(), setter)(anything=1)


def test_an_unknown_option_fails_at_once():
    with pytest.raises(TypeError, match="input_dely"):
        GymScene().pyodide(input_dely=3)  # type: ignore[call-arg]
