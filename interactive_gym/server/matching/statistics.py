"""How fast matching goes: recent waits, the duration of probes, and the last arrival.

Strategies weigh waiting against probing by these running means.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

RECENT_ARRIVALS = 40
"""Of how many arrivals the server RTTs are remembered."""


class RunningMean:
    """A mean that forgets slowly and starts from a first guess.

    Args:
        guess: the mean before anything was observed.
        weight: how many observations the guess counts for.
        keep: which share of the older observations' weight each new one leaves.
    """

    def __init__(self, guess: float, *, weight: float = 3.0, keep: float = 0.98) -> None:
        self._sum, self._weight, self._keep = guess * weight, weight, keep

    def add(self, value: float) -> None:
        """Add an observation."""
        self._sum = self._sum * self._keep + value
        self._weight = self._weight * self._keep + 1.0

    @property
    def value(self) -> float:
        """The present mean."""
        return self._sum / self._weight


class MatchingStatistics:
    """Running means of one scene, in seconds.

    The first guesses, a game after 30 s, a probe of 2 s and an arrival every 10 s, count like three
    observations.

    Args:
        patience_s: how long participants wait at most, in seconds; `None` for no limit.
    """

    def __init__(self, patience_s: float | None = None) -> None:
        self.patience_s = patience_s
        """How long participants wait at most, in seconds; `None` for no limit."""
        self.arrivals = 0
        """How many participants have come."""
        self._gap_s = RunningMean(10.0)
        self._recent_server_rtts_ms: deque[float | None] = deque(maxlen=RECENT_ARRIVALS)
        self._wait_s = RunningMean(30.0)
        self._probe_s = RunningMean(2.0)
        self._arrived_at_s: float | None = None

    def arrived(self, now_s: float, server_rtt_ms: float | None = None) -> None:
        """Note that a participant joined the waitroom, with their server RTT in milliseconds."""
        if self._arrived_at_s is not None:
            self._gap_s.add(max(0.0, now_s - self._arrived_at_s))
        self._arrived_at_s = now_s
        self.arrivals += 1
        self._recent_server_rtts_ms.append(server_rtt_ms)

    def probed(self, took_s: float) -> None:
        """Note that a probe ended, with or without a measurement, after `took_s` seconds."""
        self._probe_s.add(took_s)

    def waited(self, waited_s: float) -> None:
        """Note that a wait ended after `waited_s` seconds, with a game or without."""
        self._wait_s.add(waited_s)

    @property
    def typical_wait_s(self) -> float:
        """How long participants lately waited, in seconds."""
        return self._wait_s.value

    @property
    def typical_probe_s(self) -> float:
        """How long probes lately took, in seconds."""
        return self._probe_s.value

    @property
    def typical_gap_s(self) -> float:
        """The time between arrivals lately, in seconds."""
        return self._gap_s.value

    @property
    def recent_server_rtts_ms(self) -> Sequence[float | None]:
        """The server RTTs of those who came lately, in milliseconds; `None` where not known."""
        return self._recent_server_rtts_ms

    def since_arrival_s(self, now_s: float) -> float:
        """The time since the last arrival, in seconds; 0 before the first."""
        return 0.0 if self._arrived_at_s is None else max(0.0, now_s - self._arrived_at_s)
