"""The studies that `bench_matching.py` simulates: who comes, how often, and over what connections.

A cell is a kind of study with a threshold that accepts a stated share of the pairs. Constants of
the LatencyMatchmaker were chosen with the cells of `CHOOSING` alone, by studies whose seeds begin
at 1,000; all others only judge. The hosts of a matrix are split at random: one half for choosing,
the other for judging.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from interactive_gym.simulation.connections import ConnectionSettings
from interactive_gym.simulation.populations.arrivals import Arrivals, BurstArrivals, PoissonArrivals
from interactive_gym.simulation.populations.population import Population, percentile
from interactive_gym.simulation.populations.rtt_matrix import RttMatrix
from interactive_gym.simulation.populations.synthetic_population import (
    HOME_ACCESS,
    Region,
    SyntheticPopulation,
)
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.study import StudySettings

HOMES = SyntheticPopulation(
    regions=(
        Region("west", 0.3, 0.0, 0.0, 8.0),
        Region("middle", 0.25, 35.0, 0.0, 9.0),
        Region("east", 0.45, 70.0, 0.0, 8.0),
    ),
    access=HOME_ACCESS,
    route_spread=0.3,
)
"""Homes of one large country."""

ONE_COUNTRY = SyntheticPopulation(
    regions=(Region("country", 1.0, 0.0, 0.0, 12.0),), last_mile_spread=0.8
)
TWO_CONTINENTS = SyntheticPopulation(
    regions=(Region("one", 0.6, 0.0, 0.0, 15.0), Region("other", 0.4, 150.0, 0.0, 15.0))
)

SLOW = ProbingSettings(accept_s=3.0, reject_s=3.0)
FAST = ProbingSettings(accept_s=1.0, reject_s=0.6)
NOISE: dict[str, float] = {"noise_ms": 3.0, "side_noise_ms": 4.0}
EVERYTHING = ConnectionSettings(
    change=0.3, change_period_s=3600.0, never_connect_share=0.12, silent_leaver_share=0.05
)

REFERENCE_PEOPLE = 490
"""Of how many people the pair RTTs are computed that give a synthetic population's thresholds."""


@dataclass(frozen=True)
class Cell:
    """A kind of study."""

    name: str
    """What to call it."""

    population: Population
    """Whom it recruits."""

    share: float
    """Which share of all pairs the threshold accepts."""

    arrivals: Arrivals = field(default_factory=lambda: PoissonArrivals(2.0))
    """When they arrive."""

    participants: int = 200
    """How many arrive."""

    probing: ProbingSettings = SLOW
    """How probes go."""

    connections: ConnectionSettings = field(default_factory=ConnectionSettings)
    """What connections are like."""

    group_size: int = 2
    """How many play one game."""

    server_rtt_noise_ms: float = 0.0
    """The noise of server RTTs, in milliseconds."""

    @property
    def threshold_ms(self) -> float:
        """The threshold that accepts this share of the pairs, in milliseconds."""
        return _threshold_ms(self.population, self.share)

    def settings(self, seed: int) -> StudySettings:
        """One study of this kind."""
        return StudySettings(
            population=self.population,
            arrivals=self.arrivals,
            participants=min(
                self.participants, self.population.most_participants or self.participants
            ),
            group_size=self.group_size,
            server_rtt_noise_ms=self.server_rtt_noise_ms,
            probing=self.probing,
            connections=self.connections,
            seed=seed,
        )


@cache
def _threshold_ms(population: Population, share: float) -> float:
    if isinstance(population, RttMatrix):
        return population.percentile_ms(share)
    cohort = population.cohort(REFERENCE_PEOPLE, random.Random("thresholds"))
    people = range(REFERENCE_PEOPLE)
    return percentile([cohort.rtt_ms(a, b) for a in people for b in range(a)], share)


@cache
def halves(path: Path) -> tuple[RttMatrix, RttMatrix]:
    """Two halves of a matrix's hosts, split at random: for choosing, and for judging."""
    rows = RttMatrix.read(path)._rows
    hosts = list(range(len(rows)))
    random.Random("halves").shuffle(hosts)
    middle = len(hosts) // 2
    choosing, judging = (
        [[rows[a][b] for b in half] for a in half] for half in (hosts[:middle], hosts[middle:])
    )
    return RttMatrix(choosing, "matrix, choosing half"), RttMatrix(judging, "matrix, judging half")


def cells(path: Path | None) -> dict[str, Cell]:
    """All cells by name; those of a matrix only if there is one."""
    found = list(_synthetic())
    if path is not None:
        choosing, judging = halves(path)
        found = [*_of_matrix("choosing half", choosing), *_of_matrix("matrix", judging), *found]
    return {cell.name: cell for cell in found}


def _of_matrix(name: str, matrix: RttMatrix) -> list[Cell]:
    def cell(what: str, share: float, gap_s: float = 2.0, **more: Any) -> Cell:
        return Cell(f"{name}, {what}", matrix, share, PoissonArrivals(gap_s), **more)

    return [
        cell("2 s, p25", 0.25),
        cell("2 s, p50", 0.5),
        cell("10 s, p25", 0.25, 10.0),
        cell("60 s, p25", 0.25, 60.0),
        cell("2 s, p25, fast probes", 0.25, probing=FAST),
        Cell(f"{name}, everything at once", matrix, 0.25, **_everything()),
    ]


def _synthetic() -> list[Cell]:
    home: Callable[..., Cell] = lambda what, share=0.25, **more: Cell(  # noqa: E731
        f"homes, {what}", HOMES, share, **{"participants": 100, **more}
    )
    slowly = PoissonArrivals(10.0)
    return [
        home("2 s, p25"),
        home("10 s, p25", arrivals=slowly),
        home("2 s, p10", 0.1),
        home("2 s, p25, fast probes", probing=FAST),
        home(
            "changing over the hours",
            arrivals=slowly,
            connections=ConnectionSettings(change=0.3, change_period_s=3600.0),
        ),
        home("bursts of 20", arrivals=BurstArrivals(20, 60.0)),
        home(
            "noise, jitter, asymmetry",
            probing=ProbingSettings(3.0, 3.0, **NOISE),
            server_rtt_noise_ms=3.0,
        ),
        home("15% failures", probing=ProbingSettings(3.0, 3.0, failure_share=0.15)),
        home("12% never connect", connections=ConnectionSettings(never_connect_share=0.12)),
        home("10% leave silently", connections=ConnectionSettings(silent_leaver_share=0.1)),
        home("everything at once", **_everything()),
        home("groups of 3, p50", 0.5, group_size=3),
        home("groups of 4, p60", 0.6, group_size=4),
        Cell("several regions, 2 s, p25", SyntheticPopulation(), 0.25),
        Cell("two continents, 2 s, p25", TWO_CONTINENTS, 0.25),
        Cell("one country, bad last miles", ONE_COUNTRY, 0.25),
    ]


def _everything() -> dict[str, Any]:
    return {
        "arrivals": BurstArrivals(10, 30.0),
        "probing": ProbingSettings(3.0, 3.0, failure_share=0.15, **NOISE),
        "connections": EVERYTHING,
        "server_rtt_noise_ms": 3.0,
    }


CHOOSING = (
    "choosing half, 2 s, p25",
    "choosing half, 10 s, p25",
    "choosing half, 60 s, p25",
    "choosing half, 2 s, p25, fast probes",
    "choosing half, everything at once",
    "homes, 2 s, p25",
    "homes, 10 s, p25",
    "homes, 2 s, p25, fast probes",
    "homes, everything at once",
    "homes, groups of 3, p50",
)
"""The cells that constants were chosen with."""
