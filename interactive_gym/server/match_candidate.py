"""A waiting participant as matchmakers, searches and predictions see one. It has no rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class MatchCandidate:
    """A waiting participant as a matchmaker sees it."""

    subject_id: str
    """The participant's opaque id."""

    rtt_ms: float | None = None
    """The server RTT in milliseconds, or `None` while it is unmeasured."""

    waiting_since_s: float | None = None
    """When the participant joined the waitroom, in seconds of the GameManager's clock."""

    attributes: Mapping[str, Any] = field(
        default_factory=lambda: MappingProxyType({}), compare=False
    )
    """Whatever else is known of the participant (a condition, a survey answer)."""

    previous_partners: tuple[str, ...] = ()
    """The subject ids of those this participant played with last; empty before a first game."""
