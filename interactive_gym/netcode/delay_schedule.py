"""At which frame a game's input delay changes: a function of the inputs that all participants know.

Who wants another input delay makes a wish: an input of theirs that is no action, but ``RAISE`` or
``LOWER``, and repeats the action before it. Wishes travel as inputs do, are acknowledged, relayed
and given back after a reload as inputs are, so all participants come to the same delays at the same
frames, and nothing has to be agreed on besides.

A change begins as many frames after its wish as may be predicted. Nobody simulates that frame
without knowing the wish, as one who does not know an input is held back before.
"""

from collections.abc import Sequence

from interactive_gym.netcode.game_config import MAX_INPUT_DELAY
from interactive_gym.netcode.input_queue import LOWER, RAISE, VACANT

MIN_INPUT_DELAY = 1
"""No change leads below it: every input is on its way for some time."""


class DelaySchedule:
    """The input delay of every frame of a game.

    One wish to raise is enough. To lower takes a wish of everyone who is still there, within some
    time. While a change has not begun all further wishes count for nothing.

    Args:
        input_delay: The delay at the beginning, in frames.
        max_prediction: How many frames may be simulated beyond the confirmed ones.
        wish_frames: For how many frames a wish to lower counts.
    """

    def __init__(self, input_delay: int, max_prediction: int, wish_frames: int) -> None:
        self._changes = [(0, input_delay)]
        self._lead = max_prediction
        self._wish_frames = wish_frames
        self._wishes: dict[int, int] = {}
        self.frames = 0
        """Of how many frames the inputs are taken in."""

    def recall(self, delays: Sequence[int]) -> None:
        """Begin after frames of which only the input delays are known.

        What was wished for in them and had not begun counts for nothing.
        """
        for frame, delay in enumerate(delays):
            if delay != self._changes[-1][1]:
                self._changes.append((frame, delay))
        self.frames = len(delays)

    def take(self, values: Sequence[int]) -> None:
        """Take in the inputs of the next frame, one per seat, all known."""
        frame = self.frames
        self.frames += 1
        for seat, value in enumerate(values):
            if value == LOWER:
                self._wishes[seat] = frame
        if RAISE in values:
            self._wishes.clear()
            self._change(frame, 1)
        elif LOWER in values and self._all_wish(values, frame):
            self._change(frame, -1)

    def delay_at(self, frame: int) -> int:
        """The input delay in a frame.

        It is final once the inputs of all frames are taken in but for the last that may be
        predicted.
        """
        return next(delay for begins, delay in reversed(self._changes) if begins <= frame)

    def _all_wish(self, values: Sequence[int], frame: int) -> bool:
        oldest = frame - self._wish_frames
        return all(
            value == VACANT or self._wishes.get(seat, oldest) > oldest
            for seat, value in enumerate(values)
        )

    def _change(self, frame: int, by: int) -> None:
        begins, delay = self._changes[-1]
        if frame >= begins and MIN_INPUT_DELAY <= delay + by <= MAX_INPUT_DELAY:
            self._changes.append((frame + self._lead, delay + by))
            self._wishes.clear()
