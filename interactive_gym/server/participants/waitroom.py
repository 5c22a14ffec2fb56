"""The participants who wait for a game, in the order of arrival, and which of them are reserved.

The GameManager has one Waitroom per game scene.
"""

from __future__ import annotations

from collections.abc import Iterable


class Waitroom:
    """The participants waiting for one game scene, longest waiting first.

    All times are seconds of the owner's clock.
    """

    def __init__(self) -> None:
        self._since_s: dict[str, float] = {}
        self._reserved: set[str] = set()

    def __len__(self) -> int:
        return len(self._since_s)

    def __contains__(self, subject_id: object) -> bool:
        return subject_id in self._since_s

    def add(self, subject_id: str, since_s: float) -> None:
        """Add a participant in order of `since_s`; one who waits already keeps their place."""
        if subject_id in self._since_s:
            return
        comes_last = all(other <= since_s for other in self._last_since())
        self._since_s[subject_id] = since_s
        if not comes_last:
            self._since_s = dict(sorted(self._since_s.items(), key=lambda entry: entry[1]))

    def remove(self, subject_id: str) -> float | None:
        """Take a participant out, reserved or not; return since when they waited, if they did."""
        self._reserved.discard(subject_id)
        return self._since_s.pop(subject_id, None)

    def since_s(self, subject_id: str) -> float | None:
        """Since when this participant waits; `None` if they do not."""
        return self._since_s.get(subject_id)

    def everybody(self) -> list[str]:
        """All waiting participants, reserved ones included, longest waiting first."""
        return list(self._since_s)

    def available(self) -> list[str]:
        """The participants who wait and are not reserved, longest waiting first."""
        return [subject_id for subject_id in self._since_s if subject_id not in self._reserved]

    def available_since(self) -> list[tuple[str, float]]:
        """The available participants and since when each waits, longest waiting first."""
        reserved = self._reserved
        return [entry for entry in self._since_s.items() if entry[0] not in reserved]

    @property
    def available_count(self) -> int:
        """How many wait and are not reserved."""
        return len(self._since_s) - len(self._reserved)

    def reserve(self, subject_ids: Iterable[str]) -> None:
        """Hold these participants for a pending match; they keep their place."""
        self._reserved.update(subject_ids)

    def release(self, subject_ids: Iterable[str]) -> None:
        """Make these participants available again."""
        self._reserved.difference_update(subject_ids)

    def is_reserved(self, subject_id: str) -> bool:
        """Whether this participant is held for a pending match."""
        return subject_id in self._reserved

    def _last_since(self) -> Iterable[float]:
        last = next(reversed(self._since_s), None)
        return () if last is None else (self._since_s[last],)
