"""Spells out a value leaf by leaf, so that two of different processes can be compared by name.

Unlike ``netcode/state_difference.py`` it needs only the text of both, and it sees attributes that
are never saved. Of the value's methods only those of pickling are called. The checks use it to name
what differs.
"""

import types
from collections.abc import Iterator, Mapping
from typing import Any

from interactive_gym.netcode.state_digest import state_digest

MAX_LEAVES = 100_000
"""The most leaves; further ones are left out."""

MAX_ELEMENTS = 256
"""The largest array that is spelled out; a larger one is one leaf."""

_ATOMS = (int, float, complex, str, bytes, bytearray, type(None))
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
Leaves = dict[str, str]
"""The text of every leaf by its path, such as ``env.balls[2].x``."""


def leaves(value: Any, root: str) -> Leaves:
    """The leaves of a value, in its order; each object is entered once."""
    found: Leaves = {}
    for path, text in _Walk().leaves_of(value, root):
        found.setdefault(path, text)
        if len(found) == MAX_LEAVES:
            break
    return found


def different(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    """The paths of the leaves that differ or that only one side has, in order."""
    return [path for path in {**first, **second} if first.get(path, "—") != second.get(path, "—")]


def describe(first: Mapping[str, str], second: Mapping[str, str], path: str) -> str:
    """A leaf of two values in words: its path, and the text of both."""
    one, other = first.get(path, "missing"), second.get(path, "missing")
    return f"{path} is {shortened(one)}, then {shortened(other)}"


def shortened(text: str) -> str:
    """A text cut so that it fits on a line."""
    return text if len(text) <= 60 else f"{text[:57]}..."


class _Walk:
    """One walk through a value; it enters each object once."""

    def __init__(self) -> None:
        self._entered: dict[int, Any] = {}

    def leaves_of(self, value: Any, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, _ATOMS):
            yield path, repr(value)
        elif isinstance(value, _NAMED):
            yield path, f"{getattr(value, '__module__', None)}.{value.__name__}"
        elif id(value) not in self._entered:
            self._entered[id(value)] = value
            yield from self._of_compound(value, path)

    def _of_compound(self, value: Any, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for key, item in value.items():
                yield from self.leaves_of(item, f"{path}[{key!r}]")
            yield f"{path}: keys", repr(list(value))
        elif isinstance(value, (list, tuple)):
            for index, item in enumerate(value):
                yield from self.leaves_of(item, f"{path}[{index}]")
            yield f"{path}: length", str(len(value))
        elif isinstance(value, (set, frozenset)):
            yield path, f"{{{', '.join(sorted(map(_item, value)))}}}"
        elif _is_array(value):
            if value.size > MAX_ELEMENTS:
                yield path, _digest(value)
            else:
                yield from self.leaves_of(value.tolist(), path)
            yield f"{path}: dtype", str(value.dtype)
        else:
            if _pickles_itself(value):
                yield path, _digest(value)
            for name, item in attributes(value).items():
                yield from self.leaves_of(item, f"{path}.{name}")


def attributes(value: Any) -> dict[str, Any]:
    """An object's attributes, those in slots included, by name."""
    found: dict[str, Any] = {}
    for kind in reversed(type(value).__mro__):
        slots = vars(kind).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            name = f"_{kind.__name__.lstrip('_')}{slot}" if _is_private(slot) else slot
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                found[name] = getattr(value, name)
    return {**found, **getattr(value, "__dict__", {})}


def _is_private(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


def _is_array(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("tolist", "dtype", "shape"))


def _pickles_itself(value: Any) -> bool:
    """Whether an object keeps its state outside its attributes, as generators do."""
    kind: Any = type(value)
    plain: Any = object
    return bool(
        kind.__reduce__ is not plain.__reduce__ or kind.__reduce_ex__ is not plain.__reduce_ex__
    )


def _item(value: Any) -> str:
    return repr(value) if isinstance(value, _ATOMS) else _digest(value)


def _digest(value: Any) -> str:
    try:
        digest = state_digest(value).hex()[:8]
    except Exception:
        digest = "unknown"
    return f"<{type(value).__name__} in state {digest}>"
