"""Runs kept code in processes of their own, so that a game that crashes or hangs harms no other."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interactive_gym.packages.game_code import ENVIRONMENT_FILE, GameCode
from interactive_gym.packages.platform import PYODIDE_FOLDER
from interactive_gym.packages.runtime import pyodide_version

_CHILD = Path(__file__).with_name("child.py")
_IN_PYODIDE = Path(__file__).with_name("in_pyodide.mjs")
_ANY_PLATFORM = "-none-any.whl"
_START_S = 30.0
_PYODIDE_START_S = 120.0
_SLOWEST_FRAMES_PER_S = 50


@dataclass(frozen=True)
class Played:
    """What came of a resimulation."""

    columns: list[str] | None
    """The columns; `None` if it could not begin."""
    rows: list[str]
    """The rows of all frames, as far as it went."""
    is_over: bool
    """Whether the game came to its end."""
    error: str | None
    """Why it ended before all inputs were used, or could not begin."""
    observations: list[list[list[Any]]] | None = None
    """By episode and step what each agent saw before it, and after the last; `None` if nobody
    asked."""
    spaces: dict[str, list[Any]] | None = None
    """For ``observation`` and ``action`` the space of each agent, described; `None` likewise."""
    kind: str | None = None
    """The type of the exception that ended it; `None` if it was ended from outside."""
    line: int | None = None
    """The line of the environment's code that raised it, if one did."""


class Resimulator:
    """Plays games of one code again.

    Args:
        code: The code.
        folder: An empty folder for its files.

    Raises:
        OSError: The files cannot be written.
    """

    def __init__(self, code: GameCode, folder: Path) -> None:
        self._folder = folder
        self._node = _node_for(code.pyodide_version)
        for path, content in {**code.runtime, ENVIRONMENT_FILE: code.environment}.items():
            _write(folder / "code" / path, content)
        self._wheel_files = [folder / "wheels" / name for name, _ in code.wheels]
        for file, (_, content) in zip(self._wheel_files, code.wheels, strict=True):
            _write(file, content)
        # A wheel for browsers alone is left to what this Python has installed.
        self._wheels = [
            _unpacked(file) for file in self._wheel_files if file.name.endswith(_ANY_PLATFORM)
        ]

    @property
    def has_pyodide(self) -> bool:
        """Whether the Pyodide that browsers ran, and Node.js to run it, are here."""
        return self._node is not None

    def play(
        self,
        config: Mapping[str, Any],
        inputs: Sequence[bytes],
        *,
        rehearses: bool = False,
        observes: bool = False,
    ) -> Played:
        """Play a game again in CPython.

        Args:
            config: The game.
            inputs: For every frame one input per seat.
            rehearses: Whether it is drawn, saved and loaded, too, as a browser does.
            observes: Whether to tell what the agents saw.
        """
        wheels = list(map(str, self._wheels))
        job = {"wheels": wheels, "rehearses": rehearses, "observes": observes}
        return self._run([sys.executable, "-I", str(_CHILD)], job, config, inputs)

    def play_in_pyodide(
        self,
        config: Mapping[str, Any],
        inputs: Sequence[bytes],
        *,
        rehearses: bool = False,
        observes: bool = False,
    ) -> Played:
        """Play a game again in Pyodide, under Node.js, for which `has_pyodide` must be true.

        Args:
            config: The game.
            inputs: For every frame one input per seat.
            rehearses: Whether it is drawn, saved and loaded, too, as a browser does.
            observes: Whether to tell what the agents saw.
        """
        assert self._node is not None
        job = {
            "pyodide": str(PYODIDE_FOLDER),
            "child": str(_CHILD),
            "wheel_files": list(map(str, self._wheel_files)),
            "rehearses": rehearses,
            "observes": observes,
        }
        command = [self._node, str(_IN_PYODIDE)]
        return self._run(command, job, config, inputs, start_s=_PYODIDE_START_S)

    def _run(
        self,
        command: list[str],
        job: dict[str, Any],
        config: Mapping[str, Any],
        inputs: Sequence[bytes],
        *,
        start_s: float = _START_S,
    ) -> Played:
        limit_s = start_s + len(inputs) / _SLOWEST_FRAMES_PER_S
        with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
            job_file, result_file = Path(scratch, "job.json"), Path(scratch, "result.json")
            content = {
                **job,
                "code": str(self._folder / "code"),
                "config": config,
                "inputs": [frame.hex() for frame in inputs],
            }
            job_file.write_text(json.dumps(content), encoding="utf-8")
            try:
                done = subprocess.run(
                    [*command, str(job_file), str(result_file)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=scratch,
                    timeout=limit_s,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return Played(None, [], False, f"it took longer than {limit_s:.0f} s")
            try:
                return Played(**json.loads(result_file.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                return Played(None, [], False, f"the process ended with status {done.returncode}")


def _node_for(version: str) -> str | None:
    """Node.js, if the Pyodide that the package serves has this version."""
    if not (PYODIDE_FOLDER / "pyodide.mjs").exists() or pyodide_version() != version:
        return None
    return shutil.which("node")


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _unpacked(wheel: Path) -> Path:
    """The folder of what is in a wheel."""
    folder = wheel.with_suffix("")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder
