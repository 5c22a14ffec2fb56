"""Decides which participant to cut when connections between participants are dead.

What one participant says of another is not enough, as it may be a lie. A link is dead if both its
ends say so, and a seat is lost if two others say so. Who goes on to say what nobody else sees
cannot play, or does not want to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

REPORT_LASTS_S = 2.5
"""How long a report holds, in seconds: a dead link is reported again every second."""

OTHERS_MAY_REPORT_S = 1.0
"""How long reports on other links are waited for, in seconds, before a seat of many is cut."""

WITNESS_WITHIN_S = 20.0
"""How long a second witness is waited for, in seconds. The server itself is one: a connection that
is gone without a word is noticed by the heartbeat, after up to 15 seconds."""


@dataclass(frozen=True)
class LostSeat:
    """A seat that cannot go on."""

    seat: int
    """The seat."""

    reason: Literal["connection_lost", "unwitnessed"]
    """`unwitnessed`: only this participant says that others are lost."""


@dataclass
class _Report:
    """What one participant says of another."""

    first_at_s: float
    """When they said so first."""

    last_at_s: float
    """When they said so last."""


class DeadLinks:
    """The links of one game that participants report as dead."""

    def __init__(self) -> None:
        self._reports: dict[tuple[int, int], _Report] = {}

    def report(self, reporter: int, seat: int, now_s: float) -> None:
        """Note that `reporter` no longer receives anything from `seat`."""
        self._forget_old(now_s)
        report = self._reports.setdefault((reporter, seat), _Report(now_s, now_s))
        report.last_at_s = now_s

    def forget(self, seat: int) -> None:
        """Drop what was said by a seat and of it, as its participant is back."""
        self._reports = {pair: report for pair, report in self._reports.items() if seat not in pair}

    def reporters_of(self, seat: int, present: Collection[int], now_s: float) -> list[int]:
        """Which of the present seats say of a seat that they receive nothing from it."""
        self._forget_old(now_s)
        return [reporter for reporter in present if (reporter, seat) in self._reports]

    def lost_seat(self, seats: Collection[int], now_s: float, *, in_game: int) -> LostSeat | None:
        """The seat to cut now, if any; call again after cutting it.

        Of the seats with links that are known to be dead, it is the one with the most, the highest
        of equals. In a game of more than two, all have time to report first.

        Args:
            seats: the seats that are in the game and present.
            now_s: now, in seconds.
            in_game: how many seats are in the game, the absent ones included.
        """
        self._forget_old(now_s)
        reports = {pair: report for pair, report in self._reports.items() if {*pair} <= {*seats}}
        said_of = Counter(seat for _, seat in reports)
        dead = {
            frozenset(pair): report
            for pair, report in reports.items()
            if pair[::-1] in reports or said_of[pair[1]] > 1
        }
        if dead:
            first_at_s = min(report.first_at_s for report in dead.values())
            if in_game > 2 and now_s < first_at_s + OTHERS_MAY_REPORT_S:
                return None
            touching = Counter(seat for pair in dead for seat in pair)
            lost = max(touching, key=lambda seat: (touching[seat], seat))
            return LostSeat(lost, "connection_lost")
        alone = [
            reporter
            for (reporter, _), report in reports.items()
            if now_s >= report.first_at_s + WITNESS_WITHIN_S
        ]
        return LostSeat(max(alone), "unwitnessed") if alone else None

    def _forget_old(self, now_s: float) -> None:
        self._reports = {
            pair: report
            for pair, report in self._reports.items()
            if now_s <= report.last_at_s + REPORT_LASTS_S
        }
