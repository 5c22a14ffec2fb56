"""How a threshold relaxes with waiting: `rtt_expansions`, their validation and their arithmetic.

The matchmaker holds the expansions; the match pool and the GameManager apply them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

from interactive_gym.options.validation import is_number

Expansion = tuple[float, float]
"""A waiting time in seconds, and the larger threshold in milliseconds that holds after it."""

ExpandBy = Literal["oldest", "newest"]
"""Whose waiting time counts in a group: the longest waiting member's, or the latest one's."""


def checked_expansions(value: Any, threshold_ms: float | None) -> tuple[Expansion, ...]:
    """Return `value` as expansions of `threshold_ms`.

    Raises:
        ValueError: unless `value` lists pairs (wait_s, ms) with increasing waits from 0 on and
            increasing thresholds above `threshold_ms`, or is empty.
    """
    example = "Use for example rtt_expansions=[(60, 200), (120, 300)]."
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(
            f"rtt_expansions must be a list of pairs (wait_s, ms); got {value!r}. {example}"
        )
    if value and threshold_ms is None:
        raise ValueError(
            f"rtt_expansions={value!r} needs a threshold to expand: give max_p2p_rtt_ms too."
        )
    expansions: list[Expansion] = []
    least_wait_s, least_ms = 0.0, threshold_ms or 0.0
    for step in value:
        if not isinstance(step, list | tuple) or len(step) != 2 or not all(map(is_number, step)):
            raise ValueError(
                f"rtt_expansions must hold pairs of numbers (wait_s, ms); got {step!r}. {example}"
            )
        wait_s, ms = step
        if wait_s < least_wait_s or (expansions and wait_s == least_wait_s):
            raise ValueError(
                f"rtt_expansions must have increasing waits, none below 0 s; got {wait_s!r} s in "
                f"{value!r}. Sort them by their waits."
            )
        if ms <= least_ms:
            raise ValueError(
                f"rtt_expansions must have increasing thresholds above max_p2p_rtt_ms="
                f"{threshold_ms!r}; got {ms!r} ms in {value!r}. Let each be larger than the last."
            )
        expansions.append((wait_s, ms))
        least_wait_s, least_ms = wait_s, ms
    return tuple(expansions)


def checked_expand_by(value: Any) -> ExpandBy:
    """Return `value` if it names whose wait counts.

    Raises:
        ValueError: if it does not.
    """
    if value not in get_args(ExpandBy):
        raise ValueError(f'expand_by must be "oldest" or "newest"; got {value!r}.')
    chosen: ExpandBy = value
    return chosen


def due_expansions(expansions: Sequence[Expansion], waited_s: float) -> int:
    """How many expansions are due after `waited_s` seconds of waiting."""
    return bisect_right(expansions, waited_s, key=lambda expansion: expansion[0])


def relaxed_threshold_ms(
    threshold_ms: float | None,
    expansions: Sequence[Expansion],
    waits_s: Iterable[float],
    expand_by: ExpandBy = "oldest",
) -> float | None:
    """The threshold in milliseconds for a group whose members have waited `waits_s` seconds.

    Without expansions, or before the first is due, it is `threshold_ms`.
    """
    if threshold_ms is None or not expansions:
        return threshold_ms
    waited_s = (max if expand_by == "oldest" else min)(waits_s, default=0.0)
    due = due_expansions(expansions, waited_s)
    return expansions[due - 1][1] if due else threshold_ms
