"""A clock that jumps from event to event, so that hours of a study pass in a second.

It only keeps time and order; what happens is the events' matter. Two events of the same moment
happen in the order in which they were scheduled, which makes a simulation deterministic.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable


class Timer:
    """An event to come, which can be called off."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action: Callable[[], object] | None = action

    def cancel(self) -> None:
        """Let the event not happen."""
        self._action = None

    def fire(self) -> None:
        """Let the event happen, once at most."""
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
        """Have `action` happen at a moment, in virtual seconds.

        Raises:
            ValueError: if that moment is over.
        """
        if not time_s >= self._now_s:
            raise ValueError(f"It is {self._now_s} s already; nothing can happen at {time_s} s.")
        timer = Timer(action)
        heapq.heappush(self._events, (time_s, next(self._numbers), timer))
        return timer

    def after(self, delay_s: float, action: Callable[[], object]) -> Timer:
        """Have `action` happen after some seconds."""
        return self.at(self._now_s + delay_s, action)

    def run(self) -> None:
        """Let time pass until nothing is left to happen."""
        while self._events:
            self._now_s, _, timer = heapq.heappop(self._events)
            timer.fire()
