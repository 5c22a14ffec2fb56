"""Which keys mean which action, as the browser and the netcode need it.

An input on the wire is an index into the table of distinct actions, which is made here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interactive_gym.options.validation import filled_text, whole_number

MAX_ACTIONS = 126
"""Most distinct actions: an index takes seven bits of an input's byte on the wire, and
two of their values are wishes for another input delay."""


@dataclass(frozen=True)
class ActionMapping:
    """Keys, alone or pressed together, and the actions they give."""

    default_action: int
    """The action while no key is pressed."""
    keys: tuple[tuple[tuple[str, ...], int], ...]
    """Each combination of keys (sorted) with its action."""

    @property
    def actions(self) -> list[int]:
        """The distinct actions, the default action first."""
        return list(dict.fromkeys([self.default_action, *(action for _, action in self.keys)]))

    @property
    def has_combinations(self) -> bool:
        """Whether some action needs several keys pressed together."""
        return any(len(keys) > 1 for keys, _ in self.keys)

    def to_client(self) -> list[dict[str, Any]]:
        """Return the protocol's list of ``{keys, action}`` with *action* as an index."""
        actions = self.actions
        return [{"keys": list(keys), "action": actions.index(action)} for keys, action in self.keys]


def checked_action_mapping(action_mapping: Any, default_action: Any) -> ActionMapping:
    """Return the mapping that a scene's options describe.

    Args:
        action_mapping: a ``KeyboardEvent.key`` name such as "ArrowLeft", or a tuple of names
            pressed together, to the environment's action (an int).
        default_action: the action while no key is pressed.

    Raises:
        ValueError: a key is not a name, an action is not a whole number, two entries contradict
            each other, or there are more than 126 distinct actions.
    """
    if not isinstance(action_mapping, Mapping) or not action_mapping:
        raise ValueError(
            f'action_mapping is {action_mapping!r}: give a dict such as {{"ArrowLeft": 1}}.'
        )
    default = whole_number("default_action", default_action, -(2**31), 2**31 - 1)
    table: dict[tuple[str, ...], int] = {}
    for keys, action in action_mapping.items():
        combination = tuple(sorted((keys,) if isinstance(keys, str) else _key_names(keys)))
        if not combination or not all(isinstance(key, str) and key for key in combination):
            raise _bad_key(keys)
        checked = whole_number(f"action_mapping[{keys!r}]", action, -(2**31), 2**31 - 1)
        if table.setdefault(combination, checked) != checked:
            raise ValueError(
                f"action_mapping gives the keys {keys!r} the actions {table[combination]} and "
                f"{checked}: keep one of them."
            )
    mapping = ActionMapping(default, tuple(table.items()))
    if len(mapping.actions) > MAX_ACTIONS:
        raise ValueError(
            f"action_mapping has {len(mapping.actions)} distinct actions: use at most "
            f"{MAX_ACTIONS}, the default action included."
        )
    return mapping


def checked_action_labels(action_labels: Any, mapping: ActionMapping | None) -> dict[int, str]:
    """Return the words for the actions of *mapping*, by action.

    Raises:
        ValueError: the labels are not words, or of an action that no key gives.
    """
    if not isinstance(action_labels, Mapping):
        raise ValueError(f'action_labels is {action_labels!r}: give a dict such as {{1: "left"}}.')
    with_keys = [] if mapping is None else [action for _, action in mapping.keys]
    for action, label in action_labels.items():
        if action not in with_keys:
            raise ValueError(
                f"action_labels has the action {action!r}, which no key of action_mapping gives: "
                f"label the actions of action_mapping only."
            )
        filled_text(f"action_labels[{action!r}]", label)
    return {int(action): label for action, label in action_labels.items()}


def _key_names(keys: Any) -> set[str]:
    if not isinstance(keys, tuple) or not all(isinstance(key, str) for key in keys):
        raise _bad_key(keys)
    return set(keys)


def _bad_key(keys: Any) -> ValueError:
    return ValueError(
        f"action_mapping has the key {keys!r}: give a KeyboardEvent.key name such as "
        f'"ArrowLeft", or a tuple of names pressed together.'
    )
