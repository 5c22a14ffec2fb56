"""Pages without a game, under the names that experiment scripts import."""

from interactive_gym.scenes.consent import Consent
from interactive_gym.scenes.device_check import DeviceCheck
from interactive_gym.scenes.end_scenes import CompletionCodeScene, EndScene
from interactive_gym.scenes.instructions import Instructions
from interactive_gym.scenes.page_scene import StartScene, StaticScene
from interactive_gym.scenes.question_scenes import (
    MultipleChoice,
    OptionBoxes,
    OptionBoxesWithScalesAndTextBox,
    OptionBoxesWithTextBox,
    ScalesAndTextBox,
    TextBox,
)
from interactive_gym.scenes.quiz import Quiz

__all__ = [
    "CompletionCodeScene",
    "Consent",
    "DeviceCheck",
    "EndScene",
    "Instructions",
    "MultipleChoice",
    "OptionBoxes",
    "OptionBoxesWithScalesAndTextBox",
    "OptionBoxesWithTextBox",
    "Quiz",
    "ScalesAndTextBox",
    "StartScene",
    "StaticScene",
    "TextBox",
]
