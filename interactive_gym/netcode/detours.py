"""Around which bad links a participant's inputs come to this one, and through whom.

In a group every participant is connected to every other. A datagram says how many inputs of each
seat its sender holds, so what comes from a helper tells how far the inputs of a third seat, the
origin, would be known here if the helper had sent them along. If that is further than what the
origin itself has brought, the link between the two is the worse way, and the helper is asked.

The receiver chooses. It alone knows how late everything comes, so there is one helper for a bad
link without anything to agree on, and whom it asks is in its datagrams.
"""

from collections.abc import Collection, Sequence

from interactive_gym.netcode.peer import Peer
from interactive_gym.netcode.wire import MAX_INPUTS

BEGIN_FRAMES = 3
"""A detour begins once it would have brought inputs by so many frames earlier."""

HELPFUL_FRAMES = 2
"""It goes on while now and then it brings them by so many frames earlier."""

HOLD_S = 3.0
"""It ends when it has not done that for so many seconds."""

BETTER_FRAMES = 3
"""Another helper is chosen if it would have brought the inputs by so many frames earlier."""

LONGEST_FRAMES = MAX_INPUTS
"""No detour goes further than this beyond what the origin has brought, which its datagrams repeat
all along: a link that is silent for so long is a matter of partners' timeouts."""


class Detours:
    """The seats whose inputs come through another participant.

    Args:
        fps: Frames, and so ticks, per second of the game.
    """

    def __init__(self, fps: float) -> None:
        self._hold_ticks = round(HOLD_S * fps)
        self._helpers: dict[int, int] = {}
        self._unhelpful_ticks: dict[int, int] = {}

    def choose(self, peers: Collection[Peer], counts: Sequence[int]) -> None:
        """Begin, go on with or end detours; called once a tick.

        Args:
            peers: The other participants.
            counts: How many inputs of each seat are held here.
        """
        for origin in peers:
            seat = origin.seat
            held = {
                peer.seat: peer.counts[seat]
                for peer in peers
                if peer is not origin and not peer.resuming
            }
            if not held or origin.resuming or counts[seat] - origin.brought > LONGEST_FRAMES:
                self._end(seat)
                continue
            best = max(held, key=lambda helper: (held[helper], -helper))
            gain = held[best] - origin.brought
            if seat not in self._helpers:
                if gain >= BEGIN_FRAMES:
                    self._helpers[seat] = best
                    self._unhelpful_ticks[seat] = 0
                continue
            if held[best] - held.get(self._helpers[seat], 0) >= BETTER_FRAMES:
                self._helpers[seat] = best
            is_helpful = gain >= HELPFUL_FRAMES
            self._unhelpful_ticks[seat] = 0 if is_helpful else self._unhelpful_ticks[seat] + 1
            if self._unhelpful_ticks[seat] >= self._hold_ticks:
                self._end(seat)

    def asked_of(self, helper: int) -> int:
        """The seats whose inputs a helper is asked for, as a bit mask."""
        return sum(1 << origin for origin, asked in self._helpers.items() if asked == helper)

    def runs_through(self, helper: int, origin: int) -> bool:
        """Whether a helper is asked for the inputs of a seat."""
        return self._helpers.get(origin) == helper

    def forget(self, seat: int) -> None:
        """End what comes from, or through, a participant who is lost."""
        for origin, helper in list(self._helpers.items()):
            if seat in (origin, helper):
                self._end(origin)

    def _end(self, origin: int) -> None:
        self._helpers.pop(origin, None)
        self._unhelpful_ticks.pop(origin, None)
