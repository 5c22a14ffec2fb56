"""Measures how long a peer's key takes to its effect on the screen here: the effect delay.

From the tick in which a peer sampled an input to the tick here that first shows its frame with that
input known. docs/latency.md says what belongs to it. Both ends are told by the local clock: the
peer sampled when this side simulated the same frame, put right by the lead over the peer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

LEAD_GAIN = 1 / 16
"""Weight of a tick's estimate in the smoothed lead over a peer."""


@dataclass
class Effects:
    """What became of a peer's inputs in a period."""

    delays_ms: list[float] = field(default_factory=list)
    """The effect delay of each input."""

    late: int = 0
    """How many inputs came after their frame had been shown without them."""


class EffectDelay:
    """The effect delays of the inputs of all peers.

    Args:
        frame_ms: Milliseconds per frame.
    """

    def __init__(self, frame_ms: float) -> None:
        self._frame_ms = frame_ms
        self._frame = 0
        self._now_ms = 0.0
        self._simulated_at_ms: dict[int, float] = {}
        self._shown: dict[int, int] = {}
        self._leads: dict[int, float] = {}

    def note_tick(self, now_ms: float, frame: int, advanced: bool) -> None:
        """Note a tick.

        Args:
            now_ms: Its time.
            frame: How many frames are simulated after it.
            advanced: Whether the last of them was simulated for the first time, and not as one of
                many after a reload.
        """
        self._now_ms, self._frame = now_ms, frame
        if advanced:
            self._simulated_at_ms[frame - 1] = now_ms

    def note_lead(self, seat: int, lead: float) -> None:
        """Learn this tick's estimate of the lead over a peer, in frames."""
        known = self._leads.setdefault(seat, lead)
        self._leads[seat] = known + (lead - known) * LEAD_GAIN

    def take_effects(self, seat: int, known: int, input_delay: int) -> Effects:
        """The effects of a peer's inputs that this tick is the first to show.

        Args:
            seat: The peer's seat.
            known: How many of its inputs are known.
            input_delay: How many frames after its sampling an input is applied.
        """
        effects = Effects()
        lead_ms = self._leads.get(seat, 0.0) * self._frame_ms
        first, end = self._shown.get(seat, 0), min(known, self._frame)
        for frame in range(first, end):
            shown_without_ms = self._simulated_at_ms.get(frame)
            sampled_here_ms = self._simulated_at_ms.get(frame - input_delay)
            if shown_without_ms is None or sampled_here_ms is None:
                continue
            effects.late += shown_without_ms < self._now_ms
            effects.delays_ms.append(max(0.0, self._now_ms - sampled_here_ms - lead_ms))
        self._shown[seat] = max(first, end)
        return effects

    def forget(self, seats: Sequence[int], input_delay: int) -> None:
        """Drop what is not needed any more to tell the effects of the inputs of these seats."""
        oldest = min((self._shown.get(seat, 0) for seat in seats), default=self._frame)
        for frame in [f for f in self._simulated_at_ms if f < oldest - input_delay]:
            del self._simulated_at_ms[frame]
