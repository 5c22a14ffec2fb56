import types
from typing import Any

import gymnasium
import pytest
from gymnasium.utils import EzPickle

from interactive_gym.environment_checks.checks.interface import (
    InterfaceError,
    actions_of,
)
from interactive_gym.environment_checks.checks.known_causes import known_causes
from tests.support.broken_environments import Sound

Surface = type("Surface", (), {"__module__": "pygame.surface"})


class Rebuilt(EzPickle):
    """Pickled by the arguments of its constructor."""

    def __init__(self) -> None:
        EzPickle.__init__(self)
        self.screens = [{"main": None}]


def test_nothing_is_known_of_a_sound_environment() -> None:
    assert known_causes(Sound()) == ()


def test_ez_pickle_is_named_with_its_cure_even_below_wrappers() -> None:
    wrapper = types.SimpleNamespace(env=Rebuilt())
    for env in (Rebuilt(), wrapper):
        (cause,) = known_causes(env)
        assert "Rebuilt is derived from EzPickle" in cause
        assert "get_state() and set_state(state)" in cause


def test_surfaces_are_named_with_their_place() -> None:
    env: Any = Sound()
    env.screens = [{"main": Surface()}]
    (cause,) = known_causes(env)
    assert cause.startswith("env.screens[0]['main'] is a pygame.surface.Surface of pygame")
    assert "draw commands" in cause


@pytest.mark.parametrize(
    ("space", "example"),
    [
        (gymnasium.spaces.Dict(move=gymnasium.spaces.Discrete(2)), r"\{\"move\": 1\}"),
        (gymnasium.spaces.MultiDiscrete([2, 3]), r"\[\[0, 0\], \[1, 0\]\]"),
        (gymnasium.spaces.Box(0.0, 1.0), r"\[\[0.0\], \[1.0\]\]"),
    ],
)
def test_actions_of_other_spaces_are_shown_as_they_are_named(space: Any, example: str) -> None:
    env: Any = types.SimpleNamespace(action_space=space)
    with pytest.raises(InterfaceError, match=f"--actions '{example}|{example}"):
        actions_of(env, ("agent",))
