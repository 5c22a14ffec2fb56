"""Measures an environment's cost in Pyodide, as participants' browsers run it, in Node.js.

It needs Node.js and the Pyodide that the package serves. The measurement itself is in ``cost``;
``in_pyodide.mjs`` runs in the other process.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from interactive_gym.environment_checks.checks.cost import Cost
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.environment_checks.running.trial import Trial
from interactive_gym.packages.platform import PYODIDE_FOLDER

_PACKAGE = Path(__file__).resolve().parents[1]
_SCRIPT = Path(__file__).with_name("in_pyodide.mjs")
_RUNTIME = ("__init__.py", "netcode/*.py", "environment_checks/**/*.py")


class PyodideRunner:
    """Measures environments in Pyodide.

    Args:
        wheels: Files of packages that the environment imports, in the order of installation.

    Raises:
        ValueError: Node or Pyodide is missing.
    """

    def __init__(self, wheels: Sequence[Path] = ()) -> None:
        node = shutil.which("node")
        if node is None:
            raise ValueError("--pyodide needs Node.js, and node is not on PATH: install it first.")
        if not (PYODIDE_FOLDER / "pyodide.mjs").exists():
            raise ValueError(
                f"--pyodide needs {PYODIDE_FOLDER}, which is missing: install the package again."
            )
        self._node = node
        self._wheels = wheels

    def __call__(self, source: EnvironmentSource, trial: Trial, files: Sequence[Path]) -> Cost:
        """Measure an environment.

        Args:
            source: Where it comes from.
            trial: What is played.
            files: Its source files.

        Raises:
            ValueError: It does not run in Pyodide; the message is the last line of the error.
        """
        runtime = [path for pattern in _RUNTIME for path in sorted(_PACKAGE.glob(pattern))]
        sources = dict([_importable(path) for path in [*runtime, *files]])
        for path in list(sources.values()):
            sources.update(map(_importable, _package_files(path)))
        environment = source.text
        if source.path is not None:
            environment = source.path.name + source.text[len(str(source.path)) :]
            sources[source.path.name] = source.path
        job = {
            "pyodide": str(PYODIDE_FOLDER),
            "files": [
                {"path": name, "text": path.read_text(encoding="utf-8")}
                for name, path in sources.items()
            ],
            "wheels": [str(wheel.resolve()) for wheel in self._wheels],
            "environment": environment,
            "trial": trial.as_record(),
        }
        return Cost.from_record(self._run(job))

    def _run(self, job: dict[str, Any]) -> dict[str, dict[str, float]]:
        with tempfile.TemporaryDirectory() as folder:
            job_file = Path(folder) / "job.json"
            job_file.write_text(json.dumps(job), encoding="utf-8")
            done = subprocess.run(
                [self._node, str(_SCRIPT), str(job_file)],
                capture_output=True,
                text=True,
                check=False,
            )
        lines = done.stdout.strip().splitlines()
        if not lines:
            raise ValueError(f"Node.js ended with status {done.returncode} and without a word")
        result: dict[str, Any] = json.loads(lines[-1])
        if "error" in result:
            raise ValueError(result["error"])
        cost: dict[str, dict[str, float]] = result["cost"]
        return cost


def _importable(path: Path) -> tuple[str, Path]:
    """A file by its path below the folder from which it is imported."""
    folder = path.parent
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return path.relative_to(folder).as_posix(), path


def _package_files(path: Path) -> list[Path]:
    """The ``__init__.py`` of every package that contains a file."""
    found, folder = [], path.parent
    while (folder / "__init__.py").exists():
        found.append(folder / "__init__.py")
        folder = folder.parent
    return found
