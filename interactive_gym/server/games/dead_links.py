"""Decides which participant to cut when connections between participants are dead.

A report says that a link is dead, not which of its two sides is cut off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

REPORT_LASTS_S = 2.5
"""How long a report holds, in seconds: a dead link is reported again every second."""

OTHERS_MAY_REPORT_S = 1.0
"""How long reports on other links are waited for, in seconds, before a seat of many is cut."""


@dataclass
class _DeadLink:
    """A link that was reported as dead."""

    reported_seat: int
    """The seat that the first report says is lost."""

    first_at_s: float
    """When the first report came."""

    last_at_s: float
    """When the last report came, from either side."""


class DeadLinks:
    """The links of one game that participants report as dead."""

    def __init__(self) -> None:
        self._links: dict[frozenset[int], _DeadLink] = {}

    def report(self, reporter: int, seat: int, now_s: float) -> None:
        """Note that `reporter` no longer receives anything from `seat`."""
        self._forget_old(now_s)
        link = self._links.setdefault(frozenset((reporter, seat)), _DeadLink(seat, now_s, now_s))
        link.last_at_s = now_s

    def seat_to_cut(self, seats: Collection[int], now_s: float, *, in_game: int) -> int | None:
        """The seat to cut now, if any; call again after cutting it.

        In a game of two, the reported seat is cut at once. In a larger game, the other seats first
        get time to report; then the seat with the most dead links is cut, the highest of equals.

        Args:
            seats: the seats that are in the game and present.
            now_s: now, in seconds.
            in_game: how many seats are in the game, the absent ones included.
        """
        self._forget_old(now_s)
        dead = {pair: link for pair, link in self._links.items() if pair <= set(seats)}
        if not dead:
            return None
        if in_game == 2:
            return next(iter(dead.values())).reported_seat
        if now_s < min(link.first_at_s for link in dead.values()) + OTHERS_MAY_REPORT_S:
            return None
        touching = Counter(seat for pair in dead for seat in pair)
        return max(touching, key=lambda seat: (touching[seat], seat))

    def _forget_old(self, now_s: float) -> None:
        self._links = {
            pair: link
            for pair, link in self._links.items()
            if now_s <= link.last_at_s + REPORT_LASTS_S
        }
