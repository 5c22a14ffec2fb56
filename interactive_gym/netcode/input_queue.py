"""The inputs of one seat, frame by frame without gaps, and a guess at the next one.

All inputs are kept, so that a peer that lost some can be given them: at one byte a frame an hour of
play is about 100 kB. The rollback session keeps one queue per seat.
"""

HIDDEN = 0x80
"""The bit of an input that is set if the participant's page was hidden."""

ACTION_MASK = 0x7F
"""The bits of an input that hold the index into the table of actions."""

VACANT = 0xFF
"""The input of every frame after the participant of the seat is gone for good."""

RAISE, LOWER = 0x7E, 0x7F
"""Inputs that wish for another input delay, and otherwise repeat the one before (see
``delay_schedule``); no table of actions is so long that they are actions."""

_ENDLESS = 2**62


class InputQueue:
    """Known inputs of frames 0 to ``count - 1``; later ones are predicted.

    Args:
        default_input: The input predicted while none is known.
    """

    def __init__(self, default_input: int) -> None:
        self._inputs = bytearray()
        self._last_action = default_input
        self._actions: dict[int, int] = {}
        self._closed = False

    @property
    def count(self) -> int:
        """How many inputs the participant has made, as far as is known here."""
        return len(self._inputs)

    @property
    def known(self) -> int:
        """The first frame whose input is not known; beyond any frame once the queue is closed."""
        return _ENDLESS if self._closed else len(self._inputs)

    @property
    def is_closed(self) -> bool:
        """Whether the participant is gone, so that all further inputs are ``VACANT``."""
        return self._closed

    @property
    def prediction(self) -> int:
        """The guess for every unknown frame: the same as the last known input."""
        if self._closed:
            return VACANT
        return self._last_action

    def __getitem__(self, frame: int) -> int:
        """The known or predicted input of a frame, which for a wish is the one before it."""
        if frame >= len(self._inputs):
            return self.prediction
        return self._actions.get(frame, self._inputs[frame])

    def made(self, frame: int) -> int:
        """The input of a frame before ``known`` as it was made, be it a wish."""
        return self._inputs[frame] if frame < len(self._inputs) else VACANT

    def append(self, value: int) -> None:
        """Add the input of frame ``count``."""
        if value in (RAISE, LOWER):
            self._actions[len(self._inputs)] = self._last_action
        else:
            self._last_action = value
        self._inputs.append(value)

    def since(self, first_frame: int, limit: int) -> bytes:
        """The known inputs from *first_frame* on, at most *limit* of them."""
        return bytes(self._inputs[first_frame : first_frame + limit])

    def accepts(self, first_frame: int, inputs: bytes) -> bool:
        """Whether *inputs*, the first for *first_frame*, leave no gap and contradict none known."""
        known = self._inputs[first_frame : first_frame + len(inputs)]
        return not self._closed and first_frame <= len(self._inputs) and inputs.startswith(known)

    def extend(self, first_frame: int, inputs: bytes) -> None:
        """Append what is new in *inputs*, for which ``accepts`` must be true."""
        for value in inputs[max(0, len(self._inputs) - first_frame) :]:
            self.append(value)

    def close(self) -> None:
        """Make every input that is not known yet ``VACANT``."""
        self._closed = True
