"""The named choices, at the path from which experiment scripts import them."""

from interactive_gym.options.constants import ActionSettings, InputModes, PolicyTypes

__all__ = ["ActionSettings", "InputModes", "PolicyTypes"]
