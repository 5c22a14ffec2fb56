"""Logs input that is refused: once for each kind and client, and then how often by now.

So a hostile or broken page cannot fill the log.
"""

from __future__ import annotations

import logging
from collections import Counter

logger = logging.getLogger(__name__)

MAX_FAULT_CHARS = 200
"""Longer descriptions of a fault are cut, as they may quote what came."""


def is_worth_a_line(times: int) -> bool:
    """Whether what happened for the `times`th time is to be logged: it is for 1, 10, 100, …"""
    while times % 10 == 0 and times > 0:
        times //= 10
    return times == 1


def on_one_line(text: str) -> str:
    """A text that may quote what a client sent, short and without line ends."""
    return text[:MAX_FAULT_CHARS].encode("unicode_escape").decode()


class RejectedInput:
    """Counts the input that was refused, by kind and client."""

    def __init__(self) -> None:
        self._times: Counter[tuple[str | None, str]] = Counter()

    def note(self, subject_id: str | None, kind: str, why: str) -> None:
        """Note that input was dropped; logs the 1st, 10th, 100th, … of a kind.

        Args:
            subject_id: who sent it; `None` for all connections that stand for no participant.
            kind: what it was, such as the name of an event. Never a text that a client chose.
            why: what is wrong with it.
        """
        self._times[subject_id, kind] += 1
        times = self._times[subject_id, kind]
        if not is_worth_a_line(times):
            return
        sender = "a connection without participant"
        if subject_id is not None:
            sender = f"participant {subject_id}"
        count = "" if times == 1 else f" ({times} times by now)"
        logger.warning("Dropped %s of %s: %s%s", kind, sender, on_one_line(why), count)
