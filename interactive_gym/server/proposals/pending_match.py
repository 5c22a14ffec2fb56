"""Proposals whose edges are being probed: their records, their next probes, and their outcomes.

EdgeProbing keeps the pending matches; the GameManager carries out the outcomes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple, TypeAlias, TypedDict

from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.probing.report import ProbeReport


class ProbeEnd(NamedTuple):
    """How a probe ended."""

    rtt_ms: float | None
    """The P2P RTT in milliseconds; `None` if the probe failed."""

    report: ProbeReport | None
    """The report, if the coordinator gives one."""


@dataclass(eq=False)
class EdgeProbe:
    """An edge of a pending match that is being measured."""

    pending: PendingMatch = field(repr=False)
    """The pending match it belongs to."""

    pair: Pair
    """Offerer and answerer."""

    started_at_s: float
    """Since when, in seconds of the manager's clock."""

    expires_at_s: float
    """When it is given up if the coordinator does not answer."""

    probe_session_id: str | None = None
    """The probe's id; `None` until `create_probe` has returned it."""

    is_starting: bool = True
    """Whether `create_probe` has yet to return."""

    early_ends: list[ProbeEnd] = field(default_factory=list)
    """The result that arrived inside `create_probe`, before the probe's id was known."""

    rtt_ms: float | None = None
    """The measured P2P RTT in milliseconds; `None` while it runs and after a failure."""

    report: ProbeReport | None = None
    """The report, if the probe has ended and the coordinator gives one."""


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
    """The participant for whom it was proposed."""

    timestamp_s: float
    """When it was proposed, in seconds of the manager's clock."""

    unprobed: list[Pair]
    """The edges still to be measured after the present ones, in order."""

    probing: list[EdgeProbe]
    """The edges being measured. No two of them share a participant."""


@dataclass(frozen=True)
class StillProbing:
    """The verdict on other edges is still to come."""

    to_start: list[EdgeProbe]
    """The probes that can begin now."""


@dataclass(frozen=True)
class Complete:
    """Every edge of the group is acceptable: the game can be created."""

    group: list[MatchCandidate]
    """The group, in seat order."""


@dataclass(frozen=True)
class Dissolved:
    """The pending match ended without a game."""

    candidates: list[MatchCandidate]
    """The candidates who are available again."""

    unneeded_probes: list[str]
    """The ids of probes that still run and can be cancelled."""


ProbingOutcome: TypeAlias = StillProbing | Complete | Dissolved
"""What became of a pending match by the verdict on one of its edges."""


class PendingMatches(dict[str, PendingMatch]):
    """All pending matches, by their keys."""

    def __init__(self) -> None:
        super().__init__()
        # Asked with every probe, and there may be hundreds of matches.
        self._of_member: defaultdict[str, list[PendingMatch]] = defaultdict(list)

    def __setitem__(self, key: str, pending: PendingMatch) -> None:
        super().__setitem__(key, pending)
        for member in pending["matched"]:
            self._of_member[member.subject_id].append(pending)

    def __delitem__(self, key: str) -> None:
        pending = self[key]
        for subject_id in (member.subject_id for member in pending["matched"]):
            others = [other for other in self._of_member[subject_id] if other is not pending]
            if others:
                self._of_member[subject_id] = others
            else:
                del self._of_member[subject_id]
        super().__delitem__(key)

    def holds(self, pending: PendingMatch) -> bool:
        """Whether this pending match has not ended."""
        return self.get(pending["key"]) is pending

    def probing(self, pair: Pair) -> EdgeProbe | None:
        """The running probe of this pair, in either order."""
        for pending in self.reserving(pair[0]):
            for probe in pending["probing"]:
                if set(probe.pair) == set(pair):
                    return probe
        return None

    def reserving(self, subject_id: str) -> list[PendingMatch]:
        """The pending matches that this participant is reserved for, in the order of proposal."""
        return list(self._of_member.get(subject_id, ()))

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

    A participant takes part in one probe at a time, so that probes do not disturb each other.
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
