"""Keeps participants at the same frame: whoever leads makes its ticks a little longer.

It computes how long to wait; no frame is skipped and no tick made shorter. Each side estimates its
own lead; half the difference of the two estimates is the true one, because what both misjudge alike
(travel, the wait for a tick) cancels out, as the two one-way delays do in NTP (RFC 5905 §8).
"""

from collections.abc import Iterable

_SMOOTHING = 0.25
"""Weight of a tick's estimate in the smoothed lead."""

_GAIN = 0.1
"""Share of the lead given up per tick; with the smoothing it settles without overshoot."""

_TOLERATED_LEAD = 0.25
"""Smaller leads, in frames, are left alone: they are within the noise."""

_MAX_STRETCH = 0.5
"""The longest wait, as a share of a tick."""


class TimeSync:
    """The lead over the slowest peer, and the wait that reduces it.

    Args:
        frame_ms: Milliseconds per frame.
    """

    def __init__(self, frame_ms: float) -> None:
        self._frame_ms = frame_ms
        self._lead = 0.0  # smoothed, over the slowest peer, in frames

    def observe(self, estimates: Iterable[tuple[float, float]]) -> None:
        """Learn this tick's estimates: for each peer the lead over it and its own lead over us."""
        leads = [(own - theirs) / 2 for own, theirs in estimates]
        if leads:
            self._lead += (max(leads) - self._lead) * _SMOOTHING

    def wait_ms(self) -> float:
        """Milliseconds to wait beyond the usual before the next tick."""
        if self._lead <= _TOLERATED_LEAD:
            return 0.0
        return min(self._lead * _GAIN, _MAX_STRETCH) * self._frame_ms
