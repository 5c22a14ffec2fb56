"""Prints, as JSON, what a tick and an 8-frame rollback cost in CPython, in Node and in Chromium.

The latter two run Pyodide, Chromium in a Worker as participants' browsers do, where the clock has
steps of 0.1 ms. Run it with ``.venv/bin/python tests/benchmarks/bench_netcode.py`` on an otherwise
idle machine.
"""

import json
import platform
from pathlib import Path
from typing import Any

from tests.benchmarks import netcode_workload
from tests.support import stub_game
from tests.support.e2e.pyodide_runs import in_chromium, in_node

TARGETS_MS = {"tick": 1.0, "rollback_8_frames": 2.0}
"""What half of them may take at most in Chromium, for either game."""
GAMES = ("slime_volleyball", "kitchen")


def main() -> None:
    """Measure everywhere and print the figures."""
    source = "from tests.benchmarks.netcode_workload import measure_all; measure_all()"
    modules = [Path(netcode_workload.__file__), Path(stub_game.__file__)]
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
