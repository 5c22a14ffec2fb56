"""The rules of a matchmaker that hold for every pair and group, apart from how it proposes.

Only a shape: what a MatchPool asks of the matchmaker it is made for. A Matchmaker has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from interactive_gym.server.match_candidate import MatchCandidate
from interactive_gym.server.relaxation import ExpandBy, Expansion

Compatible: TypeAlias = Callable[[MatchCandidate, MatchCandidate], bool]
"""Tells whether two candidates may be in one group, whatever their RTT."""


class MatchingRules(Protocol):
    """Threshold, relaxation and compatibility."""

    max_p2p_rtt_ms: float | None
    """The largest acceptable P2P RTT in milliseconds; `None` accepts every pair."""

    rtt_expansions: tuple[Expansion, ...]
    """How the threshold relaxes with waiting; empty if it does not."""

    expand_by: ExpandBy
    """Whose waiting relaxes the threshold of a group."""

    compatible: Compatible | None
    """Whether two candidates may be in one group; `None`: everybody may."""

    def threshold_ms(self, waits_s: Sequence[float] = ()) -> float | None:
        """The threshold for a group whose members have waited so long, after relaxation."""
