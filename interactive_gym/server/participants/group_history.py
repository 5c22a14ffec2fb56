"""The last group of every participant, over all scenes of an experiment.

Games record their groups when play begins; matchmakers get the previous partners of candidates.
"""

from __future__ import annotations

from collections.abc import Sequence


class GroupHistory:
    """The last group of every participant."""

    def __init__(self) -> None:
        self._partners: dict[str, tuple[str, ...]] = {}

    def record(self, subject_ids: Sequence[str]) -> None:
        """Note that these participants have begun to play a game together."""
        for subject_id in subject_ids:
            self._partners[subject_id] = tuple(o for o in subject_ids if o != subject_id)

    def partners_of(self, subject_id: str) -> tuple[str, ...]:
        """The subject ids of previous partners; empty before a first game."""
        return self._partners.get(subject_id, ())
