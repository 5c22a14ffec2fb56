"""The record of one game: its confirmed frames, as each seat has them, and its other files."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from interactive_gym.server.data.frame_copies import Desync, FrameCopies
from interactive_gym.server.data.frame_rows import (
    FIRST_PLACE,
    Place,
    RowRules,
    header_line,
    is_played,
)
from interactive_gym.server.data.game_folder import GameFolder
from interactive_gym.server.data.page_reports import EVENTS_FILE, Now, PageReports
from interactive_gym.server.messages import strict_json

if TYPE_CHECKING:
    from hashlib import _Hash

logger = logging.getLogger(__name__)

RESTORED = "restored"
"""The kind of event that tells from which frame a game goes on that no page held any more."""


@dataclass
class _Recording:
    """What one seat has uploaded."""

    row_index: int
    """The index of its agent's row among those of a frame."""
    columns: list[str] | None = None
    """The columns of its first upload, which are those of all."""
    place: Place | None = FIRST_PLACE
    """Where in the game the frame expected next is; `None` if the game has no more."""
    digest: _Hash = field(default_factory=hashlib.sha256)
    """SHA-256 over the header and every row so far, each with its line end."""
    finished: dict[str, Any] | None = None
    """The frames and digest its browser reported at the end of the game."""
    inputs: int = 0
    """The stored frames that its participant played."""
    is_cut: bool = False
    """Whether the seat was cut."""


class GameRecord:
    """The data of one game."""

    def __init__(self, folder: GameFolder, match: dict[str, Any], *, now: Now) -> None:
        """Make a record, which `begin` or `take_up` begins.

        Args:
            folder: where the files go.
            match: the content of ``match.json``; needs ``agents``, all agent ids in the order of a
                frame's rows, and ``group``, which names the agent of every seat.
            now: the present moment, or an earlier one.
        """
        self._folder = folder
        self._now = now
        self._match = dict(match)
        self._rules = RowRules(match)
        self.num_agents = len(match["agents"])
        """How many rows each frame has."""
        self._recordings = [
            _Recording(list(match["agents"]).index(member["agent"])) for member in match["group"]
        ]
        self._copies = FrameCopies(folder, len(self._recordings))
        self.lock = threading.Lock()
        """Held while the record is written."""
        self.reports = PageReports(folder, match.get("created_at", ""), now)
        """What pages tell beside frames."""
        self._first_incarnations = [0] * len(self._recordings)
        self._lost_seats: set[int] = set()
        self._cuts: list[dict[str, Any]] = []
        self._closed = False
        self.desync: Desync | None = None
        """The first difference between seats, or None while there is none."""

    def begin(self) -> None:
        """Begin a new record, with its ``match.json``."""
        self.update_match()

    def take_up(self, left_seats: Collection[int] = ()) -> None:
        """Go on with a record that was not closed when the server was stopped.

        Args:
            left_seats: the seats that have finished and are not played any more.

        Raises:
            OSError: what is stored cannot be read.
        """
        common = self._copies.take_up(self.num_agents)
        self.reports.take_up()
        self._first_incarnations = self._stored_incarnations()
        self._cuts = list(self._match.get("cuts", []))
        cut_seats = {cut["seat"] for cut in self._cuts}
        self._lost_seats = cut_seats.union(left_seats)
        told = self._match.get("desync")
        self.desync = told and Desync(told["frame"], tuple(told["seats"]), told["part"])
        for seat, recording in enumerate(self._recordings):
            recording.is_cut = seat in cut_seats
        self._note_inputs(0, common)

    def reopen(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Go on with a record that is closed, for data that come late. `amend` closes it again.

        Args:
            events: the lines of its ``events.jsonl``.

        Raises:
            OSError: what is stored cannot be read.
        """
        lines = list(events)
        self.take_up([line["seat"] for line in lines if line["kind"] == "left"])
        for seat, stored in enumerate(self._match.get("recordings", [])):
            if stored["frames"] is not None:
                self._recognise(seat, stored["frames"], [], stored["digest"])
        for line in lines:
            if line["kind"] == "finished":
                self._recordings[line["seat"]].finished = _claim(line["frames"], line["digest"])

    def _recognise(self, seat: int, frames: int, rows: Sequence[str], digest: str) -> None:
        """Find out whether what is stored of a seat are the first frames of its browser's copy.

        The browser's digest, over these and the rows that follow, shows it.
        """
        blocks = self._copies.blocks_of(seat, self.num_agents)[:frames]
        columns = self._copies.columns_of(seat)
        known = hashlib.sha256((header_line(columns) + "".join(blocks)).encode())
        whole = known.copy()
        whole.update(_lines(rows).encode())
        if len(blocks) < frames or (frames and whole.hexdigest() != digest):
            return
        self._copies.adopt(seat, blocks)
        if frames:
            recording, last = self._recordings[seat], blocks[-1].splitlines()
            recording.columns, recording.digest = columns, known
            recording.place = self._rules.place_after(last, frames - 1, len(columns))

    def upload_route(self, seat: int) -> None:
        """Return nothing: a seat's page sends frames as it sends everything else."""

    @property
    def seats(self) -> int:
        """How many participants play."""
        return len(self._recordings)

    @property
    def is_closed(self) -> bool:
        """Whether the record is closed."""
        return self._closed

    @property
    def is_failing(self) -> bool:
        """Whether something could not be written lately, or still waits for it."""
        return self._folder.is_failing

    def next_frame(self, seat: int) -> int:
        """The frame expected next from a seat."""
        return self._copies.frames_of(seat)

    def is_complete(self, seat: int) -> bool:
        """Whether a seat has uploaded the game to its end, and all that it says it has."""
        recording = self._recordings[seat]
        return recording.place is None and recording.finished == self._stored(seat)

    def append_frames(
        self,
        seat: int,
        columns: list[str],
        first_frame: int,
        rows: list[str],
        digest: str,
        incarnation: int = 0,
    ) -> int:
        """Take a seat's confirmed rows and return the frame expected next from it.

        After a restart that is 0 where the rows do not show that those before them are stored.
        Rows that do not continue the seat's recording are not stored.

        Args:
            seat: the index of the uploading participant's agent.
            columns: the names of the columns, the same at every call.
            first_frame: the frame that the first rows belong to.
            rows: a row for every agent and frame, in order, without line ends.
            digest: SHA-256 of the table as a file, from its header to the last of these rows.
            incarnation: how often the participant had reloaded the page. Rows of a page from
                before a `restore` are not stored, nor asked for again.

        Raises:
            ValueError: the upload has another form than promised; nothing of it is stored.
            OSError: it cannot be written at the moment; the same upload is to come again.
        """
        if not self.takes(seat, incarnation):
            return first_frame + len(rows) // self.num_agents
        recording = self._recordings[seat]
        if not self.is_known(seat):
            self._recognise(seat, first_frame, rows, digest)
        next_frame = self.next_frame(seat)
        if self._closed or first_frame != next_frame:
            return next_frame
        if not self._rules.are_columns(columns) or recording.columns not in (None, columns):
            raise ValueError("the columns are not those of a game, or others than before")
        place = self._rules.check(
            rows, first_frame, recording.place, len(columns), self._lost_seats
        )
        running = recording.digest.copy()
        header = header_line(columns) if next_frame == 0 else ""
        running.update((header + _lines(rows)).encode())
        if running.hexdigest() != digest:
            raise ValueError("the digest does not match the rows")
        self._store(seat, columns, rows)
        recording.columns, recording.place, recording.digest = columns, place, running
        return self.next_frame(seat)

    def restore(self, incarnations: Sequence[int]) -> list[str]:
        """Have a game go on from its stored frames; see `Record.restore`."""
        blocks = self._copies.common_blocks(self.num_agents)
        self._first_incarnations = list(incarnations)
        self.log_event(RESTORED, frame=len(blocks), incarnations=self._first_incarnations)
        return "".join(blocks).splitlines()

    def takes(self, seat: int, incarnation: int) -> bool:
        """Whether the frames of a page are taken: it does not come from before a `restore`."""
        return incarnation >= self._first_incarnations[seat]

    def log_event(self, kind: str, **fields: Any) -> None:
        """Append a line to ``events.jsonl``."""
        if not self._closed:
            self._append_event(kind, fields)

    def note_cut(self, seat: int, reason: str) -> None:
        """Note that a seat was cut."""
        if not self._closed:
            self._append_event("cut", {"seat": seat, "reason": reason})
            self._lost_seats.add(seat)
            if not self._recordings[seat].is_cut:
                self._recordings[seat].is_cut = True
                self._cuts.append({"seat": seat, "reason": reason, "at": self._now()})
                self.update_match(cuts=self._cuts)

    def note_left(self, seat: int) -> None:
        """Note that a seat that has finished is not played any more where others play on."""
        if not self._closed:
            self._lost_seats.add(seat)
            self._append_event("left", {"seat": seat})

    def note_desync(self, desync: Desync) -> None:
        """Note that the copies of two participants differ. The earliest frame is kept.

        A page reports the checkpoint at which it noticed; the uploaded rows show the exact frame.
        """
        if desync.is_before(self.desync) and not self._closed:
            self.desync = desync
            self.update_match(desync=asdict(desync))

    def update_match(self, **fields: Any) -> None:
        """Set top-level fields of ``match.json``."""
        self._match.update(fields)
        self._folder.replace("match.json", match_text(self._match))

    def is_known(self, seat: int) -> bool:
        """Whether it is known how much is stored of a seat's copy."""
        return self._copies.is_adopted(seat)

    def finish(self, seat: int, frames: int, digest: str, incarnation: int = 0) -> bool:
        """Note what a seat's browser says it recorded altogether; whether that was not known."""
        if not self.takes(seat, incarnation):
            return False
        if not self.is_known(seat):
            self._recognise(seat, frames, [], digest)
        before, now = self._recordings[seat].finished, _claim(frames, digest)
        self._recordings[seat].finished = now
        return before != now

    def close(self, reason: str) -> None:
        """End the record; later uploads are not stored. Closing twice is harmless."""
        if self._closed:
            return
        self.update_match(ended_at=self._now(), end_reason=reason, **self._outcome())
        self._closed = True
        self._folder.close()

    def amend(self) -> None:
        """Say in ``match.json`` what has come of a game that had ended.

        What was verified before says nothing of it.
        """
        self._match.pop("verified", None)
        self.update_match(amended_at=self._now(), **self._outcome())

    def release(self) -> None:
        """Close the files of a record that was reopened."""
        self._folder.close()

    def _outcome(self) -> dict[str, Any]:
        """What ``match.json`` says of the frames that are stored."""
        recordings = [self._summary(seat) for seat in range(len(self._recordings))]
        # A seat that was cut cannot have uploaded the whole game.
        whole = [seat for seat, recording in enumerate(self._recordings) if not recording.is_cut]
        verdicts = [
            recording["agreed"]
            for seat, recording in enumerate(recordings)
            if seat in whole or recording["agreed"] is not None
        ]
        lengths = {
            self.next_frame(seat) for seat in whole if recordings[seat]["frames"] is not None
        }
        is_contradicted = len(lengths) > 1 or False in verdicts
        return {
            "cuts": [{**cut, "frames": self._recordings[cut["seat"]].inputs} for cut in self._cuts],
            "frames": self._copies.frames,
            "recordings": recordings,
            "agreed": None if None in verdicts and not is_contradicted else not is_contradicted,
        }

    def _store(self, seat: int, columns: list[str], rows: list[str]) -> None:
        count = self.num_agents
        blocks = [_lines(rows[index : index + count]) for index in range(0, len(rows), count)]
        first, known = self.next_frame(seat), self._copies.frames
        desync = self._copies.add(seat, columns, blocks)
        common = self._copies.frames
        if common > known:
            self._note_inputs(known, blocks[known - first : common - first])
        if desync is not None:
            self._append_event("desync", {"frame": desync.frame, "seats": desync.seats})
            logger.warning("The copies of seats %s differ.", " and ".join(map(str, desync.seats)))
            self.note_desync(desync)

    def _note_inputs(self, first_frame: int, blocks: list[str]) -> None:
        """Note up to which frame every seat was played by its participant."""
        for recording in self._recordings:
            for offset in reversed(range(len(blocks))):
                if is_played(blocks[offset].split("\n")[recording.row_index]):
                    recording.inputs = first_frame + offset + 1
                    break

    def _stored_incarnations(self) -> list[int]:
        """The incarnations that frames are taken of, by the events that are stored."""
        try:
            lines = self._folder.read(EVENTS_FILE, 0).splitlines()
        except FileNotFoundError:
            lines = []
        restored = [event for event in map(json.loads, lines) if event["kind"] == RESTORED]
        return restored[-1]["incarnations"] if restored else [0] * len(self._recordings)

    def _stored(self, seat: int) -> dict[str, Any]:
        digest = self._recordings[seat].digest.hexdigest()
        return _claim(self.next_frame(seat), digest)

    def _summary(self, seat: int) -> dict[str, Any]:
        if not self.is_known(seat):
            return {"seat": seat, "frames": None, "digest": None, "agreed": None}
        stored = self._stored(seat)
        claim = self._recordings[seat].finished
        # A page that has recorded nothing reports no digest.
        is_true = claim in (None, stored) or (claim["frames"] == 0 and not stored["frames"])
        agreed = is_true and not self._copies.is_contradicted(seat)
        return {"seat": seat, **stored, "agreed": agreed}

    def _append_event(self, kind: str, fields: dict[str, Any]) -> None:
        line = {"time": self._now(), "kind": kind, **fields}
        self._folder.append(EVENTS_FILE, json.dumps(line) + "\n")


def _claim(frames: int, digest: str) -> dict[str, Any]:
    return {"frames": frames, "digest": digest}


def match_text(match: dict[str, Any]) -> str:
    """The text of a ``match.json``."""
    return strict_json.dumps(match, indent=2) + "\n"


def _lines(rows: Sequence[str]) -> str:
    return "".join(f"{row}\n" for row in rows)
