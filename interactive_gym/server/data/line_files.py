"""Files of lines that nobody waits for: the participants' events and the match ledgers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

from interactive_gym.server.data.files import Files
from interactive_gym.server.data.torn_files import mend


class Lines(Protocol):
    """Where lines go."""

    def append(self, text: str) -> None:
        """Take whole lines, with their line ends."""


class LineFile:
    """A file to which lines are appended.

    Args:
        files: writes them, now or as soon as that is possible.
        path: the file.
    """

    def __init__(self, files: Files, path: Path) -> None:
        self._files = files
        self._path = path

    @classmethod
    def alone(cls, path: Path) -> LineFile:
        """A file apart from those of an experiment, such as a simulated study's ledger.

        Raises:
            OSError: Its folder cannot be made, or it cannot be mended.
        """
        files = Files(clock=time.monotonic, now=time.ctime)
        files.make_lasting_folder(path.parent)
        if path.exists():
            mend(path)
        return cls(files, path)

    def append(self, text: str) -> None:
        """Add whole lines to the end of the file."""
        self._files.append(self._path, text)


class NoLines:
    """Keeps nothing."""

    def append(self, text: str) -> None:
        """Keep nothing."""
