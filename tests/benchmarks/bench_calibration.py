"""How often pairs are accepted that the LatencyMatchmaker thinks so likely: its calibration.

    python tests/benchmarks/bench_calibration.py --rtt MATRIX.csv.gz [--plot calibration.png]

Simulates studies of `matching_cells`, reads from their ledgers with what probability each pair was
proposed for a probe and what the verdict was, and prints a table by bins, with standard errors. An
honest prediction is accepted as often as it says. Pairs measured again count apart from it, as
their earlier RTT predicts them. `--json` has the figures for programs.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.simulation.simulator import simulate
from tests.benchmarks.matching_cells import cells

BINS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
"""The edges of the bins of predicted probabilities."""

Verdicts = list[tuple[float, bool]]


def verdicts_of(ledger: Path) -> Verdicts:
    """Of every first measurement the predicted probability, and whether it was accepted."""
    predicted: dict[tuple[str, frozenset[str]], float] = {}
    measured: set[frozenset[str]] = set()
    found: Verdicts = []
    for text in ledger.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if line["kind"] == "proposal":
            for edge in line["edges"]:
                predicted[line["proposal_id"], frozenset(edge["pair"])] = edge["p_accept"]
        elif line["kind"] == "verdict" and line["rtt_ms"] is not None:
            pair = frozenset(line["pair"])
            if pair not in measured:
                p = predicted[line["proposal_id"], pair]
                found.append((p, line["verdict"] == "accepted"))
            measured.add(pair)
    return found


def rows_of(verdicts: Verdicts) -> list[dict[str, Any]]:
    rows = []
    for low, high in itertools.pairwise(BINS):
        inside = [(p, ok) for p, ok in verdicts if low <= p < high or p == high == 1.0]
        if inside:
            accepted = sum(ok for _, ok in inside) / len(inside)
            # With Laplace's two more observations, as no share of a few is sure to be 0.
            safe = (sum(ok for _, ok in inside) + 1) / (len(inside) + 2)
            rows.append(
                {
                    "from": low,
                    "to": high,
                    "pairs": len(inside),
                    "predicted": sum(p for p, _ in inside) / len(inside),
                    "accepted": accepted,
                    "error": math.sqrt(safe * (1.0 - safe) / len(inside)),
                }
            )
    return rows


def draw(results: dict[str, list[dict[str, Any]]], path: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5.5, 5.0), layout="constrained")
    axes.plot([0.002, 1.0], [0.002, 1.0], color="0.7", label="as often as predicted")
    for name, rows in results.items():
        drawn = [row for row in rows if row["accepted"] > 0.0]
        axes.errorbar(
            [row["predicted"] for row in drawn],
            [row["accepted"] for row in drawn],
            yerr=[row["error"] for row in drawn],
            marker="o",
            markersize=4,
            linewidth=1,
            label=name,
        )
    axes.set(xscale="log", yscale="log", xlabel="predicted probability", ylabel="share accepted")
    axes.legend(fontsize=8)
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rtt", type=Path, help="a matrix of RTTs, see interactive-gym plan")
    parser.add_argument("--studies", type=int, default=20, help="simulated studies per cell (20)")
    parser.add_argument("--cells", nargs="+", help="their names")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--plot", type=Path, help="also draw them (.png, .svg or .pdf)")
    options = parser.parse_args()
    known = cells(options.rtt)
    names = options.cells or [name for name in USUAL if name in known]
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            verdicts: Verdicts = []
            for seed in range(options.studies):
                ledger = Path(folder) / f"{name}-{seed}.jsonl"
                matchmaker = LatencyMatchmaker(known[name].threshold_ms)
                simulate(known[name].settings(seed), matchmaker, ledger=ledger)
                verdicts += verdicts_of(ledger)
                ledger.unlink()
            results[name] = rows_of(verdicts)
            print(f"{name}: done", file=sys.stderr)
            print(f"### {name}\n\n| predicted | accepted | pairs |\n|---|---|---|")
            for row in results[name]:
                shown = f"{row['accepted']:.1%} ± {row['error']:.1%}"
                print(f"| {row['predicted']:.1%} | {shown} | {row['pairs']} |")
            print(flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    if options.plot is not None:
        draw(results, options.plot)


USUAL = (
    "matrix, 2 s, p25",
    "homes, 2 s, p25",
    "homes, changing over the hours",
    "homes, everything at once",
    "two continents, 2 s, p25",
)
"""The cells whose calibration is shown, unless told otherwise."""


if __name__ == "__main__":
    main()
