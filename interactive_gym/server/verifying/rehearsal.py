"""Has the beginning of a game played by a process of its own, to see whether its code fails."""

from __future__ import annotations

import contextlib
import hashlib
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

from interactive_gym import __version__
from interactive_gym.packages.cache import user_cache_folder
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


class PlayedBefore:
    """Remembers which games were played without a fault, so that a study starts again at once.

    Args:
        folder: has an empty file for each of them; made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of_user(cls) -> PlayedBefore:
        """Those of the user's cache."""
        return cls(user_cache_folder("rehearsed"))

    def __contains__(self, game: str) -> bool:
        return (self._folder / game).exists()

    def add(self, game: str) -> None:
        """Remember a game by its digest; without a word if nothing can be written."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / game).touch()


def game_digest(code: GameCode, config: Mapping[str, Any]) -> str:
    """SHA-256 of all that a rehearsal depends on: the game, this version and this Python."""
    digest = hashlib.sha256(f"{__version__} {sys.version}".encode())
    digest.update(json.dumps(config, sort_keys=True).encode())
    for path, content in sorted(code.files().items()):
        digest.update(f"{path} {len(content)}".encode() + content)
    return digest.hexdigest()


def check_starts(scenes: Iterable[RehearsedScene], before: PlayedBefore) -> None:
    """Play the beginning of a game of every scene, unless it was played `before`.

    Raises:
        ValueError: an environment fails.
    """
    for scene in scenes:
        code, config = scene.game_code(), rehearsed_config(scene.game_config(), SEED)
        game = game_digest(code, config)
        if game in before:
            continue
        rehearsal = Rehearsal(code, config)
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
        if untried is None:
            before.add(game)
        else:
            logger.warning(
                "The environment of the scene %r could not be tried on this machine (%s): play it "
                "once in a browser before participants do.",
                scene.scene_id,
                untried,
            )
