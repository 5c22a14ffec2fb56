"""Runs kept code in processes of their own, so that a game that crashes or hangs harms no other."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interactive_gym.packages.game_code import ENVIRONMENT_FILE, GameCode

_CHILD = Path(__file__).with_name("child.py")
_ANY_PLATFORM = "-none-any.whl"
_START_S = 30.0
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
        self._wheels: list[str] = []
        for path, content in {**code.runtime, ENVIRONMENT_FILE: code.environment}.items():
            file = folder / "code" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        for number, (name, content) in enumerate(code.wheels):
            # A wheel for browsers alone is left to what this Python has installed.
            if name.endswith(_ANY_PLATFORM):
                self._wheels.append(str(_unpacked(folder / f"wheel{number}", content)))

    def play(self, config: Mapping[str, Any], inputs: Sequence[bytes]) -> Played:
        """Play a game again.

        Args:
            config: The game.
            inputs: For every frame one input per seat.
        """
        limit_s = _START_S + len(inputs) / _SLOWEST_FRAMES_PER_S
        with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
            job, result = Path(scratch, "job.json"), Path(scratch, "result.json")
            content = {
                "code": str(self._folder / "code"),
                "wheels": self._wheels,
                "config": config,
                "inputs": [frame.hex() for frame in inputs],
            }
            job.write_text(json.dumps(content), encoding="utf-8")
            try:
                done = subprocess.run(
                    [sys.executable, "-I", str(_CHILD), str(job), str(result)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=scratch,
                    timeout=limit_s,
                    check=False,
                )
                return Played(**json.loads(result.read_text(encoding="utf-8")))
            except subprocess.TimeoutExpired:
                return Played(None, [], False, f"it took longer than {limit_s:.0f} s")
            except (OSError, ValueError, TypeError):
                return Played(None, [], False, f"Python ended with status {done.returncode}")


def _unpacked(folder: Path, wheel: bytes) -> Path:
    folder.mkdir()
    file = folder.with_suffix(".whl")
    file.write_bytes(wheel)
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    return folder
