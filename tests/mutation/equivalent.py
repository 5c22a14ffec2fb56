"""Mutations that change nothing anybody could notice, each with the reason.

They are known by the function they are in and by the line before and after, so that they are still
found when code has moved.
"""

from typing import NamedTuple


class Equivalent(NamedTuple):
    """A mutation that no test can catch."""

    definition: str | None
    """The function or class it is in; None at the top of a module."""

    before: str
    """The line, without its indentation."""

    after: str
    """The mutated line."""

    why: str
    """Why it makes no difference."""


_UNREAD = "never read before it is set"

EQUIVALENT: tuple[Equivalent, ...] = (
    Equivalent(
        "__init__",
        "self._stamped_at_ms = 0.0",
        "pass",
        _UNREAD,
    ),
    Equivalent(
        "__init__",
        "self._stamped_at_ms = 0.0",
        "self._stamped_at_ms = 1.0",
        _UNREAD,
    ),
    Equivalent(
        "__init__",
        "self._stamped_at_ms = 0.0",
        "self._stamped_at_ms = -1.0",
        _UNREAD,
    ),
    Equivalent(
        "__init__",
        "self._state = 0",
        "pass",
        _UNREAD,
    ),
    Equivalent(
        "__init__",
        "self._state = 0",
        "self._state = -1",
        _UNREAD,
    ),
    Equivalent(
        "__init__",
        "self._state = 0",
        "self._state = 1",
        _UNREAD,
    ),
    Equivalent(
        None,
        "_ENDLESS = 2**62",
        "_ENDLESS = 3**62",
        "any number beyond every frame will do",
    ),
    Equivalent(
        None,
        "_ENDLESS = 2**62",
        "_ENDLESS = 2** 63",
        "any number beyond every frame will do",
    ),
    Equivalent(
        None,
        "_ENDLESS = 2**62",
        "_ENDLESS = 2** 61",
        "any number beyond every frame will do",
    ),
    Equivalent(
        "extend",
        "self._inputs += inputs[max(0, len(self._inputs) - first_frame) :]",
        "self._inputs += inputs[max( -1, len(self._inputs) - first_frame) :]",
        "accepts() allows no gap, so the difference is never negative",
    ),
    Equivalent(
        "input_delay_for",
        "def input_delay_for(rtt_ms: float, fps: float, max_prediction: int = 8) -> int:",
        "def input_delay_for(rtt_ms: float, fps: float, max_prediction: int = 9) -> int:",
        "half of it, rounded down, is the same",
    ),
    Equivalent(
        "settle",
        "most = max((peer.counts[seat] for peer in self.peers.values()), default=0)",
        "most = max((peer.counts[seat] for peer in self.peers.values()), default= -1)",
        "a count is never negative",
    ),
    Equivalent(
        "decode",
        "if _TRAILER.unpack_from(datagram, size)[0] != zlib.crc32(datagram[:size]):",
        "if _TRAILER.unpack_from(datagram, size)[ -1] != zlib.crc32(datagram[:size]):",
        "it is the only field",
    ),
    Equivalent(
        "add_remote",
        "elif covered > self.newest[0]:",
        "elif covered >= self.newest[0]:",
        "equal and not kept means compared with every peer, which was answered above",
    ),
    Equivalent(
        "__init__",
        "self._compared = dict.fromkeys(peer_seats, 0)",
        "self._compared = dict.fromkeys(peer_seats, -1)",
        "0 frames are never compared",
    ),
)
