"""Pairs of participants who must not play together, by their recruitment ids.

Whoever takes part twice under one id is never grouped with themselves. Recruitment ids are personal
data, so only the subject ids of blocked pairs are returned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

BlockedPair = tuple[str, str]
"""Two recruitment ids."""


class Blocklist:
    """The blocked pairs of one scene.

    Args:
        pairs: the blocked pairs, by recruitment id.
        recruitment_id_of: looks up a participant's recruitment id by their subject id; `None` for
            a participant who has none.
    """

    def __init__(
        self, pairs: Sequence[BlockedPair], recruitment_id_of: Callable[[str], str | None]
    ) -> None:
        self.pair_count = len(pairs)
        """How many pairs are blocked. Their ids are personal data."""
        self._recruitment_id_of = recruitment_id_of
        self._others: dict[str, set[str]] = {}
        for one, other in pairs:
            self._others.setdefault(one, set()).add(other)
            self._others.setdefault(other, set()).add(one)
        # Lists, not sets: the ledger holds what follows from their order, which must not vary.
        self._arrived: dict[str, list[str]] = {}

    def arrived(self, subject_id: str) -> list[str]:
        """Note an arrival; returns the earlier subject ids that it is blocked with.

        Several subject ids of one recruitment id count as the same participant, so each is blocked,
        and they are blocked with each other.
        """
        recruitment_id = self._recruitment_id_of(subject_id)
        if recruitment_id is None:
            return []
        here = self._arrived.setdefault(recruitment_id, [])
        if subject_id not in here:
            here.append(subject_id)
        themselves = [other for other in here if other != subject_id]
        return themselves + [
            blocked
            for other in sorted(self._others.get(recruitment_id, ()))
            for blocked in self._arrived.get(other, ())
        ]
