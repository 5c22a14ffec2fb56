"""Prints, as JSON, what a tick and an 8-frame rollback cost in CPython and in Pyodide under Node.

Run it with ``.venv/bin/python tests/benchmarks/bench_netcode.py`` on an otherwise idle machine.
"""

import json
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def main() -> None:
    """Measure both and print the figures."""
    sys.path[:0] = [str(ROOT), str(HERE), str(ROOT / "tests/netcode")]
    import netcode_workload

    cpython = json.loads(netcode_workload.measure_all())
    node = subprocess.run(
        ["node", str(HERE / "netcode_in_pyodide.mjs"), str(ROOT)],
        check=True,
        capture_output=True,
        text=True,
    )
    figures = {
        "python": platform.python_version(),
        "cpython": cpython,
        "pyodide": json.loads(node.stdout),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
