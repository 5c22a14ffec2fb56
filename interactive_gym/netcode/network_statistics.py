"""How the network affected the game, summed up once a second: the rows of ``network.csv``.

``game_loop`` tells it of every tick and hands its rows on. The page adds what only it knows, such
as the time between pictures.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from interactive_gym.netcode.effect_delay import Effects

PERIOD_MS = 1000
"""The period of a row, in milliseconds."""

COLUMNS = (
    "time_ms",
    "frame",
    "confirmed_frames",
    "ticks",
    "stalled_ticks",
    "rollbacks",
    "rollback_frames",
    "max_rollback_frames",
    "input_delay_ms",
    "max_input_delay_ms",
    "peer_seat",
    "rtt_ms",
    "missing_inputs",
    "max_missing_inputs",
    "max_silence_ms",
    "effect_delay_ms",
    "max_effect_delay_ms",
    "late_inputs",
)
"""The fields of a row.

- ``time_ms``: milliseconds from the first tick to the end of the period
- ``frame``, ``confirmed_frames``: frames simulated and confirmed by then
- ``ticks``; ``stalled_ticks``: those that did not advance
- ``rollbacks``; ``rollback_frames``: frames simulated again, in all and at most in one tick
- ``input_delay_ms``, ``max_input_delay_ms``: from the sampling of an input to the tick in which its
  frame was simulated, mean and largest; null if none was
- ``peer_seat``: the peer that the other fields are about; null in a game of one participant
- ``rtt_ms``: P2P RTT as the game's datagrams tell it, tick by tick, hence up to two frames high
- ``missing_inputs``, ``max_missing_inputs``: by how many frames the peer's newest input was behind
  the simulation, mean and largest over the ticks
- ``max_silence_ms``: the longest time for which nothing came from the peer
- ``effect_delay_ms``, ``max_effect_delay_ms``: from the peer's sampling of an input to the tick
  here that first shows its frame with it, mean and largest; true to three quarters of a frame; null
  if none was
- ``late_inputs``: how many inputs came after their frame had been shown without them
"""


@dataclass
class _Peer:
    """The sums of the present period for one peer."""

    rtt_ms: float | None = None
    missing_inputs: list[int] = field(default_factory=list)
    max_silence_ms: float = 0.0
    effects: Effects = field(default_factory=Effects)


@dataclass
class _Period:
    """The sums of the present period."""

    ticks: int = 0
    stalled_ticks: int = 0
    rollbacks: int = 0
    rollback_frames: int = 0
    max_rollback_frames: int = 0
    input_delays_ms: list[float] = field(default_factory=list)
    peers: dict[int, _Peer] = field(default_factory=dict)


class NetworkStatistics:
    """Sums up ticks and peers, period by period.

    Args:
        input_delay: How many frames after its sampling an input is applied at first.
    """

    def __init__(self, input_delay: int) -> None:
        self.input_delay = input_delay
        """How many frames after its sampling an input is applied, now."""
        self._sampled_at_ms: deque[float] = deque()
        self._started_at_ms: float | None = None
        self._period_from_ms = 0.0
        self._now_ms = 0.0
        self._frame = 0
        self._period = _Period()

    def note_tick(self, now_ms: float, frame: int, advanced: bool, rollback_frames: int) -> None:
        """Sum up a tick.

        Args:
            now_ms: Its time.
            frame: How many frames are simulated after it.
            advanced: Whether it sampled an input and simulated a new frame.
            rollback_frames: How many frames it simulated again.
        """
        if self._started_at_ms is None:
            self._started_at_ms = self._period_from_ms = now_ms
        self._now_ms, self._frame = now_ms, frame
        period = self._period
        period.ticks += 1
        period.stalled_ticks += not advanced
        period.rollbacks += rollback_frames > 0
        period.rollback_frames += rollback_frames
        period.max_rollback_frames = max(period.max_rollback_frames, rollback_frames)
        if advanced:
            # The frame simulated now takes the input sampled so many advancing ticks ago.
            self._sampled_at_ms.append(now_ms)
            sampled_at_ms = None
            while len(self._sampled_at_ms) > self.input_delay:
                sampled_at_ms = self._sampled_at_ms.popleft()
            if sampled_at_ms is not None:
                period.input_delays_ms.append(now_ms - sampled_at_ms)

    def note_peer(
        self,
        seat: int,
        missing_inputs: int,
        silence_ms: float,
        rtt_ms: float | None,
        effects: Effects,
    ) -> None:
        """Sum up what is known of a peer after a tick."""
        peer = self._period.peers.setdefault(seat, _Peer())
        peer.rtt_ms = rtt_ms
        peer.missing_inputs.append(missing_inputs)
        peer.max_silence_ms = max(peer.max_silence_ms, silence_ms)
        peer.effects.delays_ms += effects.delays_ms
        peer.effects.late += effects.late

    def take_rows(self, confirmed_frames: int) -> list[dict[str, Any]]:
        """The rows of the period, one per peer, if it is over; else none."""
        if self._started_at_ms is None or self._now_ms - self._period_from_ms < PERIOD_MS:
            return []
        period, delays = self._period, self._period.input_delays_ms
        common = {
            "time_ms": round(self._now_ms - self._started_at_ms, 1),
            "frame": self._frame,
            "confirmed_frames": confirmed_frames,
            "ticks": period.ticks,
            "stalled_ticks": period.stalled_ticks,
            "rollbacks": period.rollbacks,
            "rollback_frames": period.rollback_frames,
            "max_rollback_frames": period.max_rollback_frames,
            "input_delay_ms": _mean(delays),
            "max_input_delay_ms": _largest(delays),
        }
        self._period, self._period_from_ms = _Period(), self._now_ms
        if not period.peers:
            return [dict.fromkeys(COLUMNS) | common]
        return [
            {
                **common,
                "peer_seat": seat,
                "rtt_ms": None if peer.rtt_ms is None else round(peer.rtt_ms, 1),
                "missing_inputs": round(sum(peer.missing_inputs) / len(peer.missing_inputs), 2),
                "max_missing_inputs": max(peer.missing_inputs),
                "max_silence_ms": round(peer.max_silence_ms, 1),
                "effect_delay_ms": _mean(peer.effects.delays_ms),
                "max_effect_delay_ms": _largest(peer.effects.delays_ms),
                "late_inputs": peer.effects.late,
            }
            for seat, peer in period.peers.items()
        ]


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None


def _largest(values: Sequence[float]) -> float | None:
    return round(max(values), 1) if values else None
