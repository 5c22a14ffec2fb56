"""Says once per participant and event that something malformed came from a browser.

It keeps a hostile or broken page from filling the log; it never judges input itself. Used by
whoever receives Socket.IO payloads.
"""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)

MAX_FAULT_CHARS = 200
"""Longer descriptions of a fault are cut, as they may quote what came."""


class RejectedInput:
    """Remembers whose bad input was logged already."""

    def __init__(self) -> None:
        self._logged: set[tuple[str, str]] = set()

    def note(self, subject_id: str, event: str, why: str) -> None:
        """Log that `event` of this participant was dropped, the first time it happens."""
        if (subject_id, event) not in self._logged:
            self._logged.add((subject_id, event))
            # On one line, whatever was quoted.
            fault = why[:MAX_FAULT_CHARS].encode("unicode_escape").decode()
            logger.warning("Dropped %s of participant %s: %s", event, subject_id, fault)
