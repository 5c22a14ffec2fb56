"""The order of an experiment's scenes.

The server knows at which scene each participant is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.scene import Scene, SceneWrapper
from interactive_gym.scenes.static_scene import EndScene, StartScene


class Stager:
    """The scenes that every participant goes through, first to last."""

    def __init__(self, scenes: Sequence[Scene | SceneWrapper]) -> None:
        """Take the *scenes*: a StartScene first, an EndScene (or CompletionCodeScene) last.

        Between them may stand wrappers, such as ``RandomizeOrder([…])``.

        Raises:
            ValueError: a scene is incomplete, its id is taken, or the order is wrong.
        """
        if not isinstance(scenes, (list, tuple)) or not scenes:
            raise ValueError(f"scenes is {scenes!r}: give a list of scenes that is not empty.")
        for scene in scenes:
            if not isinstance(scene, (Scene, SceneWrapper)):
                raise ValueError(f"scenes contains {scene!r}: give scenes such as StartScene().")
        unfolded: list[Scene] = []
        self._parts = [_unfold(scene, unfolded) for scene in scenes]
        self.scenes: tuple[Scene, ...] = tuple(unfolded)
        """All scenes that participants may come to, the first and the last in their places."""
        self.check()

    def route(self, subject_id: str) -> tuple[int, ...]:
        """The scenes that a participant goes through, as indices of `scenes`, in their order."""
        return tuple(_walk(self._parts, subject_id, ""))

    @property
    def last(self) -> EndScene:
        """The last page."""
        last = self.scenes[-1]
        assert isinstance(last, EndScene)  # `check` lets no other scene stand there.
        return last

    @property
    def gym_scenes(self) -> tuple[GymScene, ...]:
        """The scenes that hold a game, in order."""
        return tuple(scene for scene in self.scenes if isinstance(scene, GymScene))

    def check(self) -> None:
        """Raise ValueError unless every scene is complete and the order makes an experiment."""
        seen: set[str] = set()
        for scene in self.scenes:
            scene.check()
            if scene.scene_id in seen:
                raise ValueError(
                    f"scene_id is {scene.scene_id!r} for two scenes: give each scene its own id."
                )
            seen.add(scene.scene_id)
        if not isinstance(self._parts[0], int) or not isinstance(self.scenes[0], StartScene):
            raise ValueError(
                f"scenes begins with {self.scenes[0].scene_id!r}: begin with a StartScene, which "
                f"welcomes participants while the game loads."
            )
        for scene in (self.scenes[0], self.scenes[-1]):
            if scene.only_if is not None:
                raise ValueError(
                    f"only_if is given for the scene {scene.scene_id!r}, which everybody comes to: "
                    f"leave it out there."
                )
        for scene in self.scenes[:-1]:
            if isinstance(scene, EndScene):
                raise ValueError(
                    f"scenes has the end page {scene.scene_id!r} before the last place: nobody "
                    f"would get past it, so put it last."
                )
        if not isinstance(self._parts[-1], int) or not isinstance(self.scenes[-1], EndScene):
            raise ValueError(
                f"scenes ends with {self.scenes[-1].scene_id!r}: end with an EndScene or a "
                f"CompletionCodeScene."
            )


_Part = int | tuple[SceneWrapper, list["_Part"]]
"""The index of a scene, or a wrapper with what stands for each of its parts."""


def _unfold(part: Scene | SceneWrapper, scenes: list[Scene]) -> _Part:
    """Add the scenes of a part to *scenes*."""
    if isinstance(part, Scene):
        scenes.append(part)
        return len(scenes) - 1
    return part, [_unfold(inner, scenes) for inner in part.unfolded()]


def _walk(parts: Sequence[_Part], subject_id: str, place: str) -> Iterator[int]:
    """The scenes of the parts, in a participant's order."""
    for number, part in enumerate(parts):
        if isinstance(part, int):
            yield part
        else:
            wrapper, inner = part
            here = f"{place}/{number}"
            numbered = list(enumerate(inner))
            for at, chosen in wrapper.ordered(numbered, subject_id, here):
                yield from _walk([chosen], subject_id, f"{here}/{at}")
