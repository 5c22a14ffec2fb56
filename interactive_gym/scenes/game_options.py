"""What the groups of a game's options have in common; each group is a module named for its setter.

A group checks its options and contributes them to what browsers get. It never looks into another
group: what two of them must agree on is checked by GymScene, which is made of all of them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from interactive_gym.scenes.refused_options import REFUSED_OPTIONS
from interactive_gym.scenes.scene import Scene

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="GameOptions")


def setter(method: Callable[P, R]) -> Callable[P, R]:
    """Make a setter explain the options that scripts give elsewhere and that it refuses.

    Raises:
        ValueError: from the setter, for an option of `REFUSED_OPTIONS`.
    """
    refused = REFUSED_OPTIONS.get(method.__name__, {})

    @wraps(method)
    def checked(*args: P.args, **options: P.kwargs) -> R:
        for option in refused.keys() & options.keys():
            raise ValueError(f"{option} is not an option of .{method.__name__}: {refused[option]}")
        return method(*args, **options)

    return checked


class GameOptions(Scene):
    """A scene with a game, without any options yet."""

    type = "game"

    @setter
    def scene(self: S, *, scene_id: str) -> S:
        """Name the scene: letters, digits, ``_`` and ``-``, unique within the experiment."""
        return super().scene(scene_id=scene_id)

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """Return the protocol's ``game`` object without what differs from game to game.

        Args:
            rtt_ms: the largest P2P RTT measured between any two of the group, in milliseconds;
                None where nothing was measured.
        """
        return {}
