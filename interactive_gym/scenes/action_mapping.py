"""Which keys mean which action, as the browser and the netcode need it.

An input on the wire is an index into the table of distinct actions, which is made here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interactive_gym.netcode.cells import text_of
from interactive_gym.options.validation import filled_text, whole_number

Action = Any
"""A value that JSON has: text, a number, true, false, or a list or an object of these."""

_WHOLE = (-(2**31), 2**31 - 1)
MAX_ACTIONS = 126
"""Most distinct actions: an index takes seven bits of an input's byte on the wire, and
two of their values are wishes for another input delay."""


@dataclass(frozen=True)
class ActionMapping:
    """Keys, alone or pressed together, and the actions they give."""

    default_action: Action
    """The action while no key is pressed."""
    keys: tuple[tuple[tuple[str, ...], Action], ...]
    """Each combination of keys (sorted) with its action."""

    @property
    def actions(self) -> list[Action]:
        """The distinct actions, the default action first."""
        given = [self.default_action, *(action for _, action in self.keys)]
        # Those of one text are the same in the data.
        found: dict[str, Action] = {}
        for action in given:
            found.setdefault(text_of(action), action)
        return list(found.values())

    def index_of(self, action: Action) -> int:
        """The place of an action in the table."""
        return [text_of(known) for known in self.actions].index(text_of(action))

    @property
    def has_combinations(self) -> bool:
        """Whether some action needs several keys pressed together."""
        return any(len(keys) > 1 for keys, _ in self.keys)

    def to_client(self) -> list[dict[str, Any]]:
        """Return the protocol's list of ``{keys, action}`` with *action* as an index."""
        return [{"keys": list(keys), "action": self.index_of(action)} for keys, action in self.keys]


def checked_action_mapping(action_mapping: Any, default_action: Any) -> ActionMapping:
    """Return the mapping that a scene's options describe.

    Args:
        action_mapping: a ``KeyboardEvent.key`` name such as "ArrowLeft", or a tuple of names
            pressed together, to the environment's action: any value that JSON has.
        default_action: the action while no key is pressed.

    Raises:
        ValueError: a key is not a name, an action is nothing that JSON has, two entries contradict
            each other, or there are more than 126 distinct actions.
    """
    if not isinstance(action_mapping, Mapping) or not action_mapping:
        raise ValueError(
            f'action_mapping is {action_mapping!r}: give a dict such as {{"ArrowLeft": 1}}.'
        )
    default = checked_action("default_action", default_action)
    table: dict[tuple[str, ...], Action] = {}
    by_text = {text_of(default): default}
    for keys, action in action_mapping.items():
        combination = tuple(sorted((keys,) if isinstance(keys, str) else _key_names(keys)))
        if not combination or not all(isinstance(key, str) and key for key in combination):
            raise _bad_key(keys)
        checked = checked_action(f"action_mapping[{keys!r}]", action)
        alike = by_text.setdefault(text_of(checked), checked)
        if type(alike) is not type(checked):
            raise ValueError(
                f"action_mapping has the actions {alike!r} and {checked!r}, which look the same in "
                f"the data: use values of one kind."
            )
        if text_of(table.setdefault(combination, checked)) != text_of(checked):
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


def checked_action(option: str, action: Any) -> Action:
    """Return an action as every browser gets it.

    Tuples and arrays become lists. JavaScript has one kind of number, so a whole float becomes an
    integer.

    Raises:
        ValueError: it is nothing that JSON has, or not the same in every browser.
    """
    plain = action.tolist() if callable(getattr(action, "tolist", None)) else action
    if isinstance(plain, bool) or (isinstance(plain, str) and plain and plain.isprintable()):
        return plain
    if isinstance(plain, float) and math.isfinite(plain):
        return whole_number(option, int(plain), *_WHOLE) if plain.is_integer() else plain
    if isinstance(plain, list | tuple) and plain:
        return [checked_action(f"{option}[{number}]", item) for number, item in enumerate(plain)]
    if isinstance(plain, Mapping) and plain:
        for key in plain:
            # JavaScript puts keys that are whole numbers before all others.
            if not isinstance(key, str) or not key.isprintable() or not key or key.isdecimal():
                raise ValueError(
                    f"{option} has the key {key!r}: use text that is no number, as browsers would "
                    f"change its place."
                )
        return {key: checked_action(f"{option}[{key!r}]", item) for key, item in plain.items()}
    if isinstance(plain, int):
        return whole_number(option, plain, *_WHOLE)
    raise ValueError(
        f"{option} is {action!r}: give a whole number from {_WHOLE[0]} to {_WHOLE[1]}, another "
        f"number, text, True, False, or a list or a dict of these."
    )


def checked_action_labels(action_labels: Any, mapping: ActionMapping | None) -> dict[str, str]:
    """Return the words for the actions of *mapping*, by the text of an action.

    Raises:
        ValueError: the labels are not words, or of an action that no key gives.
    """
    if not isinstance(action_labels, Mapping):
        raise ValueError(f'action_labels is {action_labels!r}: give a dict such as {{1: "left"}}.')
    with_keys = set() if mapping is None else {text_of(action) for _, action in mapping.keys}
    labels = {}
    for action, label in action_labels.items():
        text = text_of(checked_action(f"action_labels, by the action {action!r}, which", action))
        if text not in with_keys:
            raise ValueError(
                f"action_labels has the action {action!r}, which no key of action_mapping gives: "
                f"label the actions of action_mapping only."
            )
        labels[text] = filled_text(f"action_labels[{action!r}]", label)
    return labels


def _key_names(keys: Any) -> set[str]:
    if not isinstance(keys, tuple) or not all(isinstance(key, str) for key in keys):
        raise _bad_key(keys)
    return set(keys)


def _bad_key(keys: Any) -> ValueError:
    return ValueError(
        f"action_mapping has the key {keys!r}: give a KeyboardEvent.key name such as "
        f'"ArrowLeft", or a tuple of names pressed together.'
    )
