"""Finds where two snapshots of an environment differ.

It looks into any object that can be pickled, NumPy arrays and generators included, without
importing their libraries. ``sync_test`` uses it.
"""

import types
from typing import Any, NamedTuple

Seen = dict[tuple[int, int], tuple[Any, Any]]
"""Pairs already entered, by their ids, held so that no id is given to another object meanwhile."""

_ATOMS = (int, float, complex, str, bytes, bytearray, type(None), type, types.FunctionType)


class StateDifference(NamedTuple):
    """The first place at which two states differ."""

    path: str
    """Its path, such as ``state['ball'].x``."""

    first: str
    """What the first state has there."""

    second: str
    """What the second state has there."""


def find_difference(first: Any, second: Any, path: str = "state") -> StateDifference | None:
    """The first difference between two states, or None if they are alike.

    NaN is like NaN; -0.0 is unlike 0.0, and 1 unlike 1.0 or true, because they print differently.
    """
    return _find(first, second, path, {})


def _find(first: Any, second: Any, path: str, seen: Seen) -> StateDifference | None:
    # Objects may refer to each other in cycles; a pair being compared is not entered again.
    pair = (id(first), id(second))
    if first is second or pair in seen:
        return None
    if type(first) is not type(second):
        return _difference(path, first, second)
    if isinstance(first, _ATOMS):
        return None if repr(first) == repr(second) else _difference(path, first, second)
    seen[pair] = first, second
    if isinstance(first, dict):
        return _find_in_dicts(first, second, path, seen)
    if isinstance(first, (list, tuple)):
        return _find_in_sequences(first, second, path, seen)
    if isinstance(first, (set, frozenset)):
        return None if first == second else _difference(path, first, second)
    if all(hasattr(first, name) for name in ("dtype", "shape", "tolist")):
        return _find_in_arrays(first, second, path, seen)
    return _find_in_objects(first, second, path, seen)


def _find_in_dicts(
    first: dict[Any, Any], second: dict[Any, Any], path: str, seen: Seen
) -> StateDifference | None:
    if list(first) != list(second):
        return _difference(f"{path}: keys", list(first), list(second))
    for key, value in first.items():
        found = _find(value, second[key], f"{path}[{key!r}]", seen)
        if found:
            return found
    return None


def _find_in_sequences(first: Any, second: Any, path: str, seen: Seen) -> StateDifference | None:
    if len(first) != len(second):
        return _difference(f"{path}: length", len(first), len(second))
    for index, (one, other) in enumerate(zip(first, second, strict=True)):
        found = _find(one, other, f"{path}[{index}]", seen)
        if found:
            return found
    return None


def _find_in_arrays(first: Any, second: Any, path: str, seen: Seen) -> StateDifference | None:
    """Compare NumPy arrays or scalars, and what they are, element by element."""
    for name in ("dtype", "shape"):
        one, other = getattr(first, name), getattr(second, name)
        if one != other:
            return _difference(f"{path}: {name}", one, other)
    # Most arrays are alike, and large ones have many elements.
    if first.tobytes() == second.tobytes():
        return None
    return _find(first.tolist(), second.tolist(), path, seen)


def _find_in_objects(first: Any, second: Any, path: str, seen: Seen) -> StateDifference | None:
    """Compare what pickle would store of two objects of one type, with attributes by name."""
    parts, other_parts = pickled_parts(first), pickled_parts(second)
    attributes = _by_name(parts.pop("state", None))
    other_attributes = _by_name(other_parts.pop("state", None))
    if isinstance(attributes, dict) and isinstance(other_attributes, dict):
        for name in attributes.keys() | other_attributes.keys():
            if name not in attributes or name not in other_attributes:
                return _difference(f"{path}.{name}", name in attributes, name in other_attributes)
        for name, value in attributes.items():
            found = _find(value, other_attributes[name], f"{path}.{name}", seen)
            if found:
                return found
    elif found := _find(attributes, other_attributes, path, seen):
        return found
    return _find(list(parts.values()), list(other_parts.values()), path, seen)


def _by_name(state: Any) -> Any:
    """An object's pickled state; where it has slots, which pickle keeps apart, one dict of both."""
    match state:
        case (dict() | None as attributes, dict() as slots):
            return {**(attributes or {}), **slots}
    return state


def pickled_parts(value: Any) -> dict[str, Any]:
    """What pickle would store of an object, by what it is for.

    Raises:
        TypeError: The object cannot be pickled.
    """
    reduced = value.__reduce_ex__(4)
    if isinstance(reduced, str):
        return {"global": reduced}
    names = ("callable", "arguments", "state", "items", "pairs")
    parts = dict(zip(names, reduced, strict=False))
    for name in ("items", "pairs"):
        if parts.get(name) is not None:
            parts[name] = list(parts[name])
    return parts


def _difference(path: str, first: Any, second: Any) -> StateDifference:
    return StateDifference(path, _shortened(first), _shortened(second))


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
