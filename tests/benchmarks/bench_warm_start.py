"""What an earlier ledger gains for those who come first: `LatencyMatchmaker(prior=[…])`.

    python tests/benchmarks/bench_warm_start.py [--studies 30]

Two studies of other participants of the same population, the second begun cold and with the ledger
of the first, on the same participants. Prints a table: for the first twenty arrivals and for all,
the share who played, their mean wait (who waits in vain counts with all the patience) and their
probes each; then the differences, study by study, with standard errors.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import SimulationResult
from tests.benchmarks.matching_cells import Cell, cells

CELLS = ("two continents, 2 s, p25", "homes, 2 s, p25")
FIRST = 20
EARLIER_SEEDS = 5_000

Figures = tuple[float, float, float]
"""Percent who played, mean wait in seconds, probes each."""


def figures(result: SimulationResult, people: int) -> Figures:
    first = result.participants[:people]
    return (
        100.0 * statistics.fmean(p.fate == "matched" for p in first),
        statistics.fmean(p.wait_s for p in first),
        statistics.fmean(p.probes for p in first),
    )


def compare(cell: Cell, studies: int) -> list[str]:
    runs: dict[str, list[SimulationResult]] = {"cold": [], "prior": []}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(studies):
            ledger = Path(folder) / f"{seed}.jsonl"
            earlier = LatencyMatchmaker(cell.threshold_ms)
            simulate(cell.settings(EARLIER_SEEDS + seed), earlier, ledger=ledger)
            for name, prior in (("cold", []), ("prior", [ledger])):
                strategy = LatencyMatchmaker(cell.threshold_ms, prior=prior)
                runs[name].append(simulate(cell.settings(seed), strategy))
    rows = []
    for people, who in ((FIRST, f"first {FIRST}"), (cell.participants, "all")):
        cold, warm = ([figures(run, people) for run in runs[name]] for name in ("cold", "prior"))
        changes = [
            [after - before for before, after in zip(one, other, strict=True)]
            for one, other in zip(cold, warm, strict=True)
        ]
        texts = [
            f"{cell.name}, {who}",
            " · ".join(f"{mean:.1f}" for mean, _ in summaries(cold)),
            " · ".join(f"{mean:.1f}" for mean, _ in summaries(warm)),
            *(f"{mean:+.1f} ± {error:.1f}" for mean, error in summaries(changes)),
        ]
        rows.append("| " + " | ".join(texts) + " |")
    return rows


def summaries(studies: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Mean and standard error of each figure over the studies."""
    return [
        (statistics.fmean(column), statistics.stdev(column) / len(column) ** 0.5)
        for column in zip(*studies, strict=True)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=30)
    studies = parser.parse_args().studies
    print("| | cold | with a prior | played, pp | mean wait, s | probes each |")
    print("|---|---|---|---|---|---|")
    for name in CELLS:
        print("\n".join(compare(cells(None)[name], studies)), flush=True)


if __name__ == "__main__":
    main()
