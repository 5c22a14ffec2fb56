"""Remembers for each participant whom they must not be proposed with by what was measured.

A memory of the LatencyGraph's answers, so that asking for everybody in a full waitroom looks only
at those of whom something has changed. It knows nothing that the graph does not know.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from interactive_gym.server.latency_graph import LatencyGraph, Link


class Known(NamedTuple):
    """An answer, and until when it holds."""

    until_s: float
    """When the first of the pairs stops being blocked, in seconds of the graph's owner's clock."""

    partners: frozenset[str]
    """The subject ids."""


class BlockedPartners:
    """Who is blocked with whom.

    Args:
        graph: what is known of pairs.
    """

    def __init__(self, graph: LatencyGraph) -> None:
        self._graph = graph
        self._known: dict[str, Known] = {}
        self._revision = graph.revision

    def of(self, subject_id: str, now_s: float) -> frozenset[str]:
        """The subject ids of everybody whom this participant must not be proposed with now."""
        for changed in self._graph.changed_since(self._revision):
            self._known.pop(changed, None)
        self._revision = self._graph.revision
        known = self._known.get(subject_id)
        if known is None or now_s >= known.until_s:
            ends_s = {
                partner: _blocked_until_s(link, now_s)
                for partner, link in self._graph.links(subject_id).items()
                if link.is_blocked(now_s)
            }
            until_s = min(ends_s.values(), default=math.inf)
            known = self._known[subject_id] = Known(until_s, frozenset(ends_s))
        return known.partners


def _blocked_until_s(link: Link, now_s: float) -> float:
    """When something of what blocks a pair ends, so that it must be looked at again."""
    edge, failure = link.fresh_edge(now_s), link.failure
    ends_s = [] if edge is None or edge.accepted else [edge.expires_at_s]
    if failure is not None and failure.retry_at_s > now_s:
        ends_s.append(failure.retry_at_s)
    return min(ends_s, default=math.inf)
