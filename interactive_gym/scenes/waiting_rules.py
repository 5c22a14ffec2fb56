"""Checks of a game scene's rules for those who wait: their patience, and who is kept apart.

Each check returns the accepted value or raises a ValueError of one sentence that names the option,
the value and the fix. Used by GymScene.
"""

import math
from collections.abc import Sequence
from typing import Any


def checked_patience_ms(value: Any) -> int:
    """Accept a number of seconds from 1 on; returns it in whole milliseconds."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < 1:
        raise ValueError(f"patience_s is {value!r}: give a number of seconds of at least 1.")
    milliseconds: int = round(value * 1000)
    return milliseconds


def checked_blocked_pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """Accept a sequence of pairs of two different recruitment ids."""
    example = 'give pairs of recruitment ids, such as [("5f1c…", "60a2…")].'
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"blocked_pairs is {value!r}: {example}")
    pairs = []
    for pair in value:
        is_pair = isinstance(pair, (list, tuple)) and len(pair) == 2
        if not is_pair or not all(isinstance(one, str) and one.strip() for one in pair):
            raise ValueError(f"blocked_pairs has {pair!r}: {example}")
        if pair[0] == pair[1]:
            raise ValueError(f"blocked_pairs has {pair[0]!r} twice in a pair: {example}")
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)
