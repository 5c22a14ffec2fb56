"""A clock that jumps from event to event, so that hours of a study pass in a second.

Two events of the same moment happen in the order in which they were scheduled, which makes a
simulation deterministic.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable


class Timer:
    """A scheduled event, which can be cancelled."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action: Callable[[], object] | None = action

    def cancel(self) -> None:
        """Cancel the event."""
        self._action = None

    def fire(self) -> None:
        """Run the event, once at most."""
        action, self._action = self._action, None
        if action is not None:
            action()


class VirtualTime:
    """Virtual seconds; calling it reads the clock, as with `time.monotonic`."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._events: list[tuple[float, int, Timer]] = []
        self._numbers = itertools.count()

    def __call__(self) -> float:
        """Read the clock, in virtual seconds."""
        return self._now_s

    def at(self, time_s: float, action: Callable[[], object]) -> Timer:
        """Schedule `action` at a moment, in virtual seconds.

        Raises:
            ValueError: if that moment has passed.
        """
        if not time_s >= self._now_s:
            raise ValueError(f"It is {self._now_s} s already; nothing can happen at {time_s} s.")
        timer = Timer(action)
        heapq.heappush(self._events, (time_s, next(self._numbers), timer))
        return timer

    def after(self, delay_s: float, action: Callable[[], object]) -> Timer:
        """Schedule `action` after some seconds."""
        return self.at(self._now_s + delay_s, action)

    def run(self) -> None:
        """Run all events, until none is left."""
        while self._events:
            self._now_s, _, timer = heapq.heappop(self._events)
            timer.fire()
