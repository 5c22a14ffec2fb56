import inspect

import pytest

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.options.refused_options import REFUSED_OPTIONS, REFUSED_SETTERS
from interactive_gym.scenes.gym_scene import GymScene

CLASSES = {"GymScene": GymScene, "ExperimentConfig": ExperimentConfig}
OPTIONS = [(setter, option) for setter, options in REFUSED_OPTIONS.items() for option in options]
SETTERS = [(cls, setter) for cls, setters in REFUSED_SETTERS.items() for setter in setters]


def class_with(setter: str) -> type:
    """The configuration class that has a setter."""
    (cls,) = (cls for cls in CLASSES.values() if setter in dir(cls))
    return cls


@pytest.mark.parametrize(("setter", "option"), OPTIONS)
def test_an_option_without_a_place_is_refused_with_a_reason_and_a_fix(setter, option):
    with pytest.raises(ValueError, match=rf"^{option} is not an option of \.{setter}: ") as caught:
        getattr(class_with(setter)(), setter)(**{option: None})
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(("setter", "option"), OPTIONS)
def test_no_option_is_both_refused_and_taken(setter, option):
    assert option not in inspect.signature(getattr(class_with(setter), setter)).parameters


@pytest.mark.parametrize(("cls", "setter"), SETTERS)
def test_a_setter_without_a_place_says_what_to_use(cls, setter):
    assert not hasattr(CLASSES[cls](), setter)
    with pytest.raises(AttributeError, match=rf"^{cls} has no \.{setter}\(…\): "):
        getattr(CLASSES[cls](), setter)(anything=1)


@pytest.mark.parametrize("cls", CLASSES.values())
def test_a_misspelt_setter_is_a_plain_attribute_error(cls):
    with pytest.raises(AttributeError, match=r"^'\w+' object has no attribute 'polices'$"):
        cls().polices  # noqa: B018


def test_an_unknown_option_fails_at_once():
    with pytest.raises(TypeError, match="input_dely"):
        GymScene().pyodide(input_dely=3)  # type: ignore[call-arg]
