"""The records that a recorder keeps: what the main process tells of them, and what pages upload.

A recorder that is started anew takes its games up from their files, as a server does, and hears
again whatever may not be in them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from interactive_gym.server.data.files import Files
from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.data.game_folder import FolderOnDisk
from interactive_gym.server.data.game_record import GameRecord
from interactive_gym.server.data.page_reports import EVENTS_FILE
from interactive_gym.server.data.stored_study import StoredGame, stored_game
from interactive_gym.server.data.torn_files import mend_torn_files
from interactive_gym.server.data.wall_times import utc_iso, wall_s_of
from interactive_gym.server.games.events import GameEvents, GameFinished, GameFrames, GameNetwork
from interactive_gym.server.games.uploads import (
    Taken,
    frames_at_most,
    take_frames,
    take_reports,
)
from interactive_gym.server.recording.messages import Open, State, Write

logger = logging.getLogger(__name__)

Upload = GameFrames | GameEvents | GameNetwork | GameFinished
"""What a recorder takes of a page."""


class _Times:
    """The time: now or, while a command is carried out, when the main process gave it."""

    def __init__(self, wall_clock: Callable[[], float]) -> None:
        self._wall_clock = wall_clock
        self.of_command: str | None = None

    def __call__(self, age_s: float = 0.0, /) -> str:
        if self.of_command is not None:
            return self.of_command
        return utc_iso(self._wall_clock() - age_s)


class _TakenUpFolder(FolderOnDisk):
    """The folder of a game whose commands come again: events that are there are not added twice."""

    def __init__(self, path: Path, files: Files) -> None:
        super().__init__(path, files, takes_up=True)
        events = path / EVENTS_FILE
        text = events.read_text(encoding="utf-8") if events.exists() else ""
        self._known = set(text.splitlines(keepends=True))

    def append(self, name: str, content: str) -> None:
        """Add to a file, unless it is an event that is there."""
        if name == EVENTS_FILE and content in self._known:
            self._known.remove(content)
        else:
            super().append(name, content)


@dataclass
class _Kept:
    """A game."""

    game: Open
    waiting: list[Write] = field(default_factory=list)
    """The commands that cannot be carried out while its record cannot be opened."""
    record: GameRecord | None = None
    """Its record, once that is open."""
    started_at_s: float | None = None
    """When it started, in seconds of the wall clock; `None` before."""
    done: int = 0
    """The number of the last command that was carried out."""
    confirmed: int = 0
    """The last one that was told to be stored."""
    is_closed: bool = False
    """Whether its record is closed."""
    is_over: bool = False
    """Whether the main process has nothing more to say about it."""
    is_told: bool = False
    """Whether the main process knows how it stands, but for frames that came since."""
    has_frames: bool = False
    """Whether frames have come since."""


class Recorder:
    """The games of one recorder.

    Args:
        folder: the experiment's folder of data.
        clock: monotonic seconds.
        wall_clock: seconds since 1970.
    """

    def __init__(
        self, folder: Path, *, clock: Callable[[], float], wall_clock: Callable[[], float]
    ) -> None:
        self._folder = folder
        self._wall_clock = wall_clock
        self._times = _Times(wall_clock)
        self._files = Files(clock=clock, now=lambda: utc_iso(wall_clock()))
        self._kept: dict[str, _Kept] = {}

    def has(self, game_id: str) -> bool:
        """Whether this game's uploads are taken here, now or soon."""
        return game_id in self._kept and not self._kept[game_id].is_closed

    def open(self, game: Open) -> None:
        """Begin a game's record, or go on with it."""
        kept = self._kept[game.game_id] = _Kept(game)
        self._try_to_open(kept)

    def write(self, command: Write) -> None:
        """Carry out a command, as soon as its game's record is open."""
        kept = self._kept.get(command.game_id)
        if kept is None:
            logger.error("A command for game %s came too late.", command.game_id)
        elif kept.record is None:
            kept.waiting.append(command)
        else:
            self._carry_out(kept, kept.record, command)

    def take(self, game_id: str, seat: int, message: Upload) -> Taken | None:
        """Take what a page says; `None` if this cannot be taken here, or not yet."""
        kept = self._kept.get(game_id)
        if kept is None or kept.record is None or kept.is_closed:
            return None
        kept.has_frames = True
        if isinstance(message, GameFinished):
            kept.record.finish(seat, message.frames, message.digest, message.incarnation)
            return Taken({"next_frame": kept.record.next_frame(seat)})
        if not isinstance(message, GameFrames):
            return take_reports(kept.record, seat, message)
        if kept.started_at_s is None:
            return Taken(None, "the game has not started")
        at_most = frames_at_most(kept.game.match, self._wall_clock() - kept.started_at_s)
        return take_frames(kept.record, seat, message, at_most)

    def state_of(self, game_id: str) -> State | None:
        """How a game stands; `None` if it is not open."""
        kept = self._kept.get(game_id)
        return None if kept is None or kept.record is None else _state(kept, kept.record)

    def news(self, *, with_frames: bool = True) -> list[State]:
        """How the games stand that have changed since the last call.

        Args:
            with_frames: whether frames that have come are a change, unless they show a difference.
        """
        states = []
        for game_id, kept in list(self._kept.items()):
            if kept.record is None:
                continue
            tells_frames = with_frames or kept.record.desync is not None
            if (
                kept.is_told
                and kept.confirmed == kept.done
                and not (kept.has_frames and tells_frames)
            ):
                continue
            states.append(_state(kept, kept.record))
            kept.is_told, kept.has_frames = True, False
            if kept.is_over and kept.confirmed == kept.done:
                del self._kept[game_id]
        return states

    def tick(self) -> None:
        """Do what could not be done before. Call it about twice a second."""
        self._files.tick()
        for kept in self._kept.values():
            if kept.record is None:
                self._try_to_open(kept)

    def close(self) -> None:
        """Close all files. Games that are open can be taken up."""
        self._files.close()

    def _try_to_open(self, kept: _Kept) -> None:
        try:
            record = self._opened(kept)
        except (OSError, LookupError, AttributeError, TypeError, ValueError) as error:
            logger.error("Game %s cannot be recorded at the moment: %s", kept.game.game_id, error)
            return
        kept.record, kept.done = record, kept.game.number
        for command in kept.waiting:
            self._carry_out(kept, record, command)
        kept.waiting.clear()

    def _opened(self, kept: _Kept) -> GameRecord:
        game = kept.game
        path = self._folder / game.scene_id / game.game_id
        if not path.exists():
            record = GameRecord(FolderOnDisk(path, self._files), game.match, now=self._times)
            record.begin()
            return record
        mend_torn_files(path)
        folder = _TakenUpFolder(path, self._files)
        stored = stored_game(path) if (path / "match.json").exists() else None
        stored = stored or StoredGame(path, game.match)
        record = GameRecord(folder, stored.match, now=self._times)
        events = stored.events()
        record.take_up([event["seat"] for event in events if event["kind"] == "left"])
        for event in events:
            if event["kind"] == "game_start":
                kept.started_at_s = wall_s_of(event["time"])
        # Whatever follows is there already, and the main process may be adding to it.
        kept.is_closed = "ended_at" in stored.match
        if not (path / "match.json").exists():
            record.begin()
        return record

    def _carry_out(self, kept: _Kept, record: GameRecord, command: Write) -> None:
        kept.done, kept.is_told = command.number, False
        kept.is_over = command.kind == "close"
        if kept.is_closed:
            return
        self._times.of_command = command.time
        try:
            _write(record, command)
        finally:
            self._times.of_command = None
        if command.kind == "close":
            kept.is_closed = True
        elif command.kind == "log_event" and command.fields["kind"] == "game_start":
            kept.started_at_s = wall_s_of(command.time)


def _write(record: GameRecord, command: Write) -> None:
    fields: dict[str, Any] = command.fields
    match command.kind:
        case "log_event":
            record.log_event(**fields)
        case "note_cut":
            record.note_cut(**fields)
        case "note_left":
            record.note_left(**fields)
        case "note_desync":
            record.note_desync(Desync(fields["frame"], tuple(fields["seats"]), fields["part"]))
        case "restore":
            record.restore(**fields)
        case "close":
            record.close(**fields)


def _state(kept: _Kept, record: GameRecord) -> State:
    if not record.is_failing:
        kept.confirmed = kept.done
    seats = range(len(kept.game.match["group"]))
    return State(
        game_id=kept.game.game_id,
        confirmed=kept.confirmed,
        next_frames=[record.next_frame(seat) for seat in seats],
        known=[record.is_known(seat) for seat in seats],
        complete=[record.is_complete(seat) for seat in seats],
        is_failing=record.is_failing,
        desync=None if record.desync is None else asdict(record.desync),
    )
