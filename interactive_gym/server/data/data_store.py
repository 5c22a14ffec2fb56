"""Where an experiment's data goes: one folder per game, and a file about its participants.

Data are appended as they arrive, and no existing game is overwritten.
"""

import json
import os
from collections.abc import Callable
from datetime import datetime, timezone
from io import FileIO
from pathlib import Path
from typing import Any

from interactive_gym.server.data.game_record import GameFolder, GameRecord


def utc_iso(wall_s: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(wall_s, tz=timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FolderOnDisk:
    """The files of one game, in a folder that did not exist before."""

    def __init__(self, path: Path) -> None:
        """Make the folder; raises FileExistsError if it exists already."""
        path.mkdir(parents=True)
        self._path = path
        self._files: dict[str, FileIO] = {}

    def append(self, name: str, content: str) -> None:
        """Add *content* to the end of a file: all of it, or nothing and an OSError."""
        if name not in self._files:
            # Unbuffered, so that nothing is left over from a write that failed.
            self._files[name] = FileIO(self._path / name, "a")
        file = self._files[name]
        size = os.fstat(file.fileno()).st_size
        rest = content.encode()
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:
            file.truncate(size)
            raise

    def replace(self, name: str, content: str) -> None:
        """Write a whole file; a reader sees the old content or the new, never a part."""
        unfinished = self._path / f".{name}.unfinished"
        unfinished.write_text(content, encoding="utf-8")
        os.replace(unfinished, self._path / name)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
        self._files.clear()


class NoFolder:
    """The files of a game that is not kept."""

    def append(self, name: str, content: str) -> None:
        """Keep nothing."""

    def replace(self, name: str, content: str) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Do nothing: no file is open."""


class DataStore:
    """The data of one experiment, under ``data_dir/experiment_id``."""

    def __init__(
        self, data_dir: Path, experiment_id: str, *, wall_clock: Callable[[], float]
    ) -> None:
        """Make the experiment's folder.

        Args:
            data_dir: the folder of all experiments.
            experiment_id: the name of the experiment's folder.
            wall_clock: seconds since 1970.

        Raises:
            ValueError: the folder cannot be made.
        """
        self._folder = data_dir / experiment_id
        self._now = wall_clock
        self._make_folder()

    def ledger_path(self, scene_id: str) -> Path:
        """Return the file that a scene's match ledger is appended to."""
        folder = self._folder / scene_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder / "matching.jsonl"

    def open_game(self, scene_id: str, game_id: str, match: dict[str, Any]) -> GameRecord:
        """Begin the record of a game.

        Args:
            scene_id: the scene it is played in.
            game_id: the name of its folder.
            match: what ``match.json`` says, with at least ``agents``, the agent ids in seat order.

        Raises:
            FileExistsError: a game with this id exists already.
        """
        folder = self._game_folder(scene_id, game_id)
        return GameRecord(folder, match, now=lambda: utc_iso(self._now()))

    def log_participant(self, event: str, subject_id: str, **fields: Any) -> None:
        """Append a line about a participant's progress through the experiment."""
        line = {"time": utc_iso(self._now()), "event": event, "subject_id": subject_id, **fields}
        with self._participants_path().open("a", encoding="utf-8", newline="") as file:
            file.write(json.dumps(line) + "\n")

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(
                f"data_dir is {str(self._folder.parent)!r}, where no folder can be made "
                f"({error.strerror}): give another folder with .experiment(data_dir=…)."
            ) from error

    def _game_folder(self, scene_id: str, game_id: str) -> GameFolder:
        return FolderOnDisk(self._folder / scene_id / game_id)

    def _participants_path(self) -> Path:
        return self._folder / "participants.jsonl"


class NoDataStore(DataStore):
    """A store that checks what it is given but writes nothing to disk."""

    def ledger_path(self, scene_id: str) -> Path:
        """Return the null device, which discards what is written to it."""
        return Path(os.devnull)

    def _make_folder(self) -> None:
        pass

    def _game_folder(self, scene_id: str, game_id: str) -> GameFolder:
        return NoFolder()

    def _participants_path(self) -> Path:
        return Path(os.devnull)
