"""Prints, as JSON, what a tick and an 8-frame rollback cost in CPython, in Node and in Chromium.

The latter two run Pyodide, Chromium in a Worker as participants' browsers do, where the clock has
steps of 0.1 ms. Run it with ``.venv/bin/python tests/benchmarks/bench_netcode.py`` on an otherwise
idle machine.
"""

import json
import platform
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "netcode")]

import netcode_workload  # noqa: E402
from pyodide_runs import in_chromium, in_node  # noqa: E402

TARGETS_MS = {"tick": 1.0, "rollback_8_frames": 2.0}
"""What half of them may take at most in Chromium, for either game."""
GAMES = ("slime_volleyball", "kitchen")


def main() -> None:
    """Measure everywhere and print the figures."""
    source = "import netcode_workload; netcode_workload.measure_all()"
    modules = [HERE / "netcode_workload.py", TESTS / "netcode/stub_game.py"]
    figures: dict[str, Any] = {
        "python": platform.python_version(),
        "cpython": json.loads(netcode_workload.measure_all()),
        "node": json.loads(in_node(source, modules)),
        "chromium": json.loads(in_chromium(source, modules, timeout_s=600)),
    }
    figures["targets_p50_ms"] = TARGETS_MS
    figures["missed_targets"] = [
        f"{game}: {name} takes {figures['chromium'][game][name]['p50_ms']} ms"
        for game in GAMES
        for name, target_ms in TARGETS_MS.items()
        if figures["chromium"][game][name]["p50_ms"] > target_ms
    ]
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
