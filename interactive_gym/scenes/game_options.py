"""What the groups of a game's options have in common; each group is a module named for its setter.

A group checks its options and contributes them to what browsers get. It never looks into another
group: what two of them must agree on is checked by GymScene, which is made of all of them.
"""

from typing import Any, TypeVar

from interactive_gym.options.refused_options import setter
from interactive_gym.scenes.scene import Scene

S = TypeVar("S", bound="GameOptions")


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
