"""A digest that equal snapshots share on every machine, to find states that have come apart.

It looks into any object that can be pickled, as ``state_difference`` does, but needs only a few
bytes of each state. A list that two places share counts like two equal lists. ``simulation`` makes
the digests that ``checkpoints`` compares.
"""

import hashlib
import types
from typing import Any

from interactive_gym.netcode.state_difference import pickled_parts

_ATOMS = frozenset({int, float, complex, str, bytes, bytearray, bool, type(None)})

_LONGEST_PLAIN = 64
"""The longest text that is described as it is; longer text is replaced by its hash."""


def state_digest(state: Any) -> bytes:
    """The SHA-256 of a canonical description of *state*.

    The order of sets and dicts does not count, as a snapshot that was loaded may have another, nor
    does that of an array in memory. NaN is like NaN, also in arrays; 1 is unlike 1.0 and true, and
    -0.0 unlike 0.0. An object that cannot be pickled counts by its type alone.
    """
    return hashlib.sha256(_Description().text_of(state).encode()).digest()


class _Description:
    """Describes values, each object once, so that shared objects and cycles cost nothing."""

    def __init__(self) -> None:
        # Holds the described objects, so that no id is reused meanwhile.
        self._known: dict[int, tuple[Any, str]] = {}
        self._depths: dict[int, int] = {}

    def text_of(self, value: Any) -> str:
        if type(value) in _ATOMS:
            return repr(value)
        identity = id(value)
        if identity in self._known:
            return self._known[identity][1]
        depth = len(self._depths)
        if identity in self._depths:
            return f"up {depth - self._depths[identity]}"
        self._depths[identity] = depth
        text = self._of_compound(value)
        if len(text) > _LONGEST_PLAIN:
            text = f"#{hashlib.sha256(text.encode()).hexdigest()}"
        del self._depths[identity]
        self._known[identity] = value, text
        return text

    def _of_compound(self, value: Any) -> str:
        kind = type(value)
        if kind is tuple or kind is list:
            return f"{kind.__name__}({','.join([self.text_of(item) for item in value])})"
        if kind is dict:
            pairs = sorted(
                f"{self.text_of(key)}:{self.text_of(item)}" for key, item in value.items()
            )
            return f"dict({','.join(pairs)})"
        if kind is set or kind is frozenset:
            return f"{kind.__name__}({','.join(sorted(map(self.text_of, value)))})"
        if isinstance(value, (type, types.FunctionType)):
            return f"global {value.__module__}.{value.__qualname__}"
        if _is_array(value):
            return _of_array(value)
        try:
            parts = pickled_parts(value)
        except Exception:
            parts = {}
        return f"object({self.text_of(kind)},{self.text_of(parts)})"


def _is_array(value: Any) -> bool:
    """Whether a value is a NumPy array or scalar of numbers or text."""
    dtype = getattr(value, "dtype", None)
    return dtype is not None and hasattr(value, "tobytes") and dtype.kind in "biufcSU"


def _of_array(value: Any) -> str:
    """An array by its content, in order of its indexes, with one NaN for all: the bits of a NaN
    differ between processors."""
    if value.ndim == 0:
        return f"array({value.dtype.str},(),{value.item()!r})"
    unlike_itself = value != value
    if value.dtype.kind in "fc" and unlike_itself.any():
        value = value.copy()
        value[unlike_itself] = float("nan")
    content = hashlib.sha256(value.tobytes()).hexdigest()
    return f"array({value.dtype.str},{value.shape},{content})"
