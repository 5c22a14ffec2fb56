"""The participants who wait for a game, in the order of arrival, and what they are reserved for.

The GameManager has one Waitroom per game scene.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


class Waitroom:
    """The participants waiting for one game scene, longest waiting first.

    All times are seconds of the owner's clock.

    Args:
        max_reservations: for how many pending matches one participant is held at most.
    """

    def __init__(self, max_reservations: int = 1) -> None:
        self._max_reservations = max_reservations
        self._since_s: dict[str, float] = {}
        self._reservations: Counter[str] = Counter()
        self._full: set[str] = set()

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
        self._reservations.pop(subject_id, None)
        self._full.discard(subject_id)
        return self._since_s.pop(subject_id, None)

    def since_s(self, subject_id: str) -> float | None:
        """Since when this participant waits; `None` if they do not."""
        return self._since_s.get(subject_id)

    def everybody(self) -> list[str]:
        """All waiting participants, reserved ones included, longest waiting first."""
        return list(self._since_s)

    def available(self) -> list[str]:
        """The participants who wait and may be held for another pending match, longest waiting
        first."""
        return [subject_id for subject_id, _ in self.available_since()]

    def available_since(self) -> list[tuple[str, float]]:
        """The available participants and since when each waits, longest waiting first."""
        full = self._full
        return [entry for entry in self._since_s.items() if entry[0] not in full]

    def unreserved_since(self) -> list[tuple[str, float]]:
        """The participants held for no pending match, and since when each waits, longest first."""
        reservations = self._reservations
        return [entry for entry in self._since_s.items() if entry[0] not in reservations]

    @property
    def available_count(self) -> int:
        """How many wait and may be held for another pending match."""
        return len(self._since_s) - len(self._full)

    def reserve(self, subject_ids: Iterable[str]) -> None:
        """Hold these participants for one more pending match; they keep their place."""
        for subject_id in subject_ids:
            self._reservations[subject_id] += 1
            if self._reservations[subject_id] >= self._max_reservations:
                self._full.add(subject_id)

    def release(self, subject_ids: Iterable[str]) -> None:
        """Hold these participants for one pending match less."""
        for subject_id in subject_ids:
            self._full.discard(subject_id)
            if self._reservations[subject_id] > 1:
                self._reservations[subject_id] -= 1
            else:
                self._reservations.pop(subject_id, None)

    def is_reserved(self, subject_id: str) -> bool:
        """Whether this participant is held for a pending match."""
        return subject_id in self._reservations

    def is_available(self, subject_id: str) -> bool:
        """Whether this participant, who need not wait, may be held for another pending match."""
        return subject_id not in self._full

    def _last_since(self) -> Iterable[float]:
        last = next(reversed(self._since_s), None)
        return () if last is None else (self._since_s[last],)
