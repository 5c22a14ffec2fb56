"""Which failures of pages to load something are kept: the first of each kind and participant.

So a page that fails again and again, or a hostile one, can fill neither the data nor the log.
"""

import re
from typing import Literal

Resource = Literal["page", "connection", "game", "image"]
"""What a page could not load. `page`: its own modules, scripts and styles. `connection`: the
Socket.IO connection. `game`: Python, the environment, its packages, or images to preload. `image`:
one that was first asked for while the game was drawn."""

MAX_KEPT = 10_000
"""How many failures are kept while the server runs. Tokens cost a request each."""


class LoadFailures:
    """Remembers which failures have been kept."""

    def __init__(self) -> None:
        self._kept: set[tuple[str, Resource]] = set()

    def is_new(self, subject_id: str, resource: Resource) -> bool:
        """Whether a failure is to be kept; it is not asked for again."""
        kind = (subject_id, resource)
        if kind in self._kept or len(self._kept) >= MAX_KEPT:
            return False
        self._kept.add(kind)
        return True


def plain_reason(reason: str) -> str:
    """Return a page's *reason* on one line, and without queries: they hold recruitment ids."""
    return re.sub(r"\?\S*", "", reason).encode("unicode_escape").decode()
