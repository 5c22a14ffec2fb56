"""How well matchmakers match: beside an upper bound, a greedy oracle, and the predecessor's policy.

    python tests/benchmarks/bench_matching.py --rtt MATRIX.csv.gz --json result.json

Prints tables in Markdown: for every cell of `matching_cells` and every strategy the share of
participants matched, median and mean wait, probes per game, and the share matched of the poorest
fifth, those with the fewest acceptable partners. Who is not matched counts with a wait of all their
patience. Every strategy gets the same participants at the same times, so that differences are
paired; `±` is a standard error over the studies. The goals hold `--judged` against `--against`.
Cells of a matrix need `--rtt`. `latency@3` is the LatencyMatchmaker with `max_concurrent_probes=3`.
Progress goes to stderr. Needs networkx.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from interactive_gym import __version__
from interactive_gym.commands.option_values import matchmaker_class
from interactive_gym.simulation.metrics import Metrics, metrics_of
from interactive_gym.simulation.oracle import simulate_oracle
from interactive_gym.simulation.predecessor import simulate_predecessor
from interactive_gym.simulation.simulator import simulate
from tests.benchmarks.matching_bound import most_matched
from tests.benchmarks.matching_cells import CHOOSING, Cell, cells

STRATEGIES = ("oracle", "predecessor", "fifo", "latency")
"""What is compared, unless told otherwise."""

Value = Callable[[Metrics], float]


@dataclass(frozen=True)
class Figure:
    """A column of the tables."""

    name: str
    """Its heading."""

    value: Value
    """The figure of one study."""

    digits: int
    """How many decimals are printed."""


FIGURES = (
    Figure("matched %", lambda metrics: metrics.match_rate * 100.0, 1),
    Figure("median wait s", lambda metrics: metrics.median_wait_s, 1),
    Figure("mean wait s", lambda metrics: metrics.mean_wait_s, 1),
    Figure("probes/game", lambda metrics: metrics.probes_per_game or math.nan, 1),
    Figure("poorest fifth %", lambda metrics: metrics.poorest_fifth_rate * 100.0, 1),
)
MATCHED, MEDIAN, MEAN, PROBES, POOREST = FIGURES

PROBES_GOAL = 0.6
"""The most probes per game, as a share of those of the strategy that it is held against."""

BOUND_GOAL_PP = 1.5
"""How far below the upper bound the matched share may be, in percentage points."""

Studies = dict[str, list[Metrics]]


def estimate(values: Sequence[float]) -> tuple[float, float]:
    """The mean and its standard error."""
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return statistics.fmean(values), error


def paired(figure: Figure, ours: Sequence[Metrics], theirs: Sequence[Metrics]) -> list[float]:
    """The differences of a figure, study by study."""
    return [figure.value(a) - figure.value(b) for a, b in zip(ours, theirs, strict=True)]


def carry_out(cell: Cell, strategy: str, seed: int) -> Metrics:
    settings, threshold_ms = cell.settings(seed), cell.threshold_ms
    if strategy == "oracle":
        return metrics_of(simulate_oracle(settings, threshold_ms))
    if strategy == "predecessor":
        return metrics_of(simulate_predecessor(settings, threshold_ms))
    name, _, at_once = strategy.partition("@")
    options = {"max_concurrent_probes": int(at_once)} if at_once else {}
    return metrics_of(simulate(settings, matchmaker_class(name)(threshold_ms, **options)))


def goals(studies: Studies, bounds: Sequence[float], judged: str, against: str) -> dict[str, Any]:
    """Each goal's difference with its standard error; negative beside `is_met` false is a miss."""
    ours, theirs = studies[judged], studies[against]
    gains = {
        "matched, pp": paired(MATCHED, ours, theirs),
        "median wait, s saved": paired(MEDIAN, theirs, ours),
        "mean wait, s saved": paired(MEAN, theirs, ours),
        "poorest fifth, pp": paired(POOREST, ours, theirs),
        f"probes/game below {PROBES_GOAL:.0%}": [
            PROBES_GOAL * PROBES.value(b) - PROBES.value(a)
            for a, b in zip(ours, theirs, strict=True)
        ],
        f"within {BOUND_GOAL_PP} pp of the bound": [
            MATCHED.value(metrics) - 100.0 * bound + BOUND_GOAL_PP
            for metrics, bound in zip(ours, bounds, strict=True)
        ],
    }
    found = {}
    for name, values in gains.items():
        mean, error = estimate(values)
        found[name] = {"gain": round(mean, 3), "error": round(error, 3), "is_met": mean >= 0.0}
    return found


def as_table(row: dict[str, Any]) -> Iterator[str]:
    yield f"### {row['cell']} ({row['studies']} studies, {row['threshold_ms']:.0f} ms)\n"
    yield "| | " + " | ".join(figure.name for figure in FIGURES) + " |"
    yield "|---" * (len(FIGURES) + 1) + "|"
    bound = row["bound"]
    yield f"| upper bound | {bound['mean']:.1f} ± {bound['error']:.1f} |" + " |" * 4
    for name, figures in row["strategies"].items():
        shown = (
            f"{figures[f.name]['mean']:.{f.digits}f} ± {figures[f.name]['error']:.{f.digits}f}"
            for f in FIGURES
        )
        yield f"| {name} | " + " | ".join(shown) + " |"
    for name, goal in row.get("goals", {}).items():
        if not goal["is_met"]:
            yield f"\nmissed: {name}: {goal['gain']:+.2f} ± {goal['error']:.2f}"
    yield ""


def as_summary(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """One line for each cell: matched, median and mean wait, probes per game, poorest fifth."""
    strategies = list(dict.fromkeys(name for row in rows for name in row["strategies"]))
    yield "| | upper bound | " + " | ".join(strategies) + " |"
    yield "|---" * (len(strategies) + 2) + "|"
    for row in rows:
        shown = []
        for name in strategies:
            means = [f"{row['strategies'][name][f.name]['mean']:.{f.digits}f}" for f in FIGURES]
            matched, median, mean, probes, poorest = means
            shown.append(f"{matched}% · {median} s · {float(mean):.0f} s · {probes} · {poorest}%")
        yield f"| {row['cell']} | {row['bound']['mean']:.1f}% | " + " | ".join(shown) + " |"


def as_goals(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """One line for each cell: by how much each goal is met, or missed in bold type."""
    names = list(rows[0]["goals"])
    yield "| | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 1) + "|"
    for row in rows:
        shown = []
        for goal in row["goals"].values():
            text = f"{goal['gain']:+.1f} ± {goal['error']:.1f}"
            shown.append(text if goal["is_met"] else f"**{text}**")
        yield f"| {row['cell']} | " + " | ".join(shown) + " |"


def row_of(cell: Cell, options: argparse.Namespace) -> dict[str, Any]:
    first = 1000 if cell.name in CHOOSING and options.choosing else 0
    seeds = range(first, first + options.studies)
    bounds = [most_matched(cell.settings(seed), cell.threshold_ms) for seed in seeds]
    studies: Studies = {}
    cpu_s: dict[str, float] = {}
    for strategy in options.strategies:
        began_s = time.process_time()
        studies[strategy] = [carry_out(cell, strategy, seed) for seed in seeds]
        cpu_s[strategy] = time.process_time() - began_s
    mean, error = estimate([100.0 * bound for bound in bounds])
    row: dict[str, Any] = {
        "cell": cell.name,
        "population": cell.population.description,
        "arrivals": cell.arrivals.description,
        "participants": cell.settings(0).participants,
        "group_size": cell.group_size,
        "probing": asdict(cell.probing),
        "connections": asdict(cell.connections),
        "pairs_accepted": cell.share,
        "threshold_ms": round(cell.threshold_ms, 1),
        "studies": len(seeds),
        "first_seed": first,
        "chose_constants": cell.name in CHOOSING and options.choosing,
        "bound": {"mean": round(mean, 3), "error": round(error, 3)},
        "strategies": {},
    }
    for strategy, figures in studies.items():
        row["strategies"][strategy] = {"cpu_s": round(cpu_s[strategy] / len(seeds), 3)}
        for figure in FIGURES:
            mean, error = estimate([figure.value(metrics) for metrics in figures])
            row["strategies"][strategy][figure.name] = {
                "mean": round(mean, 3),
                "error": round(error, 3),
            }
    if {options.judged, options.against} <= set(studies):
        row["goals"] = goals(studies, bounds, options.judged, options.against)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rtt", type=Path, help="a matrix of RTTs, see interactive-gym plan")
    parser.add_argument("--studies", type=int, default=20, help="simulated studies per cell (20)")
    parser.add_argument("--cells", nargs="+", help="their names, or parts of them")
    parser.add_argument("--strategies", nargs="+", default=STRATEGIES, help="or module:Class")
    parser.add_argument("--judged", default="latency", help="the strategy that has goals")
    parser.add_argument("--against", default="fifo", help="the strategy it is held against")
    parser.add_argument("--choosing", action="store_true", help="only the cells that chose")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    options = parser.parse_args()
    rows = []
    for name, cell in cells(options.rtt).items():
        is_asked = any(part in name for part in options.cells or [""])
        if is_asked and (name in CHOOSING if options.choosing else "choosing" not in name):
            rows.append(row_of(cell, options))
            print("\n".join(as_table(rows[-1])), flush=True)
            print(f"{name}: done", file=sys.stderr)
            if options.json is not None:
                record = {"package_version": __version__, "rows": rows}
                options.json.write_text(json.dumps(record, indent=2) + "\n")
    print("\n".join(as_summary(rows)), end="\n\n")
    if all("goals" in row for row in rows):
        print("\n".join(as_goals(rows)))


if __name__ == "__main__":
    main()
