"""Which sites' pages may open a Socket.IO connection: the experiment's `allowed_origins`.

It keeps the browsers of other sites' visitors from holding connections here. It protects no
participant: who they are is known by their token alone, which other sites cannot read, and by no
cookie that browsers would send along.
"""

import logging
from collections.abc import Mapping, Sequence

logger = logging.getLogger(__name__)

MAX_LOGGED_ORIGINS = 20
"""How many refused origins are logged."""
MAX_ORIGIN_CHARS = 200
"""Longer origins are cut in the log."""


def origin_check(allowed: Sequence[str] | None) -> "list[str] | OriginCheck":
    """Return *allowed* as python-engineio takes it; None allows all origins.

    An empty list switches its check off, and also the headers that would let pages of other sites
    read its answers.
    """
    return [] if allowed is None else OriginCheck(allowed)


class OriginCheck:
    """Accepts some origins, and logs each that it refuses once."""

    def __init__(self, allowed: Sequence[str]) -> None:
        """Accept the *allowed* origins, written as browsers write them."""
        self._allowed = tuple(allowed)
        self._logged: set[str] = set()

    def __call__(self, origin: str | None, environ: Mapping[str, object]) -> bool:
        """Whether pages of this origin may connect, and read what they are answered.

        Browsers name none when a page asks its own server. Then nothing is refused, but python-
        engineio asks all the same, for the headers that let pages of other sites read the answer.
        """
        if origin is None or origin in self._allowed:
            return origin is not None
        shown = origin[:MAX_ORIGIN_CHARS].encode("unicode_escape").decode()
        if shown not in self._logged and len(self._logged) < MAX_LOGGED_ORIGINS:
            self._logged.add(shown)
            logger.warning(
                "Refused a page of %s: allowed_origins names only %s. If participants come from "
                "there, add it with .hosting(allowed_origins=[…]).",
                shown,
                ", ".join(self._allowed) or "no origin",
            )
        return False
