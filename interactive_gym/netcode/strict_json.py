"""JSON that every parser reads: no NaN, no infinities, NumPy scalars and arrays as plain values.

A number that JSON has no form for becomes null. Used for tick results and cells.
"""

import json
import math
from typing import Any


def dumps(value: Any) -> str:
    """A value as compact, strict JSON.

    Raises:
        TypeError: The value contains something that JSON has no form for.
    """
    try:
        return _ENCODER.encode(value)
    except ValueError:
        return _ENCODER.encode(_finite(value))


def _plain(value: Any) -> Any:
    """The plain form of a NumPy scalar or array."""
    if callable(getattr(value, "tolist", None)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no form in JSON.")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if callable(getattr(value, "tolist", None)):
        return _finite(value.tolist())
    return value


_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_plain)
