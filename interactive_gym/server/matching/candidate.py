"""A waiting participant as matchmakers see one, and the rules that hold for every pair of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from interactive_gym.server.matching.relaxation import ExpandBy, Expansion

Pair = tuple[str, str]
"""Two subject ids. Functions here take them in either order."""


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


Compatible: TypeAlias = Callable[[MatchCandidate, MatchCandidate], bool]
"""Tells whether two candidates may be in one group, whatever their RTT."""


class MatchingRules(Protocol):
    """Threshold, relaxation and compatibility: what a MatchPool asks of its matchmaker."""

    max_p2p_rtt_ms: float | None
    """The largest acceptable P2P RTT in milliseconds; `None` accepts every pair."""

    rtt_expansions: tuple[Expansion, ...]
    """How the threshold relaxes with waiting; empty if it does not."""

    expand_by: ExpandBy
    """Whose waiting relaxes the threshold of a group."""

    compatible: Compatible | None
    """Whether two candidates may be in one group; `None` allows every pair."""

    def threshold_ms(self, waits_s: Sequence[float] = ()) -> float | None:
        """The threshold for a group whose members have waited so long, after relaxation."""
