"""Plays the beginning of a game that nobody plays: ``python -m … CODE CONFIG [--thorough]``.

The server asks for it before participants come, and when browsers tell that a game has failed. CODE
is a folder with the game's code, CONFIG a file with the game as JSON. One line of JSON answers:
``fault``, what is wrong, or null, and ``untried``, why nobody can say, or null.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.packages.game_code import GameCode
from interactive_gym.verification.resimulator import Played, Resimulator

STILL_FRAMES = 10
"""For how many frames everybody does nothing, before each tries each action."""

_DEPENDS_ON_PYTHON = {"ImportError", "ModuleNotFoundError", "SyntaxError"}
"""What code may raise here that is right in browsers, whose Python and packages are others."""


@dataclass(frozen=True)
class Rehearsed:
    """What came of a rehearsal."""

    fault: str | None = None
    """How the environment fails, as a sentence without its full stop."""
    untried: str | None = None
    """Why it could not be played here."""


def rehearse(code: GameCode, config: Mapping[str, Any], *, is_thorough: bool = False) -> Rehearsed:
    """Play the beginning of a game, in processes of their own.

    What fails in this Python fails in browsers, unless the Python that browsers run is here to say
    otherwise.

    Args:
        code: its code.
        config: the game.
        is_thorough: whether Pyodide is asked even if nothing fails in this Python.
    """
    inputs = first_inputs(GameConfig.from_json(json.dumps(config)))
    with tempfile.TemporaryDirectory() as folder:
        resimulator = Resimulator(code, Path(folder))
        played = resimulator.play(config, inputs, rehearses=True)
        if resimulator.has_pyodide and (is_thorough or played.error is not None):
            played = resimulator.play_in_pyodide(config, inputs, rehearses=True)
            return _told(played, is_browsers_python=True)
    return _told(played, is_browsers_python=False)


def first_inputs(config: GameConfig) -> list[bytes]:
    """Inputs of some frames: nobody does anything, then each seat takes each action in turn."""
    still = bytes([config.default_action] * config.num_seats)
    frames = [still] * STILL_FRAMES
    for seat in range(config.num_seats):
        for action in range(len(config.actions)):
            frames.append(still[:seat] + bytes([action]) + still[seat + 1 :])
    delay = bytes([config.input_delay] if config.adapts_input_delay else [])
    return [frame + delay for frame in frames]


def _told(played: Played, *, is_browsers_python: bool) -> Rehearsed:
    if played.error is None:
        return Rehearsed()
    error = " ".join(played.error.split()).rstrip(".")
    if played.kind is None or (played.kind in _DEPENDS_ON_PYTHON and not is_browsers_python):
        return Rehearsed(untried=error)
    place = "" if played.line is None else f" in line {played.line}"
    return Rehearsed(fault=f"it fails{place}: {error}")


def main(arguments: Sequence[str]) -> None:
    """Rehearse, and print what came of it."""
    folder, config_file, *options = arguments
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }
    config = json.loads(Path(config_file).read_text(encoding="utf-8"))
    told = rehearse(GameCode.from_files(files), config, is_thorough="--thorough" in options)
    print(json.dumps(asdict(told)))


if __name__ == "__main__":
    main(sys.argv[1:])
