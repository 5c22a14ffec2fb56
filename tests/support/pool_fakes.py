"""Makes pools for the tests of strategies."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate


def people(**server_rtts_ms: float | None) -> list[MatchCandidate]:
    """Candidates by name, one arriving every second from second 0 on."""
    return [
        MatchCandidate(name, rtt_ms=rtt_ms, waiting_since_s=float(at))
        for at, (name, rtt_ms) in enumerate(server_rtts_ms.items())
    ]


def crowd(names: str, rtt_ms: float | None = 20.0) -> list[MatchCandidate]:
    """One candidate for each letter, all at the same server RTT."""
    return people(**dict.fromkeys(names, rtt_ms))


def pool_of(candidates: list[MatchCandidate], matchmaker: Any = None, **settings: Any) -> MatchPool:
    """A pool of groups of two, a hundred seconds after the start, unless told otherwise."""
    defaults: dict[str, Any] = {"graph": LatencyGraph(), "group_size": 2, "now_s": 100.0}
    return MatchPool(
        candidates, matchmaker=matchmaker or FIFOMatchmaker(100), **{**defaults, **settings}
    )


def measured(
    graph: LatencyGraph, pairs: Any, rtt_ms: float, *, accepted: bool, now_s: float = 100.0
) -> None:
    """Enter one edge for each pair; a string of two letters is a pair."""
    for a, b in pairs:
        graph.record_measurement((a, b), rtt_ms, accepted=accepted, now_s=now_s, wall_s=now_s)


def names(groups: Any) -> list[str]:
    """Groups as strings of names, to compare them."""
    return ["".join(member.subject_id for member in group) for group in groups]


def all_pairs(members: str) -> list[tuple[str, str]]:
    return list(combinations(members, 2))
