"""How much later two honest participants are answered while somebody floods the server.

    python tests/benchmarks/bench_floods.py [--uploads 80] [--rounds 2]

Prints JSON: for each kind of flood the 95th percentile of the time until an upload is acknowledged,
without the flood and with it, by turns in one run. The target is that it at most doubles.
"""

import argparse
import json
import tempfile
from pathlib import Path

from tests.support.flood import KINDS, Flood
from tests.support.honest_game import HonestGame
from tests.support.served_experiment import ServedExperiment

SHORTEST_MS = 20.0
"""Latencies below this are no nuisance, and mostly chance."""


def p95_ms(latencies_s: list[float]) -> float:
    return 1000 * sorted(latencies_s)[int(0.95 * len(latencies_s))]


def timed(game: HonestGame, uploads: int) -> list[float]:
    known = len(game.latencies_s)
    game.play_on(uploads)
    return list(game.latencies_s[known:])


def measure(served: ServedExperiment, kind: str, uploads: int, rounds: int) -> dict[str, float]:
    calm: list[float] = []
    flooded: list[float] = []
    with HonestGame(served) as game:
        for _ in range(rounds):
            calm += timed(game, uploads)
            with Flood(served, kind):
                flooded += timed(game, uploads)
    ratio = p95_ms(flooded) / max(p95_ms(calm), SHORTEST_MS)
    return {
        "calm_p95_ms": round(p95_ms(calm), 1),
        "flooded_p95_ms": round(p95_ms(flooded), 1),
        "ratio": round(ratio, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        served = ServedExperiment(Path(folder))
        figures = {kind: measure(served, kind, options.uploads, options.rounds) for kind in KINDS}
        served.stop()
    missed = [
        f"{kind}: the latency of others grows {figure['ratio']} times, the target is 2"
        for kind, figure in figures.items()
        if figure["ratio"] > 2
    ]
    print(json.dumps({"floods": figures, "missed_targets": missed}, indent=2))


if __name__ == "__main__":
    main()
