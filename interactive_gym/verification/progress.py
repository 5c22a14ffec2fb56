"""Remembers which games were found equal, so that a verification goes on where it stopped.

One line of JSON per game, appended as soon as it is known. A game whose files have changed since is
not among those known.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from interactive_gym import __version__
from interactive_gym.verification.outcome import GameOutcome


class Progress:
    """The games that were found equal.

    Args:
        file: Where they are kept; `None` to keep nothing.
        is_fresh: Whether to forget what is there.

    Raises:
        OSError: The file cannot be read or written.
    """

    def __init__(self, file: Path | None, *, is_fresh: bool = False) -> None:
        self._file = file
        self._known: dict[str, GameOutcome] = {}
        if file is None:
            return
        if is_fresh:
            file.unlink(missing_ok=True)
        with file.open("ab+") as opened:
            opened.seek(0)
            content = opened.read()
            if content and not content.endswith(b"\n"):
                opened.write(b"\n")
        for line in content.splitlines():
            try:
                told = json.loads(line)
                fingerprint = told.pop("fingerprint")
                self._known[fingerprint] = GameOutcome(**told)
            except (ValueError, TypeError, KeyError, AttributeError):
                # Half a line of a run that was killed.
                continue

    def outcome_of(self, fingerprint: str) -> GameOutcome | None:
        """The outcome of a game whose files are as they were; `None` if it is not known."""
        return self._known.get(fingerprint)

    def note(self, outcome: GameOutcome, fingerprint: str) -> None:
        """Remember a game, if it is equal and new.

        Raises:
            OSError: The file cannot be written.
        """
        if self._file is None or outcome.status != "equal" or fingerprint in self._known:
            return
        self._known[fingerprint] = outcome
        told = {
            "fingerprint": fingerprint,
            "scene_id": outcome.scene_id,
            "game_id": outcome.game_id,
            "frames": outcome.frames,
            "confirmed_by": outcome.confirmed_by,
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")


def fingerprint_of(folder: Path) -> str:
    """Changes with the place and with every file of a game, and with the version of this package.

    Raises:
        OSError: A file cannot be read.
    """
    digest = hashlib.sha256(f"{__version__} {folder.parent.name}/{folder.name}\n".encode())
    for file in sorted(folder.iterdir()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.name} {content}\n".encode())
    return digest.hexdigest()
