"""The process that simulates games again, beside the server and after everything else."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

_PACKAGES = str(Path(__file__).parents[3])
"""Where a new process finds this package."""
_READ_BYTES = 65536


class CheckingProcess:
    """Checks one game after the other. Nothing here waits.

    The process is started with the first game that it is asked for, and again if it has ended.

    Args:
        study: the experiment's folder.
    """

    def __init__(self, study: Path) -> None:
        self._study = study.resolve()
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = b""

    @property
    def pid(self) -> int | None:
        """The id of the process; `None` if none runs."""
        is_there = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process is not None and is_there else None

    def ask(self, game: str) -> None:
        """Have a game checked.

        Args:
            game: the game as ``scene_id/game_id``.

        Raises:
            OSError: no process can be started, or it has ended.
        """
        if self.pid is None:
            self.stop()
            self._start()
        assert self._process is not None
        _pipe(self._process.stdin).write(f"{game}\n".encode())

    def take_verdict(self) -> dict[str, Any] | None:
        """What it says of the game that it was asked for; `None` if it has not said it yet.

        Raises:
            OSError: it has ended before it could say it.
        """
        assert self._process is not None, "nothing was asked"
        said = _pipe(self._process.stdout).read(_READ_BYTES)
        while said:
            self._heard += said
            said = _pipe(self._process.stdout).read(_READ_BYTES)
        if b"\n" in self._heard:
            line, _, self._heard = self._heard.partition(b"\n")
            verdict: dict[str, Any] = json.loads(line)["verified"]
            return verdict
        if said == b"":
            raise OSError("the process that simulates games has ended")
        return None

    def stop(self) -> None:
        """End the process, with the game that it plays."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            _pipe(pipe).close()
        self._process, self._heard = None, b""

    def _start(self) -> None:
        path = os.pathsep.join(filter(None, (_PACKAGES, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "interactive_gym.verification.worker", str(self._study)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": path},
            # A group of its own, which ends as one, and which Ctrl-C does not reach.
            start_new_session=True,
        )
        os.set_blocking(_pipe(self._process.stdout).fileno(), False)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
