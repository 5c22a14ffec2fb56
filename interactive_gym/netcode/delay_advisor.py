"""Decides on one participant's part whether the input delay should change during the game.

It watches by how many frames the partners' newest inputs are behind the simulation, and wishes for
a longer delay if they are late for some time, for a shorter one if they are early for a longer
time. ``delay_schedule`` says what becomes of wishes.
"""

import math
from collections import deque

from interactive_gym.netcode.delay_schedule import MIN_INPUT_DELAY
from interactive_gym.netcode.input_delay import COMFORTABLE_DELAY_MS
from interactive_gym.netcode.input_queue import LOWER, RAISE

RAISE_S, RAISE_SHARE = 2.0, 1 / 3
"""A longer delay is wished for if in so many seconds so large a share of ticks was late."""

LOWER_S, LOWER_SHARE = 10.0, 0.01
"""A shorter one, if in so many seconds no larger share of ticks would have been late with it."""

SPARE_FRAMES = 1
"""By how much inputs must be early beyond what a shorter delay needs."""

SILENCE_MS = 500.0
"""A silence as long as this is no slow connection, but a cut or a page that does not run."""

SETTLING_S = 3.0
"""For so many seconds after a silence, and after the start, nothing counts: who was held up is
behind, and inputs are late for its partner until both are at the same frame again."""


LOOK_TICKS = 15
"""What was seen is summed up once in so many ticks, as it changes little from one to the next."""


class DelayAdvisor:
    """One participant's wishes.

    Up to a comfortable delay a late input is one that had to be predicted; beyond it one that is
    close to the prediction limit, as in `input_delay_for`.

    Args:
        fps: Frames per second of the game.
        max_prediction: How many frames may be predicted.
    """

    def __init__(self, fps: float, max_prediction: int) -> None:
        self._comfortable = max(1, math.floor(COMFORTABLE_DELAY_MS * fps / 1000))
        self._half_prediction = max_prediction // 2
        self._raise_ticks = max(1, round(RAISE_S * fps))
        self._missing: deque[int] = deque(maxlen=max(1, round(LOWER_S * fps)))
        self._settling_ticks = self._ticks_to_settle = round(SETTLING_S * fps)
        self._input_delay: int | None = None
        self._seen_ticks = 0

    def wish(self, missing: int, silence_ms: float, input_delay: int) -> int | None:
        """The wish after a tick: ``RAISE``, ``LOWER`` or None.

        Args:
            missing: By how many frames the newest input of the partner who is furthest behind is
                behind the simulation; negative if all are ahead of it.
            silence_ms: For how long nothing came from one of them.
            input_delay: The input delay now.
        """
        if silence_ms > SILENCE_MS:
            self._settling_ticks = self._ticks_to_settle
        if self._settling_ticks or input_delay != self._input_delay:
            self._forget()
            self._input_delay = input_delay
        if self._settling_ticks:
            self._settling_ticks -= 1
            return None
        self._missing.append(missing)
        self._seen_ticks += 1
        if self._seen_ticks % LOOK_TICKS:
            return None
        if self._is_late(input_delay):
            self._forget()
            return RAISE
        if input_delay > MIN_INPUT_DELAY and self._is_early(input_delay):
            self._forget()
            return LOWER
        return None

    def _forget(self) -> None:
        self._missing.clear()
        self._seen_ticks = 0

    def _is_late(self, input_delay: int) -> bool:
        if len(self._missing) < self._raise_ticks:
            return False
        tolerated = self._tolerated(input_delay)
        late = sum(self._missing[-tick] > tolerated for tick in range(1, self._raise_ticks + 1))
        return late >= RAISE_SHARE * self._raise_ticks

    def _is_early(self, input_delay: int) -> bool:
        if len(self._missing) < (self._missing.maxlen or 0):
            return False
        tolerated = self._tolerated(input_delay - 1) - 1 - SPARE_FRAMES
        late = sum(missing > tolerated for missing in self._missing)
        return late <= LOWER_SHARE * len(self._missing)

    def _tolerated(self, input_delay: int) -> int:
        """How many frames may be predicted with an input delay before a longer one is better."""
        return 0 if input_delay < self._comfortable else self._half_prediction
