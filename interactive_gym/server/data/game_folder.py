"""The folder of one game, and its files."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Protocol

from interactive_gym.server.data.files import Files


class GameFolder(Protocol):
    """Where the files of one game go."""

    @property
    def is_failing(self) -> bool:
        """Whether something could not be written lately, or still waits for it."""

    def append_now(self, name: str, content: str) -> None:
        """Add *content* to the end of a file, or raise an OSError."""

    def replace_now(self, name: str, content: str) -> None:
        """Write a whole file, or raise an OSError."""

    def cut_now(self, name: str, size: int) -> None:
        """Shorten a file to *size* bytes, or raise an OSError."""

    def read(self, name: str, start: int, end: int | None = None) -> str:
        """Return a part of a file, from one byte to another, or raise an OSError."""

    def append(self, name: str, content: str) -> None:
        """Add *content* to the end of a file, now or as soon as that is possible."""

    def replace(self, name: str, content: str) -> None:
        """Write a whole file, now or as soon as that is possible."""

    def close(self) -> None:
        """Close the files."""


class FolderOnDisk:
    """The files of one game, in a folder that did not exist before, unless they are taken up.

    If the folder cannot be made at the moment, it is made with the first write that succeeds.
    """

    def __init__(self, path: Path, files: Files, *, takes_up: bool = False) -> None:
        """Make the folder, or take up the files that are there.

        Raises:
            FileExistsError: it exists already, and is not to be taken up.
        """
        self._path = path
        self._files = files
        self._sizes: dict[str, int] = {}
        self._is_made = takes_up
        if takes_up:
            self._sizes = {file.name: file.stat().st_size for file in path.iterdir()}
            return
        try:
            self._make()
        except FileExistsError:
            raise
        except OSError as error:
            files.note_failure(path / "match.json", error)

    def append_now(self, name: str, content: str) -> None:
        """Add *content* to the end of a file: all of it, or nothing and an OSError."""
        self._make()
        size = self._sizes.get(name, 0)
        self._sizes[name] = self._files.append_now(self._path / name, content, size=size)

    def replace_now(self, name: str, content: str) -> None:
        """Write a whole file, or raise an OSError; a reader sees the old content or the new."""
        self._make()
        self._sizes[name] = self._files.replace_now(self._path / name, content)

    def cut_now(self, name: str, size: int) -> None:
        """Shorten a file to *size* bytes, or raise an OSError."""
        self._files.cut_now(self._path / name, size)
        self._sizes[name] = size

    def read(self, name: str, start: int, end: int | None = None) -> str:
        """Return a part of a file, from one byte to another, or raise an OSError."""
        with (self._path / name).open("rb") as file:
            file.seek(start)
            return file.read(-1 if end is None else end - start).decode()

    def append(self, name: str, content: str) -> None:
        """Add *content* to the end of a file, now or as soon as that is possible."""
        self._make_if_possible()
        self._files.append(self._path / name, content)

    def replace(self, name: str, content: str) -> None:
        """Write a whole file, now or as soon as that is possible."""
        self._make_if_possible()
        self._files.replace(self._path / name, content)

    @property
    def is_failing(self) -> bool:
        """Whether something could not be written lately, or still waits for it."""
        return self._files.is_failing(self._path)

    def close(self) -> None:
        """Close the files."""
        self._files.leave(self._path)

    def _make(self) -> None:
        if not self._is_made:
            self._path.mkdir(parents=True)
            self._is_made = True

    def _make_if_possible(self) -> None:
        # Otherwise the write fails, and is kept.
        with contextlib.suppress(OSError):
            self._make()


class NoFolder:
    """The files of a game that is not kept."""

    is_failing = False
    """Nothing is written, so nothing fails."""

    def append_now(self, name: str, content: str) -> None:
        """Keep nothing."""

    def replace_now(self, name: str, content: str) -> None:
        """Keep nothing."""

    def cut_now(self, name: str, size: int) -> None:
        """Keep nothing."""

    def read(self, name: str, start: int, end: int | None = None) -> str:
        """Return nothing, as nothing is kept."""
        return ""

    def append(self, name: str, content: str) -> None:
        """Keep nothing."""

    def replace(self, name: str, content: str) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Do nothing: no file is open."""
