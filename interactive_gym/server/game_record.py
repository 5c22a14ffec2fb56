"""The record of one game: its confirmed frames, compared between seats, its events, its match.

The first arrival of a frame is stored and later arrivals are compared with it; from its first
frame that differs on, a seat's copy is kept in a file of its own. It never repairs data.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from interactive_gym.server.frame_rows import are_columns, are_rows, header_line

if TYPE_CHECKING:
    from hashlib import _Hash

logger = logging.getLogger(__name__)


class GameFolder(Protocol):
    """Where the files of one game go."""

    def append(self, name: str, content: str) -> None:
        """Add *content* to the end of a file."""

    def replace(self, name: str, content: str) -> None:
        """Write a whole file at once."""

    def close(self) -> None:
        """Let go of the files."""


@dataclass(frozen=True)
class Desync:
    """Two peers whose confirmed frames differ."""

    frame: int
    """The first frame that differs."""
    seat: int
    """The seat whose copy differs from the stored one."""


@dataclass
class _Recording:
    """What one seat has uploaded."""

    next_frame: int = 0
    """The frame expected next."""
    digest: "_Hash" = field(default_factory=hashlib.sha256)
    """SHA-256 over the header and every row so far, each with its line end."""
    diverged: bool = False
    """Whether its copy differs from the stored one."""
    refused: bool = False
    """Whether an upload of it was refused, and logged, already."""
    finished: dict[str, Any] | None = None
    """The frames and digest its browser reported at the end of the game."""


class GameRecord:
    """The data of one game."""

    def __init__(
        self, folder: GameFolder, match: dict[str, Any], *, now: Callable[[], str]
    ) -> None:
        """Begin the record with the content of ``match.json``.

        Args:
            folder: where the files go.
            match: needs ``agents``, the agent ids in seat order.
            now: the present moment in ISO 8601.
        """
        self._folder = folder
        self._now = now
        self._agents: Sequence[str | int] = list(match["agents"])
        self._match = dict(match)
        self._recordings = [_Recording() for _ in self._agents]
        self._columns: list[str] | None = None
        self._frame_hashes: list[bytes] = []
        self._closed = False
        self.desync: Desync | None = None
        """The first disagreement between seats, or None while there is none."""
        self.update_match()

    def append_frames(
        self, seat: int, columns: object, first_frame: object, rows: object, digest: object
    ) -> int:
        """Take a seat's confirmed rows and return the frame expected next from it.

        Rows that do not continue the seat's recording, have another form than promised or do not
        match *digest* are not stored. The digest is the SHA-256 of the table as a file, from its
        header to the last of these rows.
        """
        recording = self._recordings[seat]
        if self._closed or first_frame != recording.next_frame or isinstance(first_frame, bool):
            return recording.next_frame
        if not are_columns(columns) or (self._columns is not None and columns != self._columns):
            return self._refuse(seat, "its columns are not those of the game")
        assert isinstance(columns, list)
        if not are_rows(rows, recording.next_frame, self._agents, len(columns)):
            return self._refuse(seat, "its rows have another form than promised")
        assert isinstance(rows, list)
        running = recording.digest.copy()
        header = header_line(columns) if recording.next_frame == 0 else ""
        running.update((header + "".join(f"{row}\n" for row in rows)).encode())
        if running.hexdigest() != digest:
            return self._refuse(seat, "its digest does not match its rows")
        self._store(seat, columns, rows)
        recording.digest = running
        return recording.next_frame

    def log_event(self, kind: str, **fields: Any) -> None:
        """Append a line to ``events.jsonl``."""
        if not self._closed:
            self._append_event(kind, fields)

    def update_match(self, **fields: Any) -> None:
        """Set top-level fields of ``match.json``."""
        self._match.update(fields)
        self._folder.replace("match.json", json.dumps(self._match, indent=2) + "\n")

    def finish(self, seat: int, frames: object, digest: object) -> None:
        """Note what a seat's browser says it recorded altogether."""
        if isinstance(frames, int) and isinstance(digest, str) and len(digest) == 64:
            self._recordings[seat].finished = {"frames": frames, "digest": digest}

    def is_complete(self) -> bool:
        """Whether every seat has reported its end and uploaded all that it reported."""
        return all(
            recording.finished is not None and recording.next_frame >= recording.finished["frames"]
            for recording in self._recordings
        )

    def close(self, reason: str) -> None:
        """End the record; later uploads are not stored. Closing twice is harmless."""
        if self._closed:
            return
        recordings = [self._summary(seat) for seat in range(len(self._agents))]
        same_length = len({recording["frames"] for recording in recordings}) == 1
        self.update_match(
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
        if self._columns is None:
            self._columns = columns
            self._folder.append("frames.csv", header_line(columns))
        stored: list[str] = []
        own: list[str] = []
        for index in range(0, len(rows), len(self._agents)):
            frame = recording.next_frame
            block = "".join(f"{row}\n" for row in rows[index : index + len(self._agents)])
            frame_hash = hashlib.blake2b(block.encode(), digest_size=16).digest()
            if recording.diverged:
                own.append(block)
            elif frame == len(self._frame_hashes):
                stored.append(block)
                self._frame_hashes.append(frame_hash)
            elif frame_hash != self._frame_hashes[frame]:
                self._diverge(seat, frame, columns)
                own.append(block)
            recording.next_frame += 1
        if stored:
            self._folder.append("frames.csv", "".join(stored))
        if own:
            self._folder.append(f"frames.seat{seat}.csv", "".join(own))

    def _diverge(self, seat: int, frame: int, columns: list[str]) -> None:
        self._recordings[seat].diverged = True
        self._folder.append(f"frames.seat{seat}.csv", header_line(columns))
        self._append_event("desync", {"frame": frame, "seat": seat})
        logger.warning("The frames of seat %d differ from frame %d on.", seat, frame)
        if self.desync is None:
            self.desync = Desync(frame, seat)
            self.update_match(desync={"frame": frame, "seat": seat})

    def _summary(self, seat: int) -> dict[str, Any]:
        recording = self._recordings[seat]
        digest = recording.digest.hexdigest()
        claim = {"frames": recording.next_frame, "digest": digest}
        return {
            "seat": seat,
            **claim,
            "agreed": not recording.diverged and recording.finished in (None, claim),
        }

    def _append_event(self, kind: str, fields: dict[str, Any]) -> None:
        line = {"at": self._now(), "kind": kind, **fields}
        self._folder.append("events.jsonl", json.dumps(line) + "\n")

    def _refuse(self, seat: int, why: str) -> int:
        recording = self._recordings[seat]
        if not recording.refused:
            recording.refused = True
            logger.warning("An upload of seat %d is not stored: %s.", seat, why)
        return recording.next_frame
