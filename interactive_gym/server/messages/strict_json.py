"""JSON of whatever stands in a line of the ledger or a `match.json`, as researchers' own values do.

What cannot be read would spoil the file for every parser, and what is left out a replay.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 10
"""Values that are nested deeper are told as text."""


def dumps(fields: Mapping[str, Any], indent: int | None = None) -> str:
    """Fields as strict JSON: what it has no form for is text, and a number that is none `null`."""
    try:
        return json.dumps(fields, default=str, allow_nan=False, indent=indent)
    except (TypeError, ValueError, RecursionError):
        return json.dumps(_plain(fields, MAX_DEPTH), allow_nan=False, indent=indent)


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping) and depth:
        return {_text(key): _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple) and depth:
        return [_plain(item, depth - 1) for item in value]
    if isinstance(value, int) and abs(value) < 2**64:
        return value
    return _text(value)


def _text(value: Any) -> str:
    """A value as text, or what kind of value it is if it has none."""
    try:
        return str(value)
    except Exception:
        return f"a {type(value).__name__}"
