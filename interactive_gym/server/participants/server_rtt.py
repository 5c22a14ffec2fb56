"""The round-trip time between each participant's browser and the server.

Measured by Socket.IO acknowledgements. Matchmakers may rank by it.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

SAMPLES = 5
"""How many of the latest samples the minimum is taken over."""
FIRST_SAMPLES = 3
"""How many samples are taken in a row after a connection."""


class ServerRttMeter:
    """Measures, and keeps the latest samples of, every participant's server RTT."""

    def __init__(self, sio: Any, *, clock: Callable[[], float]) -> None:
        """Send through the Socket.IO server *sio*; *clock* gives seconds and never goes back."""
        self._sio = sio
        self._clock = clock
        self._samples_ms: defaultdict[str, deque[float]] = defaultdict(
            lambda: deque(maxlen=SAMPLES)
        )

    def measure(self, subject_id: str, sid: str, in_a_row: int = 1) -> None:
        """Take samples over the socket *sid* of a participant, each after the one before."""
        sent = self._clock()

        def answered(*_: Any) -> None:
            self._samples_ms[subject_id].append((self._clock() - sent) * 1000)
            if in_a_row > 1:
                self.measure(subject_id, sid, in_a_row - 1)

        self._sio.emit("measure_server_rtt", {}, to=sid, callback=answered)

    def count(self, subject_id: str) -> int:
        """Return how many samples are kept of a participant, at most `SAMPLES`."""
        return len(self._samples_ms.get(subject_id, ()))

    def minimum_ms(self, subject_id: str) -> float | None:
        """Return the smallest of the latest samples, or None before the first.

        The smallest, because a browser that is busy loading the page answers late: most samples of
        a new participant may be too large, but none is too small.
        """
        samples = self._samples_ms.get(subject_id)
        return min(samples) if samples else None
