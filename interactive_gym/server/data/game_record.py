"""The record of one game: its confirmed frames, compared between seats, and its other files.

The first copy of a frame is stored and later copies are compared with it. From its first frame that
differs on, a seat's copy is kept in a file of its own.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from interactive_gym.server.data.frame_rows import are_columns, are_rows, header_line, is_played
from interactive_gym.server.data.network_rows import NetworkRow, network_header, network_lines

if TYPE_CHECKING:
    from hashlib import _Hash

logger = logging.getLogger(__name__)

MAX_NETWORK_ROWS = 200_000
"""Most rows of ``network.csv`` that are taken from one seat: many hours of play."""


class GameFolder(Protocol):
    """Where the files of one game go."""

    @property
    def is_failing(self) -> bool:
        """Whether something could not be written lately, or still waits for it."""

    def append_now(self, name: str, content: str) -> None:
        """Add *content* to the end of a file, or raise an OSError."""

    def append(self, name: str, content: str) -> None:
        """Add *content* to the end of a file, now or as soon as that is possible."""

    def replace(self, name: str, content: str) -> None:
        """Write a whole file, now or as soon as that is possible."""

    def close(self) -> None:
        """Close the files."""


@dataclass(frozen=True)
class Desync:
    """Two peers whose confirmed frames, or the states behind them, differ."""

    frame: int
    """The first frame that differs, or the checkpoint at which the difference was found."""
    seat: int
    """The seat whose copy differs from the stored one, or from that of the seat that reports it."""
    part: str
    """What differs: `rows` or `state`."""

    def is_before(self, other: "Desync | None") -> bool:
        """Whether this is the earlier of two findings, or the only one."""
        return other is None or self.frame < other.frame


@dataclass
class _Recording:
    """What one seat has uploaded."""

    row_index: int
    """The index of its agent's row among those of a frame."""
    next_frame: int = 0
    """The frame expected next."""
    digest: "_Hash" = field(default_factory=hashlib.sha256)
    """SHA-256 over the header and every row so far, each with its line end."""
    diverged: bool = False
    """Whether its copy differs from the stored one."""
    finished: dict[str, Any] | None = None
    """The frames and digest its browser reported at the end of the game."""
    inputs: int = 0
    """The stored frames that its participant played."""
    is_cut: bool = False
    """Whether the seat was cut."""
    network_rows: int = 0
    """How many rows of ``network.csv`` come from this seat."""


class GameRecord:
    """The data of one game."""

    def __init__(
        self, folder: GameFolder, match: dict[str, Any], *, now: Callable[[], str]
    ) -> None:
        """Begin the record with the content of ``match.json``.

        Args:
            folder: where the files go.
            match: needs ``agents``, all agent ids in the order of a frame's rows, and ``group``,
                which names the agent of every seat.
            now: the present moment in ISO 8601.
        """
        self._folder = folder
        self._now = now
        self._agents: Sequence[str | int] = list(match["agents"])
        self._match = dict(match)
        self._recordings = [
            _Recording(self._agents.index(member["agent"])) for member in match["group"]
        ]
        self._cuts: list[dict[str, Any]] = []
        self._columns: list[str] | None = None
        self._frame_hashes: list[bytes] = []
        self._closed = False
        self.desync: Desync | None = None
        """The first disagreement between seats, or None while there is none."""
        self.update_match()

    @property
    def is_failing(self) -> bool:
        """Whether something could not be written lately, or still waits for it."""
        return self._folder.is_failing

    def next_frame(self, seat: int) -> int:
        """The frame expected next from a seat."""
        return self._recordings[seat].next_frame

    def append_frames(
        self, seat: int, columns: list[str], first_frame: int, rows: list[str], digest: str
    ) -> int:
        """Take a seat's confirmed rows and return the frame expected next from it.

        Rows that do not continue the seat's recording are not stored.

        Args:
            seat: the index of the uploading participant's agent.
            columns: the names of the columns, the same at every call.
            first_frame: the frame that the first rows belong to.
            rows: a row for every agent and frame, in order, without line ends.
            digest: SHA-256 of the table as a file, from its header to the last of these rows.

        Raises:
            ValueError: the upload has another form than promised; nothing of it is stored.
            OSError: it cannot be written at the moment; the same upload is to come again.
        """
        recording = self._recordings[seat]
        if self._closed or first_frame != recording.next_frame:
            return recording.next_frame
        if not are_columns(columns) or (self._columns is not None and columns != self._columns):
            raise ValueError("the columns are not those of the game")
        if not are_rows(rows, recording.next_frame, self._agents, len(columns)):
            raise ValueError("the rows have another form than promised")
        running = recording.digest.copy()
        header = header_line(columns) if recording.next_frame == 0 else ""
        running.update((header + "".join(f"{row}\n" for row in rows)).encode())
        if running.hexdigest() != digest:
            raise ValueError("the digest does not match the rows")
        self._store(seat, columns, rows)
        recording.digest = running
        return recording.next_frame

    def append_network(self, seat: int, rows: Sequence[NetworkRow]) -> None:
        """Append a seat's rows to ``network.csv``.

        Raises:
            ValueError: there are too many by now.
        """
        if self._closed:
            return
        recording = self._recordings[seat]
        if recording.network_rows + len(rows) > MAX_NETWORK_ROWS:
            raise ValueError(f"there are more than {MAX_NETWORK_ROWS} rows of the network")
        is_first = not any(other.network_rows for other in self._recordings)
        header = network_header() if is_first else ""
        self._folder.append("network.csv", header + network_lines(self._now(), seat, rows))
        recording.network_rows += len(rows)

    def log_event(self, kind: str, **fields: Any) -> None:
        """Append a line to ``events.jsonl``."""
        if not self._closed:
            self._append_event(kind, fields)

    def note_cut(self, seat: int, reason: str) -> None:
        """Note that a seat was cut."""
        if not self._closed:
            self._recordings[seat].is_cut = True
            self._cuts.append({"seat": seat, "reason": reason, "at": self._now()})
            self._append_event("cut", {"seat": seat, "reason": reason})
            self.update_match(cuts=self._cuts)

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
        self._folder.replace("match.json", json.dumps(self._match, indent=2) + "\n")

    def finish(self, seat: int, frames: int, digest: str) -> None:
        """Note what a seat's browser says it recorded altogether."""
        self._recordings[seat].finished = {"frames": frames, "digest": digest}

    def close(self, reason: str) -> None:
        """End the record; later uploads are not stored. Closing twice is harmless."""
        if self._closed:
            return
        recordings = [self._summary(seat) for seat in range(len(self._recordings))]
        # A seat that was cut cannot have uploaded the whole game.
        lengths = {each.next_frame for each in self._recordings if not each.is_cut}
        same_length = len(lengths) <= 1
        self.update_match(
            cuts=[{**cut, "frames": self._recordings[cut["seat"]].inputs} for cut in self._cuts],
            ended_at=self._now(),
            end_reason=reason,
            frames=len(self._frame_hashes),
            recordings=recordings,
            agreed=same_length and all(recording["agreed"] for recording in recordings),
        )
        self._closed = True
        self._folder.close()

    def _store(self, seat: int, columns: list[str], rows: list[str]) -> None:
        recording = self._recordings[seat]
        count = len(self._agents)
        blocks = [
            "".join(f"{row}\n" for row in rows[index : index + count])
            for index in range(0, len(rows), count)
        ]
        known = len(self._frame_hashes)
        differs_from = self._first_difference(recording, blocks)
        agreeing = blocks if differs_from is None else blocks[:differs_from]
        new = agreeing[max(0, known - recording.next_frame) :]
        # Written first: after an error the browser sends the same rows again.
        if self._columns is None:
            self._folder.append_now("frames.csv", header_line(columns))
            self._columns = columns
        # Even if nothing is new, what is there must still be there to be acknowledged.
        self._folder.append_now("frames.csv", "".join(new))
        if new:
            self._frame_hashes.extend(map(_frame_hash, new))
            self._note_inputs(known, new)
        if differs_from is not None:
            if not recording.diverged:
                self._diverge(seat, recording.next_frame + differs_from, columns)
            self._folder.append_now(f"frames.seat{seat}.csv", "".join(blocks[differs_from:]))
        recording.next_frame += len(blocks)

    def _first_difference(self, recording: _Recording, blocks: list[str]) -> int | None:
        """Return the index of the first block that is not in the stored copy, or None."""
        if recording.diverged:
            return 0
        stored = self._frame_hashes[recording.next_frame :]
        pairs = enumerate(zip(blocks, stored, strict=False))
        return next((index for index, (block, own) in pairs if _frame_hash(block) != own), None)

    def _diverge(self, seat: int, frame: int, columns: list[str]) -> None:
        self._folder.append_now(f"frames.seat{seat}.csv", header_line(columns))
        self._recordings[seat].diverged = True
        self._append_event("desync", {"frame": frame, "seat": seat})
        logger.warning("The frames of seat %d differ from frame %d on.", seat, frame)
        self.note_desync(Desync(frame, seat, "rows"))

    def _note_inputs(self, first_frame: int, blocks: list[str]) -> None:
        """Note up to which frame every seat was played by its participant."""
        for recording in self._recordings:
            for offset in reversed(range(len(blocks))):
                if is_played(blocks[offset].split("\n")[recording.row_index]):
                    recording.inputs = first_frame + offset + 1
                    break

    def _summary(self, seat: int) -> dict[str, Any]:
        recording = self._recordings[seat]
        stored = {"frames": recording.next_frame, "digest": recording.digest.hexdigest()}
        claim = recording.finished
        # A page that has recorded nothing reports no digest.
        is_true = claim in (None, stored) or (claim["frames"] == 0 and not recording.next_frame)
        return {"seat": seat, **stored, "agreed": is_true and not recording.diverged}

    def _append_event(self, kind: str, fields: dict[str, Any]) -> None:
        line = {"time": self._now(), "kind": kind, **fields}
        self._folder.append("events.jsonl", json.dumps(line) + "\n")


def _frame_hash(block: str) -> bytes:
    return hashlib.blake2b(block.encode(), digest_size=16).digest()
