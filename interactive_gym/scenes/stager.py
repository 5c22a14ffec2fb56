"""The order of an experiment's scenes.

The server knows at which scene each participant is.
"""

from collections.abc import Sequence

from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.scene import Scene
from interactive_gym.scenes.static_scene import EndScene, StartScene


class Stager:
    """The scenes that every participant goes through, first to last."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        """Take the *scenes*: a StartScene first, an EndScene (or CompletionCodeScene) last.

        Raises:
            ValueError: a scene is incomplete, its id is taken, or the order is wrong.
        """
        if not isinstance(scenes, (list, tuple)) or not scenes:
            raise ValueError(f"scenes is {scenes!r}: give a list of scenes that is not empty.")
        for scene in scenes:
            if not isinstance(scene, Scene):
                raise ValueError(f"scenes contains {scene!r}: give scenes such as StartScene().")
        self.scenes: tuple[Scene, ...] = tuple(scenes)
        """The scenes in order."""
        self.check()

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
        if not isinstance(self.scenes[0], StartScene):
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
        if not isinstance(self.scenes[-1], EndScene):
            raise ValueError(
                f"scenes ends with {self.scenes[-1].scene_id!r}: end with an EndScene or a "
                f"CompletionCodeScene."
            )
