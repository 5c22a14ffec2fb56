"""Where an experiment's data goes: one folder per game, and a file about its participants.

Data are appended as they arrive, and no existing game is overwritten.
"""

import json
import socket
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from interactive_gym.server.data.files import Files
from interactive_gym.server.data.folder_lock import make_experiment_folder
from interactive_gym.server.data.game_folder import FolderOnDisk, GameFolder, NoFolder
from interactive_gym.server.data.game_record import GameRecord, match_text
from interactive_gym.server.data.line_files import ChainedFile, LineFile, Lines, NoLines
from interactive_gym.server.data.manifest import Damage, Manifest
from interactive_gym.server.data.record import Record
from interactive_gym.server.data.stored_study import StoredGame, ended_game, interrupted_match
from interactive_gym.server.data.torn_files import mend_torn_files
from interactive_gym.server.data.wall_times import utc_iso

_File = TypeVar("_File", bound=LineFile)


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
        self._removed_bytes: dict[Path, int] = {}
        self._damages: dict[str, Damage] = {}
        self._open_games: dict[str, Record] = {}
        self._participants, self._answers, self._recruitment = self._begin()
        self._manifest = Manifest(self._files, self._folder)

    def ledger_of(self, scene_id: str) -> Lines:
        """Return the file that a scene's match ledger is appended to, whose lines are chained.

        Raises:
            ValueError: nothing can be written in the scene's folder.
        """
        path = self._folder / scene_id / "matching.jsonl"
        ledger = self._line_file(path, ChainedFile)
        damage = self._manifest.add(scene_id, ledger, self._removed_bytes.pop(path, 0))
        if damage is not None:
            self._damages[scene_id] = damage
        return ledger

    def take_damage(self, scene_id: str) -> Damage | None:
        """What was wrong with a scene's ledger when the server was started, told once."""
        return self._damages.pop(scene_id, None)

    def open_game(self, scene_id: str, game_id: str, match: dict[str, Any]) -> Record:
        """Begin the record of a game.

        Args:
            scene_id: the scene it is played in.
            game_id: the name of its folder.
            match: what ``match.json`` says, with at least ``agents``, the agent ids in seat order.

        Raises:
            FileExistsError: a game with this id exists already.
        """
        record = self._new_record(scene_id, game_id, match)
        self._open_games[f"{scene_id}/{game_id}"] = record
        return record

    def take_up_game(
        self, scene_id: str, match: dict[str, Any], left_seats: Collection[int]
    ) -> Record:
        """Go on with the record of a game that was open when the server was stopped.

        Args:
            scene_id: the scene it is played in.
            match: what its ``match.json`` says.
            left_seats: the seats that have finished and are not played any more.

        Raises:
            OSError: what is stored cannot be read.
        """
        record = self._stored_record(scene_id, match, left_seats)
        self._open_games[f"{scene_id}/{match['game_id']}"] = record
        return record

    def take_closed_games(self) -> list[str]:
        """The games whose records were closed since this was asked, as ``scene_id/game_id``."""
        closed = [game for game, record in self._open_games.items() if record.is_closed]
        for game in closed:
            del self._open_games[game]
        return closed

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

    def amend_match(self, game: StoredGame, **fields: Any) -> None:
        """Set top-level fields of the ``match.json`` of a game whose record is closed."""
        folder = self._stored_folder(game.folder)
        folder.replace("match.json", match_text(game.match | fields))
        folder.close()

    def end_interrupted_game(self, game: StoredGame) -> None:
        """End the record of a game that was open when the server was stopped, and cannot go on."""
        match = interrupted_match(game, self._time())
        self._stored_folder(game.folder).replace("match.json", match_text(match))

    def channel_for(self, line: bytes) -> socket.socket | None:
        """What a request is handed over by to a process that records games; none is here.

        Args:
            line: the first line of the request.
        """
        return None

    def log_participant(self, event: str, subject_id: str, **fields: Any) -> None:
        """Append a line about a participant's progress through the experiment."""
        line = {"time": self._time(), "event": event, "subject_id": subject_id, **fields}
        self._participants.append(json.dumps(line) + "\n")

    def log_recruitment(self, subject_id: str, **fields: Any) -> None:
        """Append a line about who a participant is to the recruitment platform."""
        line = {"time": self._time(), "subject_id": subject_id, **fields}
        self._recruitment.append(json.dumps(line) + "\n")

    def log_answers(
        self,
        subject_id: str,
        scene_id: str,
        answers: Iterable[Mapping[str, Any]],
        *,
        shown_age_ms: float,
        tries: int,
    ) -> None:
        """Append what a participant has answered on a page, a line for each question, at once.

        Args:
            subject_id: who.
            scene_id: the page.
            answers: for each question its ``item``, the digest of its ``wording``, the ``value``,
                and ``age_ms``, how long ago it was answered (None: not at all).
            shown_age_ms: how long ago the page was first shown.
            tries: which try this is.
        """
        common = {"time": self._time(), "subject_id": subject_id, "scene_id": scene_id}
        shown_at = self._time(shown_age_ms / 1000)
        lines = []
        for answer in answers:
            age_ms = answer["age_ms"]
            line = {
                **common,
                **{name: answer[name] for name in ("item", "wording", "value")},
                "shown_at": shown_at,
                "answered_at": None if age_ms is None else self._time(age_ms / 1000),
                "tries": tries,
            }
            lines.append(json.dumps(line) + "\n")
        self._answers.append("".join(lines))

    def tick(self) -> None:
        """Write what could not be written before, and bring what was onto the disk.

        Call it about twice a second.
        """
        self._files.tick()
        self._manifest.write()

    def close(self) -> None:
        """Close all files, with everything on the disk. Nothing may be written afterwards."""
        self._files.tick()
        self._manifest.write(is_closing=True)
        self._files.close()

    def _time(self, age_s: float = 0.0) -> str:
        return utc_iso(self._now() - age_s)

    def _begin(self) -> tuple[Lines, Lines, Lines]:
        make_experiment_folder(self._folder)
        self._removed_bytes = mend_torn_files(self._folder)
        return (
            self._line_file(self._folder / "participants.jsonl", LineFile),
            self._line_file(self._folder / "answers.jsonl", LineFile),
            self._line_file(self._folder / "recruitment.jsonl", LineFile),
        )

    def _new_record(self, scene_id: str, game_id: str, match: dict[str, Any]) -> Record:
        record = GameRecord(self._game_folder(scene_id, game_id), match, now=self._time)
        record.begin()
        return record

    def _stored_record(
        self, scene_id: str, match: dict[str, Any], left_seats: Collection[int]
    ) -> Record:
        path = self._folder / scene_id / match["game_id"]
        record = GameRecord(self._stored_folder(path), match, now=self._time)
        record.take_up(left_seats)
        return record

    def _line_file(self, path: Path, kind: type[_File]) -> _File:
        try:
            self._files.make_lasting_folder(path.parent)
            _try_to_write(path)
            return kind(self._files, path)
        except OSError as error:
            raise ValueError(
                f"data_dir is {str(self._folder.parent)!r}, but {error.filename} cannot be written "
                f"({error.strerror}): let the server's user write there, or give another folder "
                "with .experiment(data_dir=…)."
            ) from error

    def _game_folder(self, scene_id: str, game_id: str) -> GameFolder:
        return FolderOnDisk(self._folder / scene_id / game_id, self._files)

    def _stored_folder(self, path: Path) -> GameFolder:
        return FolderOnDisk(path, self._files, takes_up=True)


class NoDataStore(DataStore):
    """A store that checks what it is given but writes nothing to disk."""

    def _begin(self) -> tuple[Lines, Lines, Lines]:
        return NoLines(), NoLines(), NoLines()

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
