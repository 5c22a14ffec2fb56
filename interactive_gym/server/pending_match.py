"""Proposals whose connections are being probed, and which of their edges is probed next.

Records and pure functions; the GameManager opens pending matches and ends each exactly once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TypedDict

from interactive_gym.server.latency_graph import Pair
from interactive_gym.server.matchmaker import MatchCandidate
from interactive_gym.server.probe_report import ProbeReport


class EarlyVerdict(TypedDict):
    """A probe's outcome that arrived before `create_probe` returned its id."""

    rtt_ms: float | None
    """The P2P RTT in milliseconds; `None` if the probe failed."""


class PendingMatch(TypedDict):
    """The context of a proposal under probe; its members are reserved."""

    key: str
    """Its present key in `_pending_matches`: the running probe's id, or until that is known, the
    proposal's."""

    proposal_id: str
    """Identifies the proposal in the ledger."""

    matched: list[MatchCandidate]
    """The proposed group, in seat order."""

    arriving_subject_id: str
    """For whom the matchmaker proposed it."""

    timestamp_s: float
    """When it was proposed, in seconds of the manager's clock."""

    unprobed: list[Pair]
    """The edges still to be measured after the present one, in order."""

    probing: Pair
    """The edge being measured: offerer and answerer."""

    probe_session_id: str | None
    """The running probe; `None` until `create_probe` returned."""

    probe_is_starting: bool
    """Whether `create_probe` has yet to return."""

    expires_at_s: float
    """When the running probe is given up even if the coordinator never answers."""

    report: ProbeReport | None
    """The full account of the present probe, if it has ended and the coordinator gives one."""

    early_verdict: EarlyVerdict | None
    """The outcome, if it arrived inside `create_probe`."""


class PendingMatches(dict[str, PendingMatch]):
    """All pending matches, by their keys."""

    def holds(self, pending: PendingMatch) -> bool:
        """Whether this very pending match has not ended."""
        return self.get(pending["key"]) is pending

    def probing(self, pair: Pair) -> PendingMatch | None:
        """The pending match that is measuring this pair, in either order."""
        return next((p for p in self.values() if set(p["probing"]) == set(pair)), None)

    def of(self, subject_id: str) -> PendingMatch | None:
        """The pending match that this participant is reserved for."""
        for pending in self.values():
            if any(member.subject_id == subject_id for member in pending["matched"]):
                return pending
        return None

    def rekey(self, pending: PendingMatch, key: str) -> None:
        """Keep a pending match under another key, unless that one is taken."""
        if key not in self:
            del self[pending["key"]]
            pending["key"] = key
            self[key] = pending


def pairs_of(group: Sequence[MatchCandidate]) -> list[Pair]:
    """All N(N−1)/2 pairs of a group, the lower seat first."""
    return list(combinations([candidate.subject_id for candidate in group], 2))


def edges_to_probe(
    group: Sequence[MatchCandidate], is_known_good: Callable[[Pair], bool]
) -> list[Pair]:
    """The edges of a group that must be measured, the one most likely to fail first.

    The sum of two server RTTs bounds the P2P RTT from above as far as the triangle inequality
    holds, so a larger sum is likelier to exceed the threshold; an unmeasured one comes first.
    """
    server_rtt_ms = {candidate.subject_id: candidate.rtt_ms for candidate in group}

    def bound_ms(pair: Pair) -> float:
        rtts = [server_rtt_ms[subject_id] for subject_id in pair]
        return sum(float("inf") if rtt is None else rtt for rtt in rtts)

    missing = [pair for pair in pairs_of(group) if not is_known_good(pair)]
    return sorted(missing, key=bound_ms, reverse=True)
