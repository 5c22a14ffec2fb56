"""The MatchCandidate of each participant, as the matchmaker sees it.

Server RTTs and attributes are kept as they were on arrival, so that only what is in the ledger can
change a decision.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.participants.shared_parts import SharedParts
from interactive_gym.server.participants.waitroom import Waitroom

logger = logging.getLogger(__name__)

CROWD_ABOVE = 300
"""With more free participants than this there is a crowd."""

NOTABLE_CHANGE_SHARE = 0.1
"""A change of the server RTT by no more than this share is ignored."""

NOTABLE_CHANGE_MS = 2.0
"""A change of the server RTT by no more than this is ignored, in milliseconds."""


@dataclass(frozen=True)
class Acquaintance:
    """A participant's server RTT, attributes and previous partners."""

    server_rtt_ms: float | None
    """Their server RTT in milliseconds, or `None` while it is unmeasured."""

    attributes: Mapping[str, Any]
    """What else the experiment tells the matchmaker about them."""

    previous_partners: tuple[str, ...]
    """The subject ids of their previous partners."""


class Candidates:
    """The participants of a scene as its matchmaker sees them.

    Args:
        waitroom: who waits, since when, and who is reserved.
        shared: looks up server RTTs and previous partners.
        attributes_of: looks up what else the matchmaker may know of a participant.
        crowd_above: with more free participants than this there is a crowd; `None` for never.
        clock: seconds; the moment of the decision.
    """

    def __init__(
        self,
        waitroom: Waitroom,
        shared: SharedParts,
        *,
        attributes_of: Callable[[str], Mapping[str, Any]],
        crowd_above: int | None = None,
        clock: Callable[[], float],
    ) -> None:
        self._limit = crowd_above
        self._waitroom = waitroom
        self._shared = shared
        self._attributes_of = attributes_of
        self._clock = clock
        self._known: dict[str, Acquaintance] = {}
        self._made: dict[str, MatchCandidate] = {}

    def arrive(self, subject_id: str) -> MatchCandidate:
        """Look up and keep the data of a participant who has arrived."""
        try:
            attributes = dict(self._attributes_of(subject_id))
        except Exception:
            logger.exception("The attributes of participant %s could not be told", subject_id)
            attributes = {}
        self._known[subject_id] = Acquaintance(
            server_rtt_ms=self._shared.server_rtt_ms(subject_id),
            attributes=MappingProxyType(attributes),
            previous_partners=tuple(self._shared.history.partners_of(subject_id)),
        )
        self._made.pop(subject_id, None)
        return self.candidate_of(subject_id)

    def candidate_of(self, subject_id: str) -> MatchCandidate:
        """The candidate of a participant; the same object for as long as nothing changes."""
        if subject_id not in self._known:
            return self.arrive(subject_id)
        since_s = self._waitroom.since_s(subject_id)
        waiting_since_s = self._clock() if since_s is None else since_s
        made = self._made.get(subject_id)
        if made is None or made.waiting_since_s != waiting_since_s:
            known = self._known[subject_id]
            made = self._made[subject_id] = MatchCandidate(
                subject_id=subject_id,
                rtt_ms=known.server_rtt_ms,
                waiting_since_s=waiting_since_s,
                attributes=known.attributes,
                previous_partners=known.previous_partners,
            )
        return made

    @property
    def is_crowd(self) -> bool:
        """Whether more are free than the limit, out of time or not."""
        return self._limit is not None and self._waitroom.available_count > self._limit

    def free(self, since_after_s: float) -> list[MatchCandidate]:
        """The candidates who wait and are not reserved, longest waiting first.

        Args:
            since_after_s: leaves out those who began to wait then or earlier, in seconds of the
                clock.
        """
        made = self._made
        return [
            candidate
            if (candidate := made.get(subject_id)) is not None
            and candidate.waiting_since_s == since_s
            else self.candidate_of(subject_id)
            for subject_id, since_s in self._waitroom.available_since()
            if since_s > since_after_s
        ]

    def refresh(self) -> list[MatchCandidate]:
        """Update server RTTs; returns the candidates whose server RTT changed notably."""
        changed = []
        for subject_id in self._waitroom.everybody():
            earlier_ms = self.candidate_of(subject_id).rtt_ms
            now_ms = self._shared.server_rtt_ms(subject_id)
            if now_ms is not None and _is_notable(earlier_ms, now_ms):
                self._known[subject_id] = replace(self._known[subject_id], server_rtt_ms=now_ms)
                del self._made[subject_id]
                changed.append(self.candidate_of(subject_id))
        return changed


def _is_notable(earlier_ms: float | None, now_ms: float) -> bool:
    if earlier_ms is None:
        return True
    return abs(now_ms - earlier_ms) > max(NOTABLE_CHANGE_MS, NOTABLE_CHANGE_SHARE * earlier_ms)
