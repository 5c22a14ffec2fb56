"""Logs malformed input from browsers, once per participant and event.

So a hostile or broken page cannot fill the log.
"""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)

MAX_FAULT_CHARS = 200
"""Longer descriptions of a fault are cut, as they may quote what came."""


class RejectedInput:
    """Remembers which malformed input was logged already."""

    def __init__(self) -> None:
        self._logged: set[tuple[str, str]] = set()

    def note(self, subject_id: str, event: str, why: str) -> None:
        """Log that `event` of this participant was dropped, the first time it happens."""
        if (subject_id, event) not in self._logged:
            self._logged.add((subject_id, event))
            # On one line, whatever was quoted.
            fault = why[:MAX_FAULT_CHARS].encode("unicode_escape").decode()
            logger.warning("Dropped %s of participant %s: %s", event, subject_id, fault)
