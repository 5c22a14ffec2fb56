"""How well matchmakers match: against an oracle, and against a naive strategy, on the same people.

    python tests/benchmarks/bench_matching.py --rtt MATRIX.csv.gz > result.json

Prints JSON: for every population, kind of probing, arrival rate and threshold the means over the
seeds of match rate, median and 95th percentile of the wait, and probes per game, for each strategy;
and how every matchmaker compares with the oracle. Thresholds are percentiles of the population's
pair RTTs. Who is not matched counts with a wait of all their patience. Without `--rtt` only
synthetic populations are simulated. For the PlanetLab matrix with probes of 3 s `missed_targets`
lists what the latency matchmaker fails to reach. Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from interactive_gym import __version__
from interactive_gym.commands.option_values import MATCHMAKERS
from interactive_gym.simulation.metrics import Metrics, mean_metrics, metrics_of
from interactive_gym.simulation.naive import simulate_naive
from interactive_gym.simulation.oracle import simulate_oracle
from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.population import Population, percentile
from interactive_gym.simulation.populations.rtt_matrix import RttMatrix
from interactive_gym.simulation.populations.synthetic_population import Region, SyntheticPopulation
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import StudySettings

SYNTHETIC = {
    "several regions": SyntheticPopulation(),
    "one country": SyntheticPopulation(
        regions=[Region("country", 1.0, 0.0, 0.0, 12.0)], last_mile_spread=0.8
    ),
    "two continents": SyntheticPopulation(
        regions=[
            Region("one", 0.6, 0.0, 0.0, 15.0),
            Region("other", 0.4, 150.0, 0.0, 15.0),
        ]
    ),
}
"""The synthetic populations, by name."""

PROBINGS = {
    "3 s": ProbingSettings(accept_s=3.0, reject_s=3.0),
    "1 s / 0.6 s": ProbingSettings(accept_s=1.0, reject_s=0.6),
}
"""The kinds of probing: seconds until accepted / until rejected."""

CELLS = ((2.0, 0.25), (2.0, 0.5), (10.0, 0.25), (60.0, 0.25))
"""Seconds between arrivals, and which share of the pairs a threshold accepts."""


@dataclass(frozen=True)
class Target:
    """What a latency-aware matchmaker has to reach, compared with the oracle."""

    match_rate_pp: float
    """The least difference of match rates in percentage points."""

    probes_per_game: float
    """The most probes per game."""

    median_wait_ratio: float
    """The largest ratio of median waits."""


TARGETS = {
    (2.0, 0.25): Target(-1.0, 3.7, 2.4),
    (2.0, 0.5): Target(-0.5, 2.0, 1.7),
    (10.0, 0.25): Target(-1.0, 4.9, 1.6),
    (60.0, 0.25): Target(-1.0, 4.2, 1.05),
}
"""For the PlanetLab matrix with probes of 3 s and 20 seeds, by cell."""

TARGETED = ("matrix", "3 s", "latency")
"""The population, probing and strategy of the targets."""

REFERENCE_PEOPLE = 490
"""Of how many people the pair RTTs are computed that give a synthetic population's thresholds."""


@dataclass(frozen=True)
class Task:
    """One simulated study under one strategy."""

    population: str
    probing: str
    gap_s: float
    share: float
    threshold_ms: float
    strategy: str
    seed: int


@cache
def populations_of(rtt: Path | None) -> dict[str, Population]:
    matrix: dict[str, Population] = {} if rtt is None else {"matrix": RttMatrix.read(rtt)}
    return {**matrix, **SYNTHETIC}


def threshold_ms(population: Population, share: float) -> float:
    if isinstance(population, RttMatrix):
        return population.percentile_ms(share)
    cohort = population.cohort(REFERENCE_PEOPLE, random.Random("thresholds"))
    people = range(REFERENCE_PEOPLE)
    return percentile([cohort.rtt_ms(a, b) for a in people for b in range(a)], share)


def carry_out(task: Task, rtt: Path | None) -> tuple[Task, Metrics, float]:
    settings = StudySettings(
        population=populations_of(rtt)[task.population],
        arrivals=PoissonArrivals(task.gap_s),
        probing=PROBINGS[task.probing],
        seed=task.seed,
    )
    started_s = time.process_time()
    if task.strategy == "oracle":
        result = simulate_oracle(settings, task.threshold_ms)
    elif task.strategy == "naive":
        result = simulate_naive(settings, task.threshold_ms)
    else:
        result = simulate(settings, MATCHMAKERS[task.strategy](max_p2p_rtt_ms=task.threshold_ms))
    cpu_s = time.process_time() - started_s
    return task, metrics_of(result), cpu_s


def tasks_for(options: argparse.Namespace) -> Iterator[Task]:
    populations = populations_of(options.rtt)
    for name in options.populations or populations:
        for gap_s, share in CELLS:
            limit_ms = threshold_ms(populations[name], share)
            for probing in options.probings or PROBINGS:
                for strategy in ("oracle", "naive", *(options.matchmakers or MATCHMAKERS)):
                    for seed in range(options.seeds):
                        yield Task(name, probing, gap_s, share, limit_ms, strategy, seed)


def compared(mean: Metrics, oracle: Metrics) -> dict[str, Any]:
    return {
        "match_rate_pp": round((mean.match_rate - oracle.match_rate) * 100.0, 2),
        "median_wait_ratio": round(mean.median_wait_s / oracle.median_wait_s, 3),
    }


def missed(figures: dict[str, Any], target: Target) -> list[str]:
    misses = []
    if figures["match_rate_pp"] < target.match_rate_pp:
        misses.append(f"match_rate_pp is below {target.match_rate_pp}")
    if (figures["probes_per_game"] or 0.0) > target.probes_per_game:
        misses.append(f"probes_per_game is above {target.probes_per_game}")
    if figures["median_wait_ratio"] > target.median_wait_ratio:
        misses.append(f"median_wait_ratio is above {target.median_wait_ratio}")
    return misses


def rows_of(results: dict[Task, tuple[Metrics, float]]) -> Iterator[dict[str, Any]]:
    cells: dict[tuple[Any, ...], dict[str, list[tuple[Metrics, float]]]] = {}
    for task, figures in results.items():
        cell = (task.population, task.probing, task.gap_s, task.share, task.threshold_ms)
        cells.setdefault(cell, {}).setdefault(task.strategy, []).append(figures)
    for (population, probing, gap_s, share, limit_ms), strategies in cells.items():
        means = {
            name: mean_metrics([metrics for metrics, _ in figures])
            for name, figures in strategies.items()
        }
        row: dict[str, Any] = {
            "population": population,
            "probing": probing,
            "arrivals_s": gap_s,
            "pairs_accepted": share,
            "threshold_ms": round(limit_ms, 1),
            "strategies": {
                name: {
                    **{
                        field: value if value is None else round(value, 4)
                        for field, value in asdict(mean).items()
                    },
                    **({} if name == "oracle" else compared(mean, means["oracle"])),
                    "cpu_s": round(statistics.fmean(cpu_s for _, cpu_s in strategies[name]), 3),
                }
                for name, mean in means.items()
            },
        }
        if (population, probing) == TARGETED[:2] and TARGETED[2] in means:
            row["missed_targets"] = missed(row["strategies"][TARGETED[2]], TARGETS[gap_s, share])
        yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rtt", type=Path, help="a matrix of RTTs, see interactive-gym plan")
    parser.add_argument("--seeds", type=int, default=20, help="studies per cell and strategy (20)")
    parser.add_argument("--workers", type=int, default=2, choices=(1, 2), help="processes (2)")
    parser.add_argument("--populations", nargs="+", choices=["matrix", *SYNTHETIC])
    parser.add_argument("--probings", nargs="+", choices=list(PROBINGS))
    parser.add_argument("--matchmakers", nargs="+", choices=list(MATCHMAKERS))
    options = parser.parse_args()
    if options.rtt is None and "matrix" in (options.populations or ()):
        parser.error("--populations matrix needs --rtt FILE")
    tasks = list(tasks_for(options))
    results: dict[Task, tuple[Metrics, float]] = {}
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.workers) as pool:
        for task, metrics, cpu_s in pool.imap(partial(carry_out, rtt=options.rtt), tasks, 4):
            results[task] = (metrics, cpu_s)
            if len(results) % 20 == 0:
                print(f"{len(results)} of {len(tasks)} studies", file=sys.stderr)
    print(
        json.dumps(
            {
                "package_version": __version__,
                "seeds": options.seeds,
                "participants": StudySettings.participants,
                "patience_s": StudySettings.patience_s,
                "rows": list(rows_of(results)),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
