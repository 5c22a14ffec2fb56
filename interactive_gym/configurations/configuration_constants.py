"""The named choices, at the path that experiment scripts import them from."""

from interactive_gym.options.constants import ActionSettings, InputModes, PolicyTypes

__all__ = ["ActionSettings", "InputModes", "PolicyTypes"]
