"""Who played with whom last, over all scenes of an experiment.

A record and nothing else: games report their groups when play begins, and the GameManagers look
up previous partners for the matchmakers. Shared by all scenes; it never leaves the server.
"""

from __future__ import annotations

from collections.abc import Sequence


class GroupHistory:
    """The last group of every participant."""

    def __init__(self) -> None:
        self._partners: dict[str, tuple[str, ...]] = {}

    def record(self, subject_ids: Sequence[str]) -> None:
        """These participants have begun to play a game together."""
        for subject_id in subject_ids:
            self._partners[subject_id] = tuple(o for o in subject_ids if o != subject_id)

    def partners_of(self, subject_id: str) -> tuple[str, ...]:
        """Those whom this participant played with last; empty before a first game."""
        return self._partners.get(subject_id, ())
