"""The figures of simulated studies: who is matched, how long they wait, what probing costs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from interactive_gym.simulation.oracle import first_clique
from interactive_gym.simulation.populations.population import percentile
from interactive_gym.simulation.study import SimulationResult


@dataclass(frozen=True)
class Metrics:
    """The figures of one study, or their averages over several."""

    match_rate: float
    """The share of participants who got a game."""

    median_wait_s: float
    """The median wait in seconds. A participant who waited in vain counts with the whole patience,
    one who closed the page with the time until then."""

    mean_wait_s: float
    """The mean wait in seconds, counted likewise."""

    p95_wait_s: float
    """The 95th percentile of the wait in seconds, counted likewise."""

    probes_per_game: float | None
    """Probes started per game, accepted or not; `None` without a game."""

    median_game_rtt_ms: float | None
    """The median over games of the largest P2P RTT within the group, in milliseconds."""

    p95_game_rtt_ms: float | None
    """Its 95th percentile."""

    excluded_share: float
    """The share of participants whom the threshold alone excludes: no group could be formed around
    them from all participants of the study."""

    poorest_fifth_rate: float
    """The share who got a game among the fifth with the fewest acceptable partners in the study."""


def metrics_of(result: SimulationResult) -> Metrics:
    """The figures of one study."""
    waits_s = [participant.wait_s for participant in result.participants]
    rtts_ms = [game.worst_rtt_ms for game in result.games]
    matched = [participant.fate == "matched" for participant in result.participants]
    acceptable = acceptable_partners(result)
    by_partners = sorted(range(len(matched)), key=lambda person: len(acceptable[person]))
    poorest = by_partners[: max(1, len(matched) // 5)]
    return Metrics(
        match_rate=sum(matched) / len(waits_s),
        median_wait_s=statistics.median(waits_s),
        mean_wait_s=statistics.fmean(waits_s),
        p95_wait_s=percentile(waits_s, 0.95),
        probes_per_game=result.probes / len(result.games) if result.games else None,
        median_game_rtt_ms=statistics.median(rtts_ms) if rtts_ms else None,
        p95_game_rtt_ms=percentile(rtts_ms, 0.95) if rtts_ms else None,
        excluded_share=_excluded_share(acceptable, result.settings.group_size),
        poorest_fifth_rate=sum(matched[person] for person in poorest) / len(poorest),
    )


def mean_metrics(several: Sequence[Metrics]) -> Metrics:
    """Average every figure over the studies that have it."""
    means: dict[str, Any] = {}
    for field in fields(Metrics):
        values = [value for each in several if (value := getattr(each, field.name)) is not None]
        means[field.name] = statistics.fmean(values) if values else None
    return Metrics(**means)


def acceptable_partners(result: SimulationResult) -> list[set[int]]:
    """For each participant the others of the study whom they could play with, whoever waits when.

    Where RTTs change, those before the change count.
    """
    study, threshold_ms = result.study, result.threshold_ms
    everybody = range(result.settings.participants)
    acceptable: list[set[int]] = [set() for _ in everybody]
    for a in everybody:
        for b in range(a):
            is_near = threshold_ms is None or study.cohort.rtt_ms(a, b) <= threshold_ms
            if is_near and study.connections.can_connect(a, b):
                acceptable[a].add(b)
                acceptable[b].add(a)
    return acceptable


def _excluded_share(acceptable: Sequence[set[int]], group_size: int) -> float:
    """The share of participants around whom no acceptable group exists in the whole cohort."""
    excluded = 0
    for partners in acceptable:
        group = first_clique(sorted(partners), group_size - 1, lambda a, b: b in acceptable[a])
        excluded += group is None
    return excluded / len(acceptable)
