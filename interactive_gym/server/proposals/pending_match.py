"""Proposals whose connections are being probed, and which of their edges are probed next.

Records and pure functions; the GameManager opens pending matches and ends each exactly once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypedDict

from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.probing.report import ProbeReport


class EarlyVerdict(TypedDict):
    """A probe's outcome that arrived before `create_probe` returned its id."""

    rtt_ms: float | None
    """The P2P RTT in milliseconds; `None` if the probe failed."""


@dataclass
class EdgeProbe:
    """An edge of a pending match that is being measured."""

    pair: Pair
    """Offerer and answerer."""

    started_at_s: float
    """Since when, in seconds of the manager's clock."""

    expires_at_s: float
    """When it is given up even if the coordinator never answers."""

    probe_session_id: str | None = None
    """The probe; `None` until `create_probe` returned."""

    is_starting: bool = True
    """Whether `create_probe` has yet to return."""

    report: ProbeReport | None = None
    """The full account of the probe, if it has ended and the coordinator gives one."""

    early_verdict: EarlyVerdict | None = None
    """The outcome, if it arrived inside `create_probe`."""


class PendingMatch(TypedDict):
    """The context of a proposal under probe; its members are reserved."""

    key: str
    """Its present key in `_pending_matches`: the id of the first of its running probes, or until
    that is known, the proposal's."""

    proposal_id: str
    """Identifies the proposal in the ledger."""

    matched: list[MatchCandidate]
    """The proposed group, in seat order."""

    arriving_subject_id: str
    """For whom it was proposed."""

    timestamp_s: float
    """When it was proposed, in seconds of the manager's clock."""

    unprobed: list[Pair]
    """The edges still to be measured after the present ones, in order."""

    probing: list[EdgeProbe]
    """The edges being measured. No two of them share a participant."""


class PendingMatches(dict[str, PendingMatch]):
    """All pending matches, by their keys."""

    def holds(self, pending: PendingMatch) -> bool:
        """Whether this very pending match has not ended."""
        return self.get(pending["key"]) is pending

    def probing(self, pair: Pair) -> tuple[PendingMatch, EdgeProbe] | None:
        """The pending match that is measuring this pair, in either order, and its probe."""
        pending = self.of(pair[0])
        if pending is not None:
            for probe in pending["probing"]:
                if set(probe.pair) == set(pair):
                    return pending, probe
        return None

    def of(self, subject_id: str) -> PendingMatch | None:
        """The pending match that this participant is reserved for."""
        for pending in self.values():
            if any(member.subject_id == subject_id for member in pending["matched"]):
                return pending
        return None

    def rekey(self, pending: PendingMatch) -> None:
        """Keep a pending match under the id of its first running probe, unless that is taken."""
        ids = [p.probe_session_id for p in pending["probing"] if p.probe_session_id is not None]
        if ids and ids[0] not in self:
            del self[pending["key"]]
            pending["key"] = ids[0]
            self[ids[0]] = pending


def pairs_of(group: Sequence[MatchCandidate]) -> list[Pair]:
    """All N(N−1)/2 pairs of a group, the lower seat first."""
    return list(combinations([candidate.subject_id for candidate in group], 2))


def next_edges(pending: PendingMatch) -> list[Pair]:
    """Take from the unprobed edges, in order, those that can be probed beside the running ones.

    Everybody takes part in one probe at a time, so that none disturbs another's measurement.
    """
    busy = {subject_id for probe in pending["probing"] for subject_id in probe.pair}
    chosen: list[Pair] = []
    for pair in list(pending["unprobed"]):
        if busy.isdisjoint(pair):
            pending["unprobed"].remove(pair)
            busy.update(pair)
            chosen.append(pair)
    return chosen


def edges_to_probe(
    group: Sequence[MatchCandidate],
    *,
    is_unknown: Callable[[MatchCandidate, MatchCandidate], bool],
    p_accept: Callable[[MatchCandidate, MatchCandidate], float],
) -> list[Pair]:
    """The edges of a group that must be measured, the one most likely to fail first."""
    unknown = [(a, b) for a, b in combinations(group, 2) if is_unknown(a, b)]
    return [(a.subject_id, b.subject_id) for a, b in sorted(unknown, key=lambda e: p_accept(*e))]
