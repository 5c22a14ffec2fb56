"""The base class of the groups of a game's options; each group is a module named after its setter.

A group checks its options and adds them to what browsers get. GymScene, which is made of all
groups, checks what two of them must agree on.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from interactive_gym.options.refused_options import setter
from interactive_gym.options.validation import UNSET
from interactive_gym.scenes.scene import Scene

S = TypeVar("S", bound="GameOptions")


class GameOptions(Scene):
    """A scene with a game, still without options."""

    type = "game"

    @setter
    def scene(self: S, *, scene_id: str, only_if: str | Sequence[str] | None = UNSET) -> S:
        """Name the scene, and say for whom it is; see `Scene.scene`."""
        return super().scene(scene_id=scene_id, only_if=only_if)

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """Return the fields of the protocol's ``game`` object that do not differ between games.

        Args:
            rtt_ms: the largest P2P RTT measured between any two of the group, in milliseconds;
                None where nothing was measured.
        """
        return {}
