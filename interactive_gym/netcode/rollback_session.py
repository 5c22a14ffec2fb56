"""Rollback: which frames to simulate, with which inputs, and where to begin again.

The session is told inputs and answers with requests (save, load, advance), which its owner carries
out in order. The algorithm is that of GGPO (Tony Cannon, "Fight the Lag!", Game Developer,
September 2012), for any number of seats.
"""

from collections.abc import Sequence
from typing import NamedTuple

from interactive_gym.netcode.delay_schedule import DelaySchedule
from interactive_gym.netcode.input_queue import VACANT, InputQueue


class SaveState(NamedTuple):
    """Keep the state of the simulation as it is before ``frame``."""

    frame: int
    """The frame that is simulated next."""


class LoadState(NamedTuple):
    """Load the state that was saved before ``frame``."""

    frame: int
    """The frame that is simulated next."""


class AdvanceFrame(NamedTuple):
    """Simulate one frame."""

    frame: int
    """The frame's number."""

    inputs: bytes
    """One input per seat, known or predicted."""


Request = SaveState | LoadState | AdvanceFrame


class RollbackSession:
    """Decides which frames of a game to simulate, on one seat.

    Args:
        num_seats: How many seats the game has; each has its own input queue.
        local_seat: The seat whose inputs are made here.
        default_input: The input of a seat of which nothing is known yet.
        input_delay: How many frames after its sampling a local input is applied. The frames before
            the first such input get the default one, which is sent like any other, so participants
            may use different delays.
        max_prediction: How many frames may be simulated beyond the confirmed ones.
        recalls: Whether the local seat has made inputs that were lost in a reload. Others must
            return them before new ones are made.
        delays: How the input delay changes by the inputs; None if it does not.
        history: The inputs of the first frames, one per seat, if they are known from the beginning.
            New inputs follow them as others follow the beginning of a game.
    """

    def __init__(
        self,
        num_seats: int,
        local_seat: int,
        default_input: int,
        input_delay: int,
        max_prediction: int,
        recalls: bool = False,
        delays: DelaySchedule | None = None,
        history: Sequence[bytes] = (),
    ) -> None:
        self.queues: Sequence[InputQueue] = [InputQueue(default_input) for _ in range(num_seats)]
        for seat, queue in enumerate(self.queues):
            made = bytes(inputs[seat] for inputs in history)
            # A seat that was cut is closed once all agree, as at any other time.
            queue.extend(0, made.partition(bytes([VACANT]))[0])
        self.local_queue = self.queues[local_seat]
        self._local_seat = local_seat
        self._default_input = default_input
        self._input_delay = input_delay
        self._max_prediction = max_prediction
        self._recalls = recalls
        self._delays = delays
        self._postponed: int | None = None
        self.given = len(history)
        """How many frames everybody was given the inputs of."""
        self._frame = 0
        self._used: dict[int, bytes] = {}
        self._first_misprediction: int | None = None
        if not recalls:
            self._fill_delay(self.given)

    @property
    def frame(self) -> int:
        """How many frames are simulated; also the number of the next one."""
        return self._frame

    @property
    def known(self) -> int:
        """How many frames from the beginning have a known input of every seat."""
        return min(queue.known for queue in self.queues)

    @property
    def confirmed(self) -> int:
        """How many frames are simulated with known inputs only; true after ``correct``."""
        return min(self._frame, self.known)

    @property
    def recalls(self) -> bool:
        """Whether local inputs made earlier may be missing here."""
        return self._recalls

    @property
    def is_behind(self) -> bool:
        """Whether the next frames' local inputs were all made earlier."""
        return self.local_queue.count > self._frame + self.input_delay_at(self._frame - 1)

    @property
    def may_rebuild(self) -> bool:
        """Whether the next frame can be simulated without a new input and without a guess."""
        return self.is_behind and self._frame < self.known

    @property
    def may_advance(self) -> bool:
        """Whether a new input may be made, and the next frame is within the prediction limit."""
        if self._recalls or self.is_behind:
            return False
        return self._frame - self.confirmed < self._max_prediction

    def input_delay_at(self, frame: int) -> int:
        """The input delay of what is sampled in a frame that may be simulated by now."""
        if self._delays is None:
            return self._input_delay
        for known in range(self._delays.frames, min(self.known, frame + 1)):
            self._delays.take([queue.made(known) for queue in self.queues])
        return self._delays.delay_at(max(0, frame))

    def add_inputs(self, seat: int, first_frame: int, inputs: bytes) -> bool:
        """Take inputs of a seat, the first of them for *first_frame*.

        Returns:
            Whether they were taken. They are refused as a whole if they leave a gap, contradict an
            input already known, come after the seat was closed, or are the local seat's while
            nothing is recalled.
        """
        queue = self.queues[seat]
        if seat == self._local_seat and not self._recalls:
            return False
        if not queue.accepts(first_frame, inputs):
            return False
        first_new = queue.count
        queue.extend(first_frame, inputs)
        self._check_predictions(seat, first_new, queue.count)
        return True

    def end_recall(self) -> None:
        """Begin to make local inputs: all those made earlier are known by now."""
        self._recalls = False
        self._fill_delay()

    def close(self, seat: int) -> None:
        """Make all inputs of another seat that are not known yet ``VACANT``."""
        queue = self.queues[seat]
        queue.close()
        self._check_predictions(seat, queue.count, self._frame)

    def correct(self) -> list[Request]:
        """The requests that simulate again from the first wrong prediction, if there is one."""
        first = self._first_misprediction
        if first is None:
            return []
        self._first_misprediction = None
        requests: list[Request] = [LoadState(first)]
        for frame in range(first, self._frame):
            requests += (SaveState(frame), AdvanceFrame(frame, self._inputs_of(frame)))
        return requests

    def advance(self, local_input: int, wish: int | None = None) -> list[Request]:
        """The requests that simulate the next frame; ``may_advance`` must be true.

        Where the input delay has just become longer the input is made twice, where it has become
        shorter not at all.

        Args:
            local_input: The input sampled now, applied after the input delay.
            wish: ``RAISE`` or ``LOWER``, to be made in place of the input, if one can be.
        """
        frame = self._frame
        if self._postponed is not None and local_input == self.local_queue.prediction:
            # A key that was down for one tick alone would be lost.
            local_input = self._postponed
        self._postponed = local_input
        for _ in range(frame + self.input_delay_at(frame) + 1 - self.local_queue.count):
            self.local_queue.append(local_input if wish is None else wish)
            if wish is None:
                self._postponed = None
            wish = None
        self._frame += 1
        return [SaveState(frame), AdvanceFrame(frame, self._inputs_of(frame))]

    def rebuild(self) -> list[Request]:
        """The request that simulates the next frame; ``may_rebuild`` must be true.

        Its state is not saved, as a frame of known inputs is never simulated again.
        """
        frame = self._frame
        self._frame += 1
        return [AdvanceFrame(frame, self._inputs_of(frame))]

    def forget_before(self, frame: int) -> None:
        """Drop what is kept to find wrong predictions in frames before *frame*, all confirmed."""
        for old in [old for old in self._used if old < frame]:
            del self._used[old]

    def _fill_delay(self, begins: int = 0) -> None:
        while self.local_queue.count < begins + self.input_delay_at(begins - 1):
            self.local_queue.append(self._default_input)

    def _check_predictions(self, seat: int, first: int, end: int) -> None:
        """Find the first wrong prediction of a seat in frames *first* to *end* - 1."""
        queue = self.queues[seat]
        for frame in range(first, min(end, self._frame)):
            if queue[frame] != self._used[frame][seat]:
                if self._first_misprediction is None or frame < self._first_misprediction:
                    self._first_misprediction = frame
                return

    def _inputs_of(self, frame: int) -> bytes:
        inputs = bytes([queue[frame] for queue in self.queues])
        self._used[frame] = inputs
        return inputs
