"""How much one client may send: a token bucket each for messages and for bytes.

Who sends more is slowed to the rate of the buckets. Who then still sends without a pause is to be
disconnected. Times are given, in seconds of one clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rate:
    """How much may come at once, and how much over time."""

    burst: float
    """The most that may come at once."""

    per_s: float
    """How much is granted every second."""


@dataclass(frozen=True)
class Limits:
    """What one client may send."""

    messages: Rate
    """How many messages; a fragment of a WebSocket message counts as one."""

    size: Rate
    """How many bytes, after decompression."""

    max_message: int
    """The largest message in bytes, after decompression."""


BEFORE_SIGN_IN = Limits(Rate(30, 5), Rate(32_000, 8_000), max_message=16_000)
"""What a connection may send before it stands for a participant."""

SIGNED_IN = Limits(Rate(300, 100), Rate(2_000_000, 256_000), max_message=1_000_000)
"""What a participant may send. A page that plays sends three or four messages and some 10 kB a
second; the bursts leave room for signals, and for what a page kept during an outage."""

PATIENCE_S = 10.0
"""How long a client may send more than it is allowed without ever waiting, in seconds."""


@dataclass
class _Bucket:
    """A token bucket that may be overdrawn."""

    rate: Rate
    level: float
    filled_at_s: float

    def take(self, amount: float, now_s: float) -> float:
        """Take tokens; returns in how many seconds the bucket is no longer overdrawn."""
        gained = (now_s - self.filled_at_s) * self.rate.per_s
        self.level = min(self.rate.burst, self.level + gained) - amount
        self.filled_at_s = now_s
        return max(0.0, -self.level / self.rate.per_s)


@dataclass
class Allowance:
    """What one client may still send."""

    limits: Limits
    """How much that is altogether."""

    created_at_s: float
    """When the client came."""

    _pressing_since_s: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._messages, self._size = (
            _Bucket(rate, rate.burst, self.created_at_s)
            for rate in (self.limits.messages, self.limits.size)
        )

    def charge(self, now_s: float, *, messages: float = 0, size: int = 0) -> float:
        """Note what came; returns for how many seconds nothing more may be read."""
        delay_s = max(self._messages.take(messages, now_s), self._size.take(size, now_s))
        if delay_s > 0 and self._pressing_since_s is None:
            self._pressing_since_s = now_s
        return delay_s

    def waited(self) -> None:
        """Note that the client has sent nothing more before it was read again."""
        self._pressing_since_s = None

    def is_spent(self, now_s: float) -> bool:
        """Whether the client goes on and on although it is slowed: it is to be disconnected."""
        since_s = self._pressing_since_s
        return since_s is not None and now_s - since_s > PATIENCE_S
