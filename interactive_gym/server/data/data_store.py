"""Where an experiment's data goes: one folder per game, and a file about its participants.

Data are appended as they arrive, and no existing game is overwritten.
"""

import contextlib
import json
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from interactive_gym.server.data.files import Files
from interactive_gym.server.data.folder_lock import make_experiment_folder
from interactive_gym.server.data.frame_copies import GameFolder
from interactive_gym.server.data.game_record import GameRecord, match_text
from interactive_gym.server.data.line_files import LineFile, Lines, NoLines
from interactive_gym.server.data.stored_study import StoredGame, ended_game, interrupted_match
from interactive_gym.server.data.torn_files import mend_torn_files
from interactive_gym.server.data.wall_times import utc_iso


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


class DataStore:
    """The data of one experiment, under ``data_dir/experiment_id``."""

    def __init__(
        self,
        data_dir: Path,
        experiment_id: str,
        *,
        wall_clock: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the experiment's folder, and mend what a killed server has left there.

        Args:
            data_dir: the folder of all experiments.
            experiment_id: the name of the experiment's folder.
            wall_clock: seconds since 1970.
            clock: monotonic seconds.

        Raises:
            ValueError: the folder cannot be made or written.
        """
        self._folder = data_dir / experiment_id
        self._now = wall_clock
        self._files = Files(clock=clock, now=self._time)
        self._participants = self._begin()

    def ledger_of(self, scene_id: str) -> Lines:
        """Return the file that a scene's match ledger is appended to.

        Raises:
            ValueError: nothing can be written in the scene's folder.
        """
        return self._line_file(self._folder / scene_id / "matching.jsonl")

    def open_game(self, scene_id: str, game_id: str, match: dict[str, Any]) -> GameRecord:
        """Begin the record of a game.

        Args:
            scene_id: the scene it is played in.
            game_id: the name of its folder.
            match: what ``match.json`` says, with at least ``agents``, the agent ids in seat order.

        Raises:
            FileExistsError: a game with this id exists already.
        """
        record = GameRecord(self._game_folder(scene_id, game_id), match, now=self._time)
        record.begin()
        return record

    def take_up_game(
        self, scene_id: str, match: dict[str, Any], left_seats: Collection[int]
    ) -> GameRecord:
        """Go on with the record of a game that was open when the server was stopped.

        Args:
            scene_id: the scene it is played in.
            match: what its ``match.json`` says.
            left_seats: the seats that have finished and are not played any more.

        Raises:
            OSError: what is stored cannot be read.
        """
        path = self._folder / scene_id / match["game_id"]
        record = GameRecord(self._stored_folder(path), match, now=self._time)
        record.take_up(left_seats)
        return record

    def ended_game(self, game_id: str) -> StoredGame | None:
        """A game whose record is closed; `None` if there is none with this id."""
        return ended_game(self._folder, game_id)

    def reopen_game(self, game: StoredGame) -> GameRecord:
        """Go on with a record that is closed, for data that come late.

        Raises:
            OSError: what is stored cannot be read.
        """
        record = GameRecord(self._stored_folder(game.folder), game.match, now=self._time)
        record.reopen(game.events())
        return record

    def end_interrupted_game(self, game: StoredGame) -> None:
        """End the record of a game that was open when the server was stopped, and cannot go on."""
        match = interrupted_match(game, self._time())
        self._stored_folder(game.folder).replace("match.json", match_text(match))

    def log_participant(self, event: str, subject_id: str, **fields: Any) -> None:
        """Append a line about a participant's progress through the experiment."""
        line = {"time": self._time(), "event": event, "subject_id": subject_id, **fields}
        self._participants.append(json.dumps(line) + "\n")

    def tick(self) -> None:
        """Write what could not be written before, and bring what was onto the disk.

        Call it about twice a second.
        """
        self._files.tick()

    def close(self) -> None:
        """Close all files, with everything on the disk. Nothing may be written afterwards."""
        self._files.close()

    def _time(self, age_s: float = 0.0) -> str:
        return utc_iso(self._now() - age_s)

    def _begin(self) -> Lines:
        make_experiment_folder(self._folder)
        mend_torn_files(self._folder)
        return self._line_file(self._folder / "participants.jsonl")

    def _line_file(self, path: Path) -> LineFile:
        try:
            self._files.make_lasting_folder(path.parent)
            _try_to_write(path)
        except OSError as error:
            raise ValueError(
                f"data_dir is {str(self._folder.parent)!r}, but {error.filename} cannot be written "
                f"({error.strerror}): let the server's user write there, or give another folder "
                "with .experiment(data_dir=…)."
            ) from error
        return LineFile(self._files, path)

    def _game_folder(self, scene_id: str, game_id: str) -> GameFolder:
        return FolderOnDisk(self._folder / scene_id / game_id, self._files)

    def _stored_folder(self, path: Path) -> GameFolder:
        return FolderOnDisk(path, self._files, takes_up=True)


class NoDataStore(DataStore):
    """A store that checks what it is given but writes nothing to disk."""

    def _begin(self) -> Lines:
        return NoLines()

    def ledger_of(self, scene_id: str) -> Lines:
        """Return a file that keeps nothing."""
        return NoLines()

    def ended_game(self, game_id: str) -> StoredGame | None:
        """Find nothing, as nothing is kept."""
        return None

    def _game_folder(self, scene_id: str, game_id: str) -> GameFolder:
        return NoFolder()


def _try_to_write(path: Path) -> None:
    """Raise an OSError unless files can be made beside this one, and it can be appended to."""
    trial = path.with_name(".trial.unfinished")
    trial.write_bytes(b"")
    trial.unlink()
    if path.exists():
        path.open("ab").close()
