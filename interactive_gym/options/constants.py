"""The named choices that experiment scripts pass to scenes."""

from __future__ import annotations

from enum import Enum


class PolicyTypes(str, Enum):
    """Who decides an agent's actions."""

    Human = "human"
    """A participant."""
    Random = "random"
    """Actions drawn at random, each of the action mapping equally often."""


class ActionSettings(str, Enum):
    """What an agent does in a frame in which its participant presses no key."""

    DefaultAction = "default_action"
    """The default action."""
    PreviousSubmittedAction = "previous_submitted_action"
    """The previous action; scenes refuse it."""


class InputModes(str, Enum):
    """How keys become an action."""

    PressedKeys = "pressed_keys"
    """Every frame takes the action of the keys held down at that moment."""
    SingleKeystroke = "single_keystroke"
    """Every key press gives one action, however long the key is held."""
