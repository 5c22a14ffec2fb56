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


def metrics_of(result: SimulationResult) -> Metrics:
    """The figures of one study."""
    waits_s = [participant.wait_s for participant in result.participants]
    rtts_ms = [game.worst_rtt_ms for game in result.games]
    matched = sum(participant.fate == "matched" for participant in result.participants)
    return Metrics(
        match_rate=matched / len(waits_s),
        median_wait_s=statistics.median(waits_s),
        p95_wait_s=percentile(waits_s, 0.95),
        probes_per_game=result.probes / len(result.games) if result.games else None,
        median_game_rtt_ms=statistics.median(rtts_ms) if rtts_ms else None,
        p95_game_rtt_ms=percentile(rtts_ms, 0.95) if rtts_ms else None,
        excluded_share=excluded_share(result),
    )


def mean_metrics(several: Sequence[Metrics]) -> Metrics:
    """Average every figure over the studies that have it."""
    means: dict[str, Any] = {}
    for field in fields(Metrics):
        values = [value for each in several if (value := getattr(each, field.name)) is not None]
        means[field.name] = statistics.fmean(values) if values else None
    return Metrics(**means)


def excluded_share(result: SimulationResult) -> float:
    """The share of participants around whom no acceptable group exists in the whole cohort."""
    threshold_ms = result.threshold_ms
    if threshold_ms is None:
        return 0.0
    everybody = range(result.settings.participants)
    rtt_ms = result.study.cohort.rtt_ms
    acceptable: list[set[int]] = [set() for _ in everybody]
    for a in everybody:
        for b in range(a):
            if rtt_ms(a, b) <= threshold_ms:
                acceptable[a].add(b)
                acceptable[b].add(a)
    partners = result.settings.group_size - 1
    excluded = 0
    for person in everybody:
        group = first_clique(sorted(acceptable[person]), partners, lambda a, b: b in acceptable[a])
        excluded += group is None
    return excluded / len(everybody)
