"""Has the beginning of a game played by a process of its own, to see whether its code fails."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from interactive_gym.packages.game_code import GameCode

logger = logging.getLogger(__name__)

SEED = 1
"""The environment seed with which environments are rehearsed before participants come."""
_PACKAGES = str(Path(__file__).parents[3])


class RehearsedScene(Protocol):
    """A scene whose games can be rehearsed."""

    @property
    def scene_id(self) -> str:
        """Its id."""

    def game_code(self) -> GameCode:
        """The code of its games."""

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """What its games have in common."""


class Rehearsal:
    """A game's beginning, played by a process of its own. Only `wait` waits.

    Args:
        code: the game's code.
        config: the game, as browsers get it.
        is_thorough: whether the browsers' Python plays it, too, where it is installed.
        niceness: the process's niceness.

    Raises:
        OSError: no process can be started.
    """

    def __init__(
        self,
        code: GameCode,
        config: Mapping[str, Any],
        *,
        is_thorough: bool = False,
        niceness: int = 0,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        place = Path(self._folder.name)
        for path, content in code.files().items():
            file = place / "code" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        (place / "config.json").write_text(json.dumps(config), encoding="utf-8")
        options = ["--thorough"] if is_thorough else []
        path = os.pathsep.join(filter(None, (_PACKAGES, os.environ.get("PYTHONPATH"))))
        with (place / "told").open("wb") as told:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "interactive_gym.verification.rehearsal"),
                    *(str(place / "code"), str(place / "config.json"), *options),
                ],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )
        if niceness and hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PGRP, self._process.pid, niceness)

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def wait(self) -> None:
        """Wait until it is over."""
        self._process.wait()

    def take(self) -> tuple[str | None, str | None]:
        """What came of it, once it is over: how the environment fails, and why nobody can say."""
        told = Path(self._folder.name, "told").read_text(encoding="utf-8")
        self._folder.cleanup()
        try:
            said = json.loads(told)
        except ValueError:
            return None, f"the process ended with status {self._process.returncode}"
        return said["fault"], said["untried"]

    def stop(self) -> None:
        """End the process."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._folder.cleanup()


def rehearsed_config(game_config: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The game of a scene, or a ``match.json``, with this seed, for seat 0."""
    return {**game_config, "seat": 0, "seed": seed, "session_tag": 0}


def check_starts(scenes: Iterable[RehearsedScene]) -> None:
    """Play the beginning of a game of every scene.

    Raises:
        ValueError: an environment fails.
    """
    for scene in scenes:
        rehearsal = Rehearsal(scene.game_code(), rehearsed_config(scene.game_config(), SEED))
        try:
            rehearsal.wait()
        except BaseException:
            rehearsal.stop()
            raise
        fault, untried = rehearsal.take()
        if fault is not None:
            raise ValueError(
                f"environment_initialization_code in the scene {scene.scene_id!r} cannot be "
                f"played: {fault}; interactive-gym check-env tells more."
            )
        if untried is not None:
            logger.warning(
                "The environment of the scene %r could not be tried on this machine (%s): play it "
                "once in a browser before participants do.",
                scene.scene_id,
                untried,
            )
