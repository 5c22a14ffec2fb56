"""Who kept a connection from coming about, by what the server itself has seen of both sides.

What a browser says of its partner proves nothing, so it is not asked. Where both have done their
part, nobody is to blame: it may be either's network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FailureCause = Literal[
    "not_ready",
    "no_signal",
    "no_candidates",
    "no_report",
    "bad_report",
    "not_started",
    "not_connected",
]
"""What a participant's page did not do.

`not_ready`: answer `probe_prepare`. `no_signal`: make its offer or answer. `no_candidates`: find
any address that it can be reached at. `no_report`: say what it measured, though the partner did.
`bad_report`: report values that can be. `not_started`: say that the game can start, though a
partner's page did. `not_connected`: it did all that, and so did the partner,
but no connection came about; both sides have this cause."""


@dataclass
class Conduct:
    """What the server has seen of one side of a connection."""

    is_ready: bool = False
    """Whether its RTCPeerConnection exists."""

    has_described: bool = False
    """Whether it sent its offer or answer."""

    has_candidates: bool = False
    """Whether it sent an ICE candidate."""

    has_all_candidates: bool = False
    """Whether it said that it has no more ICE candidates."""

    has_measured: bool = False
    """Whether it reported samples."""

    has_failed: bool = False
    """Whether it reported a failure."""

    is_nonsense: bool = False
    """Whether it reported values that cannot be."""

    @property
    def is_unreachable(self) -> bool:
        """Whether it has searched for addresses that it can be reached at, and found none."""
        return self.has_described and self.has_all_candidates and not self.has_candidates


def causes_of_failure(
    offerer: Conduct, answerer: Conduct, *, is_time_up: bool
) -> tuple[FailureCause | None, FailureCause | None]:
    """What the offerer and the answerer did not do; `None` for a side that did its part.

    The first thing missing counts, as nothing after it could happen. While the time of the probe is
    not up nothing is missing yet: else a page could have its partner blamed by giving up at once.
    """
    sides = (offerer, answerer)
    if any(side.is_nonsense for side in sides):
        return _of_those("bad_report", [side.is_nonsense for side in sides])
    if any(side.is_unreachable for side in sides):
        return _of_those("no_candidates", [side.is_unreachable for side in sides])
    if not is_time_up:
        return "not_connected", "not_connected"
    if not all(side.is_ready for side in sides):
        return _of_those("not_ready", [not side.is_ready for side in sides])
    if not offerer.has_described:
        return "no_signal", None
    # An answerer that reports a failure may have got an offer that cannot be answered.
    if not answerer.has_described and not answerer.has_failed:
        return None, "no_signal"
    if answerer.has_described and not all(side.has_candidates for side in sides):
        return _of_those("no_candidates", [not side.has_candidates for side in sides])
    if offerer.has_measured != answerer.has_measured:
        silent = [not (side.has_measured or side.has_failed) for side in sides]
        if any(silent):
            return _of_those("no_report", silent)
    return "not_connected", "not_connected"


def _of_those(
    cause: FailureCause, are_to_blame: list[bool]
) -> tuple[FailureCause | None, FailureCause | None]:
    offerer, answerer = (cause if is_to_blame else None for is_to_blame in are_to_blame)
    return offerer, answerer
