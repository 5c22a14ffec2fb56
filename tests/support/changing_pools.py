"""A pool that changes as a waitroom does: people come, leave, are proposed and come back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from hypothesis import strategies as st

from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.statistics import MatchingPace
from interactive_gym.server.matchmaker import MatchCandidate, Matchmaker
from tests.support.pool_fakes import measured, pool_of

Event = tuple[str, int, int]
Group = list[MatchCandidate]
THRESHOLD_MS = 60

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "arrive", "leave", "return", "return", "fail", "wait", "limit"]),
        st.integers(0, 6),
        st.integers(0, 6),
    ),
    min_size=10,
    max_size=60,
)


def not_both_odd(a: MatchCandidate, b: MatchCandidate) -> bool:
    """Who may be in one group, in these pools."""
    return a.attributes["n"] % 2 == 0 or b.attributes["n"] % 2 == 0


def changing_pools(
    strategy: Matchmaker, events: Iterable[Event], seed: int, *, group_size: int = 2
) -> Iterator[tuple[MatchPool, list[Group]]]:
    """After every event the pool, and what the strategy proposes of it.

    The first two participants are on the blocklist.
    """
    rng = random.Random(seed)
    graph, pace = LatencyGraph(fresh_s=40, backoff_s=3, blocklist=[("p0", "p1")]), MatchingPace()
    free: dict[str, MatchCandidate] = {}
    limited: set[str] = set()
    reserved: list[Group] = []
    now_s = 0.0
    for kind, at, other in events:
        subject_id, now_s = f"p{at}", now_s + 0.5
        if kind == "arrive" and subject_id not in str(reserved):
            server_rtt_ms = rng.choice([None, rng.uniform(1, 120)])
            previous = (f"p{other}",) if other != at else ()
            free.setdefault(
                subject_id,
                MatchCandidate(
                    subject_id, server_rtt_ms, now_s, {"n": at}, previous_partners=previous
                ),
            )
            pace.arrived(now_s)
        elif kind == "leave":
            free.pop(subject_id, None)
        elif kind == "wait":
            now_s += 7 * at
        elif kind == "limit":
            limited ^= {subject_id}
        elif kind == "fail" and at != other:
            graph.record_failure((subject_id, f"p{other}"), now_s=now_s)
        elif kind == "return" and reserved:
            _end(reserved.pop(at % len(reserved)), free, graph, rng, now_s)
        graph.lapse(now_s)
        pool = pool_of(
            sorted(free.values(), key=lambda c: c.waiting_since_s or 0.0),
            strategy,
            graph=graph,
            now_s=now_s,
            pace=pace,
            group_size=group_size,
            at_probe_limit=set(limited),
        )
        groups = strategy.propose(pool)
        yield pool, groups
        for group in groups:
            reserved.append(group)
            for member in group:
                free.pop(member.subject_id, None)


def _end(
    group: Group,
    free: dict[str, MatchCandidate],
    graph: LatencyGraph,
    rng: random.Random,
    now_s: float,
) -> None:
    """End a reservation: some are cancelled, the others measured."""
    a, b = group[:2]
    if rng.random() < 0.7:
        rtt_ms = rng.uniform(20, 150)
        is_near = rtt_ms <= THRESHOLD_MS
        measured(graph, [(a.subject_id, b.subject_id)], rtt_ms, accepted=is_near, now_s=now_s)
        graph.learn(a, b, accepted=is_near, threshold_ms=THRESHOLD_MS)
    free.update({member.subject_id: member for member in group})
