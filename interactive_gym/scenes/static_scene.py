"""Pages without a game, under the names that experiment scripts import."""

from interactive_gym.scenes.end_scenes import CompletionCodeScene, EndScene
from interactive_gym.scenes.page_scene import StartScene, StaticScene

__all__ = ["CompletionCodeScene", "EndScene", "StartScene", "StaticScene"]
