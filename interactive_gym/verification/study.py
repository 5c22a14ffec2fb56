"""Goes through a study: finds its games, and checks several at once."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from interactive_gym.packages.game_code import CODE_FOLDER
from interactive_gym.server.data.chain import split
from interactive_gym.server.data.code_folder import read_code
from interactive_gym.server.data.manifest import MANIFEST, read_manifest
from interactive_gym.verification.game_check import check_game
from interactive_gym.verification.outcome import GameOutcome
from interactive_gym.verification.progress import Progress, fingerprint_of
from interactive_gym.verification.resimulator import Resimulator

LEDGER = "matching.jsonl"
"""The ledger of a scene."""


def game_folders(study: Path) -> list[Path]:
    """The folders of all games: those with files, and those that a ledger names.

    Args:
        study: the experiment's folder.
    """
    folders = {
        path.parent
        for name in ("match.json", "frames*.csv")
        for path in study.glob(f"*/*/{name}")
        if path.parent.parent.name != CODE_FOLDER or name == "match.json"
    }
    for ledger in study.glob(f"*/{LEDGER}"):
        folders |= {ledger.parent / game_id for game_id in _matched(ledger)}
    return sorted(folders)


def check_games(
    study: Path, folders: list[Path], workers: int, progress: Progress
) -> Iterator[GameOutcome]:
    """Check games, several at once, and tell of each as soon as it is known.

    Args:
        study: the experiment's folder.
        folders: the games' folders.
        workers: how many processes run at once.
        progress: the games that are equal, to which more are added.

    Raises:
        OSError: the progress cannot be written.
    """
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(workers) as pool:
        codes = Codes(study, Path(scratch))
        running: list[Future[tuple[GameOutcome, str]]] = []
        for folder in folders:
            match = match_of(folder)
            code = codes.of_game(match)
            running.append(pool.submit(_check_unless_known, folder, match, code, progress))
        try:
            for done in as_completed(running):
                outcome, fingerprint = done.result()
                progress.note(outcome, fingerprint)
                yield outcome
        finally:
            pool.shutdown(cancel_futures=True)


def scenes_with_ledgers(study: Path) -> list[str]:
    """The scenes whose ledgers must be there, by the study's games and its manifest.

    Args:
        study: the experiment's folder.
    """
    scenes = {folder.parent.name for folder in game_folders(study)}
    scenes |= {ledger.parent.name for ledger in study.glob(f"*/{LEDGER}")}
    if (study / MANIFEST).exists():
        # Every ledger's audit tells of a manifest that cannot be read.
        with contextlib.suppress(OSError, ValueError):
            scenes |= set(read_manifest(study / MANIFEST))
    return sorted(scenes)


class Codes:
    """The codes of a study's games, each made ready when the first game needs it.

    Args:
        study: the experiment's folder.
        scratch: an empty folder for their files.
    """

    def __init__(self, study: Path, scratch: Path) -> None:
        self._study = study
        self._scratch = scratch
        self._known: dict[str, Resimulator | str] = {}

    def of_game(self, match: dict[str, Any] | str) -> Resimulator | str:
        """What plays a game again, or why there is nothing that can."""
        if isinstance(match, str):
            return match
        digest = str(match.get("environment_digest"))
        if digest not in self._known:
            self._known[digest] = self._made(digest)
        return self._known[digest]

    def _made(self, digest: str) -> Resimulator | str:
        if not digest.isalnum():
            return f"{digest!r} is no environment digest"
        try:
            code = read_code(self._study, digest)
        except (OSError, ValueError) as error:
            return f"{CODE_FOLDER}/{digest} is not the code that was run: {error}"
        if code is None:
            return f"there is no {CODE_FOLDER}/{digest}"
        return Resimulator(code, self._scratch / digest)


def match_of(folder: Path) -> dict[str, Any] | str:
    """The content of a game's ``match.json``, or what is wrong with it.

    Args:
        folder: the game's folder.
    """
    try:
        match = json.loads((folder / "match.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "its match.json is missing" if folder.is_dir() else "its folder is missing"
    except (OSError, ValueError) as error:
        return f"its match.json cannot be read ({error})"
    return match if isinstance(match, dict) else "its match.json is not that of a game"


def _check_unless_known(
    folder: Path, match: dict[str, Any] | str, code: Resimulator | str, progress: Progress
) -> tuple[GameOutcome, str]:
    """The outcome of a game, and the fingerprint of what was looked at."""
    try:
        fingerprint = fingerprint_of(folder)
    except OSError:
        return check(folder, match, code), ""
    # Without its code a game is not equal any more.
    known = None if isinstance(code, str) else progress.outcome_of(fingerprint)
    return known or check(folder, match, code), fingerprint


def check(folder: Path, match: dict[str, Any] | str, code: Resimulator | str) -> GameOutcome:
    """Check one game.

    Args:
        folder: its folder.
        match: the content of its ``match.json``, or what is wrong with it.
        code: what plays it again, or why there is nothing that can.
    """
    outcome = GameOutcome(folder.parent.name, folder.name)
    if isinstance(match, str):
        outcome.missing.append(match)
        return outcome
    if isinstance(code, str):
        outcome.code_missing = code
        return outcome
    try:
        return _check_in_both(folder, match, code)
    except Exception as error:  # Spoiled files can fail anywhere, and harm their own game alone.
        outcome.missing.append(f"its files cannot be read ({type(error).__name__}: {error})")
        return outcome


def _check_in_both(folder: Path, match: dict[str, Any], code: Resimulator) -> GameOutcome:
    """Check a game in CPython, and unless that confirms it in the Pyodide that browsers ran.

    Floating-point functions may give other digits in CPython.
    """
    outcome = check_game(folder, match, code.play)
    if outcome.is_simulated and not outcome.differences:
        outcome.confirmed_by = "CPython"
    elif code.has_pyodide:
        in_pyodide = check_game(folder, match, code.play_in_pyodide)
        if in_pyodide.is_simulated:
            outcome = in_pyodide
            outcome.confirmed_by = None if outcome.differences else "Pyodide"
    return outcome


def _matched(ledger: Path) -> set[str]:
    """The games that a ledger tells of."""
    found = set()
    for row in ledger.read_bytes().splitlines():
        try:
            line = json.loads(split(row)[0])
        except ValueError:
            # The audit names it.
            continue
        if isinstance(line, dict) and line.get("kind") == "matched":
            found.add(Path(str(line.get("game_id"))).name)
    return found - {""}
