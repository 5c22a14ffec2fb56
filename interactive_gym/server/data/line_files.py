"""Files of lines that nobody waits for: the participants' events and the match ledgers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

from interactive_gym.server.data.chain import ChainEnd, chain_end, linked, next_digest
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


class ChainedFile(LineFile):
    """A file whose lines, JSON objects, are chained by hash as they are appended.

    It goes on with the chain that the file has. Lines from before chains were written stay as they
    are, and the chain begins with the digest of them all.

    Args:
        files: writes the lines, now or as soon as that is possible.
        path: the file, which ends with a whole line.

    Raises:
        OSError: The file cannot be read.
    """

    def __init__(self, files: Files, path: Path) -> None:
        super().__init__(files, path)
        self._end = chain_end(path.read_bytes() if path.exists() else b"")

    @property
    def end(self) -> ChainEnd:
        """Where the chain has come to."""
        return self._end

    @property
    def is_waiting(self) -> bool:
        """Whether some of its lines are not written yet, as the file cannot be written."""
        return self._files.is_waiting(self._path)

    def rows(self) -> list[bytes]:
        """The lines of the file, without their line ends.

        Raises:
            OSError: The file cannot be read.
        """
        return self._path.read_bytes().splitlines() if self._path.exists() else []

    def append(self, text: str) -> None:
        """Add whole lines to the end of the file, each with its digest."""
        digest, rows = self._end.digest, []
        for body in text.splitlines():
            digest = next_digest(digest, body.encode())
            rows.append(linked(body, digest) + "\n")
        self._end = ChainEnd(self._end.lines + len(rows), digest)
        super().append("".join(rows))


class NoLines:
    """Keeps nothing."""

    def append(self, text: str) -> None:
        """Keep nothing."""
