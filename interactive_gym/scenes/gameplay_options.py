"""The controls and the length of a game: `.gameplay()`.

The table of actions is made here; browsers read the keys.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from interactive_gym.netcode.cells import text_of
from interactive_gym.options.constants import ActionSettings, InputModes
from interactive_gym.options.refused_options import setter
from interactive_gym.options.validation import UNSET, whole_number
from interactive_gym.scenes.action_mapping import (
    Action,
    ActionMapping,
    checked_action_labels,
    checked_action_mapping,
)
from interactive_gym.scenes.game_options import GameOptions
from interactive_gym.scenes.scene import ParticipantIds

S = TypeVar("S", bound="GameplayOptions")


class GameplayOptions(GameOptions):
    """Keys, actions and episodes of a game."""

    def __init__(self) -> None:
        super().__init__()
        self._action_mapping: ActionMapping | None = None
        self._given_labels: Mapping[Action, str] = {}
        self._action_labels: dict[str, str] = {}
        self._num_episodes = 1
        self._max_steps: int | None = None
        self._input_mode = InputModes.PressedKeys

    @setter
    def gameplay(
        self: S,
        *,
        default_action: Action = UNSET,
        action_mapping: Mapping[str | tuple[str, ...], Action] = UNSET,
        action_labels: Mapping[Action, str] = UNSET,
        num_episodes: int = UNSET,
        max_steps: int | None = UNSET,
        input_mode: InputModes = UNSET,
        action_population_method: ActionSettings = UNSET,
    ) -> S:
        """Set the controls and the length of the game.

        Args:
            default_action: the action while no key is pressed; needed with *action_mapping*.
            action_mapping: ``KeyboardEvent.key`` names, or tuples of names pressed together, to
                actions; at most 126 distinct actions. Names are what is printed on a participant's
                keyboard: arrows and the space bar lie alike on all, letters do not. Of several
                held keys the one pressed last counts, and a tuple before a single key. An action
                is whatever the environment takes and JSON has: a number, text, a list such as
                ``[0, 1]`` for MultiDiscrete or ``[0.5, -1]`` for Box, or a dict. Browsers have one
                kind of number: ``1.0`` arrives as ``1``.
            action_labels: actions to words, such as ``{1: "left"}`` or ``{(0, 1): "left"}``, shown
                with their keys below the running game. Without labels only the keys are shown, and
                with an *in_game_scene_body* not even those.
            num_episodes: how many episodes make one game; 1 by default.
            max_steps: frames after which an episode is truncated, or None (the default) to leave
                its end to the environment.
            input_mode: InputModes.PressedKeys (the default) or InputModes.SingleKeystroke.
            action_population_method: ActionSettings.DefaultAction, as a frame without a key takes
                the default action.
        """
        if (default_action is UNSET) != (action_mapping is UNSET):
            raise ValueError(
                "default_action and action_mapping belong together: give both in one call."
            )
        if action_mapping is not UNSET:
            self._action_mapping = checked_action_mapping(action_mapping, default_action)
        labels = self._given_labels if action_labels is UNSET else action_labels
        self._action_labels = checked_action_labels(labels, self._action_mapping)
        self._given_labels = labels
        if num_episodes is not UNSET:
            self._num_episodes = whole_number("num_episodes", num_episodes, 1, 10_000)
        if max_steps is not UNSET:
            self._max_steps = (
                None
                if max_steps is None
                else whole_number("max_steps", max_steps, 1, 10_000_000, other="None")
            )
        if input_mode is not UNSET:
            self._input_mode = _checked_input_mode(input_mode)
        is_default = action_population_method == ActionSettings.DefaultAction
        if action_population_method is not UNSET and not is_default:
            raise ValueError(
                f"action_population_method is {action_population_method!r}: leave it out or give "
                f"ActionSettings.DefaultAction, as a frame without a key takes the default action."
            )
        return self

    def check(self) -> None:
        """Raise ValueError unless keys are given that the input mode can read."""
        mapping = self._mapping()
        if self._input_mode is InputModes.SingleKeystroke and mapping.has_combinations:
            raise ValueError(
                f"input_mode is SingleKeystroke in the scene {self.scene_id!r} but action_mapping "
                f"has keys pressed together: use InputModes.PressedKeys, or map single keys only."
            )
        super().check()

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """Return the ``game`` object with its table of actions and its length."""
        mapping = self._mapping()
        return {
            **super().game_config(rtt_ms),
            "num_episodes": self._num_episodes,
            "max_steps": self._max_steps,
            "actions": mapping.actions,
            "default_action": mapping.index_of(mapping.default_action),
        }

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with its keys."""
        mapping = self._mapping()
        return {
            **super().to_client(participant),
            "input_mode": self._input_mode.value,
            "action_mapping": mapping.to_client(),
            "action_labels": [
                self._action_labels.get(text_of(action)) for action in mapping.actions
            ],
            "actions": mapping.actions,
            "default_action": mapping.index_of(mapping.default_action),
        }

    def _mapping(self) -> ActionMapping:
        if self._action_mapping is None:
            raise ValueError(
                f"action_mapping is missing in the scene {self.scene_id!r}: give the keys and the "
                f"default action with .gameplay(action_mapping=…, default_action=…)."
            )
        return self._action_mapping


def _checked_input_mode(input_mode: Any) -> InputModes:
    try:
        return InputModes(input_mode)
    except ValueError:
        raise ValueError(
            f"input_mode is {input_mode!r}: give InputModes.PressedKeys or "
            f"InputModes.SingleKeystroke."
        ) from None
