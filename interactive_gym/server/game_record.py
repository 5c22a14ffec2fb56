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

        Rows that do not continue the seat's recording are not stored; the return value says where
        to go on.

        Args:
            seat: the index of the uploading participant's agent.
            columns: the names of the columns, the same at every call.
            first_frame: the frame that the first rows belong to.
            rows: a row for every agent and frame, in order, without line ends.
            digest: SHA-256 of the table as a file, from its header to the last of these rows.

        Raises:
            ValueError: the upload has another form than promised; nothing of it is stored.
        """
        recording = self._recordings[seat]
        if self._closed or first_frame != recording.next_frame or isinstance(first_frame, bool):
            return recording.next_frame
        if not are_columns(columns) or (self._columns is not None and columns != self._columns):
            raise ValueError("the columns are not those of the game")
        assert isinstance(columns, list)
        if not are_rows(rows, recording.next_frame, self._agents, len(columns)):
            raise ValueError("the rows have another form than promised")
        assert isinstance(rows, list)
        running = recording.digest.copy()
        header = header_line(columns) if recording.next_frame == 0 else ""
        running.update((header + "".join(f"{row}\n" for row in rows)).encode())
        if running.hexdigest() != digest:
            raise ValueError("the digest does not match the rows")
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
        self._recordings[seat].finished = {"frames": frames, "digest": digest}

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
            self._folder.append("frames.csv", header_line(columns))
            self._columns = columns
        if new:
            self._folder.append("frames.csv", "".join(new))
            self._frame_hashes.extend(map(_frame_hash, new))
        if differs_from is not None:
            if not recording.diverged:
                self._diverge(seat, recording.next_frame + differs_from, columns)
            self._folder.append(f"frames.seat{seat}.csv", "".join(blocks[differs_from:]))
        recording.next_frame += len(blocks)

    def _first_difference(self, recording: _Recording, blocks: list[str]) -> int | None:
        """Return the index of the first block that is not in the stored copy, or None."""
        if recording.diverged:
            return 0
        stored = self._frame_hashes[recording.next_frame :]
        pairs = enumerate(zip(blocks, stored, strict=False))
        return next((index for index, (block, own) in pairs if _frame_hash(block) != own), None)

    def _diverge(self, seat: int, frame: int, columns: list[str]) -> None:
        self._folder.append(f"frames.seat{seat}.csv", header_line(columns))
        self._recordings[seat].diverged = True
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
        line = {"time": self._now(), "kind": kind, **fields}
        self._folder.append("events.jsonl", json.dumps(line) + "\n")


def _frame_hash(block: str) -> bytes:
    return hashlib.blake2b(block.encode(), digest_size=16).digest()
