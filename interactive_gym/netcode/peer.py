"""What one participant knows of another during a game: its frame, its RTT, its silence.

``mesh`` checks messages first. There is one ``Peer`` for every other seat, and a new one when its
participant has reloaded the page.
"""

from interactive_gym.netcode.wire import CLOCK_UNITS_PER_MS, InputMessage, clock_stamp, elapsed_ms

_RTT_GAIN = 1 / 8
"""Weight of a new sample in the smoothed RTT, as in RFC 6298 §2."""


class Peer:
    """The participant on another seat, as known from their datagrams.

    Args:
        seat: Their seat.
        num_seats: How many seats the game has.
        frame_ms: Milliseconds per frame.
        incarnation: How often they have reloaded the page.
        brought: How many of their inputs count as brought by themselves from the start, as they
            are given back to them.
    """

    def __init__(
        self, seat: int, num_seats: int, frame_ms: float, incarnation: int = 0, brought: int = 0
    ) -> None:
        self.seat = seat
        self.incarnation = incarnation
        self.brought = brought
        self.asked_for = 0
        self.frame = 0
        self.counts = [0] * num_seats
        self.cut_seats = 0
        self.complete = False
        self.resuming = False
        self.lead: float | None = None
        self.rtt_ms: float | None = None
        self._frame_ms = frame_ms
        self._heard_at_ms: float | None = None
        self._stamp: int | None = None
        self._stamped_at_ms = 0.0

    @property
    def was_heard(self) -> bool:
        """Whether anything has come from this incarnation."""
        return self._heard_at_ms is not None

    def hear(self, message: InputMessage, now_ms: float) -> None:
        """Learn from a message; one that arrives after a newer one takes nothing back."""
        self._heard_at_ms = now_ms
        self.counts = list(map(max, self.counts, message.counts))
        self.cut_seats |= message.cut_seats
        self.complete = self.complete or message.complete
        if message.echo is not None:
            self._sample_rtt(elapsed_ms(message.echo, clock_stamp(now_ms)))
        if self._stamp is None or elapsed_ms(self._stamp, message.sent_at) > 0:
            self._stamp = message.sent_at
            self._stamped_at_ms = now_ms
            self.frame = max(self.frame, message.frame)
            self.lead = message.lead
            self.resuming = message.resuming
            self.asked_for = message.asked_for

    def bring(self, first_input: int, count: int) -> None:
        """Note that inputs of their own came from themselves; beyond a gap they do not count."""
        if first_input <= self.brought:
            self.brought = max(self.brought, first_input + count)

    def _sample_rtt(self, sample_ms: float) -> None:
        """Smooth a sample. It includes the wait for the next tick at both ends."""
        sample_ms = max(0.0, sample_ms)
        if self.rtt_ms is None:
            self.rtt_ms = sample_ms
        else:
            self.rtt_ms += (sample_ms - self.rtt_ms) * _RTT_GAIN

    def echo(self, now_ms: float) -> int | None:
        """The peer's newest stamp plus the time since it came; None if none has come."""
        if self._stamp is None:
            return None
        return clock_stamp(self._stamp / CLOCK_UNITS_PER_MS + now_ms - self._stamped_at_ms)

    def silence_ms(self, now_ms: float, started_at_ms: float) -> float:
        """Milliseconds since the peer was last heard, or since the game began if it never was."""
        last = started_at_ms if self._heard_at_ms is None else self._heard_at_ms
        return max(0.0, now_ms - last)

    def estimate_lead(self, frame: int, now_ms: float) -> float:
        """By how many frames the local simulation, at *frame*, seems ahead of the peer's now."""
        if self._stamp is None:
            return 0.0
        age_ms = now_ms - self._stamped_at_ms + (self.rtt_ms or 0.0) / 2
        return frame - (self.frame + age_ms / self._frame_ms)
