"""Every seat's copy of a game's confirmed frames, as files.

While all copies agree they are one file, `frames.csv`. From the first frame on at which two differ,
each seat's copy is in a file of its own, and `frames.csv` ends there. So it holds what nobody
contradicts, whoever uploads first, and a difference names nobody: it has two sides, and which of
them is right is only known by simulating the game again.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from interactive_gym.server.data.game_folder import GameFolder
from interactive_gym.server.data.stored_table import StoredTable, read_table

_HASH_BYTES = 16


@dataclass(frozen=True)
class Desync:
    """Two peers whose confirmed frames, or the states behind them, differ."""

    frame: int
    """The first frame that differs, or the checkpoint at which the difference was found."""
    seats: tuple[int, ...]
    """The seats between which there is a difference, in order. Any of them may be the wrong one."""
    part: str
    """What differs: `rows` or `state`."""

    def is_before(self, other: Desync | None) -> bool:
        """Whether this is the earlier of two findings, or the only one."""
        return other is None or self.frame < other.frame


class _Copy:
    """What is stored of one seat's copy."""

    def __init__(self) -> None:
        self.columns: list[str] = []
        self.frames = 0
        self.own_from: int | None = None
        """The first frame in a file of its own; `None` while there is none."""
        self.is_adopted = True
        """Whether it is known how many frames it has; after a restart not before `adopt`."""


class FrameCopies:
    """The copies of one game.

    Args:
        folder: where the files go.
        seats: how many seats there are.
    """

    def __init__(self, folder: GameFolder, seats: int) -> None:
        self._folder = folder
        self._copies = [_Copy() for _ in range(seats)]
        self._columns: list[str] | None = None
        self._hashes = bytearray()
        self._ends = array("Q")
        self._header_bytes = 0
        self._untold: Desync | None = None
        self._fork: int | None = None

    def take_up(self, rows_per_frame: int) -> list[str]:
        """Go on with the files that are there, from before the server was restarted.

        How many of the common frames a seat has uploaded is not stored: it has none until `adopt`
        says so. It may have had all of them, so that they are kept for it if copies part meanwhile.

        Returns:
            The lines of each common frame.

        Raises:
            OSError: a file cannot be read or shortened.
        """
        common = self._stored("frames.csv", rows_per_frame)
        if common is None:
            return []
        own = {
            seat: (table.columns, [*common.blocks[: table.first_frame], *table.blocks])
            for seat in range(len(self._copies))
            if (table := self._stored(_own_file(seat), rows_per_frame)) is not None
        }
        self._fork = min(
            (
                frame
                for _, blocks in own.values()
                if (frame := _first_beyond(blocks, common.blocks)) is not None
            ),
            default=None,
        )
        self._columns = common.columns
        self._header_bytes = len(header_line(common.columns).encode())
        agreed = common.blocks[: self._fork]
        self._note_common(agreed)
        # A server that was killed may have been about to shorten it, or within a frame.
        self._folder.cut_now("frames.csv", self._end(self.frames))
        for copy in self._copies:
            copy.is_adopted, copy.columns = False, common.columns
        for seat, (columns, blocks) in own.items():
            self._rewrite_own_file(seat, columns, blocks)
        return agreed

    def adopt(self, seat: int, blocks: Sequence[str]) -> None:
        """Take the first of the stored frames for a seat's, as it has uploaded them before.

        Raises:
            OSError: its file cannot be written.
        """
        copy = self._copies[seat]
        if copy.own_from is not None:
            self._rewrite_own_file(seat, copy.columns, blocks)
        copy.frames, copy.is_adopted = len(blocks), True

    def is_adopted(self, seat: int) -> bool:
        """Whether it is known how many frames a seat has; after a restart not before `adopt`."""
        return self._copies[seat].is_adopted

    def columns_of(self, seat: int) -> list[str]:
        """The columns of a seat's copy; empty before its first frame."""
        return self._copies[seat].columns

    def blocks_of(self, seat: int, rows_per_frame: int) -> list[str]:
        """The lines of each frame that is stored of a seat's copy, or that it may have.

        Raises:
            OSError: a file cannot be read.
        """
        has_own = self._copies[seat].own_from is not None
        names = ["frames.csv", _own_file(seat)] if has_own else ["frames.csv"]
        tables = [self._stored(name, rows_per_frame) for name in names]
        return [block for table in tables if table is not None for block in table.blocks]

    def common_blocks(self, rows_per_frame: int) -> list[str]:
        """The lines of each frame that nobody contradicts.

        Raises:
            OSError: the file cannot be read.
        """
        common = self._stored("frames.csv", rows_per_frame)
        return [] if common is None else common.blocks[: self.frames]

    @property
    def frames(self) -> int:
        """How many frames are stored that nobody contradicts."""
        return len(self._ends)

    def frames_of(self, seat: int) -> int:
        """How many frames of a seat are stored."""
        return self._copies[seat].frames

    def is_contradicted(self, seat: int) -> bool:
        """Whether a seat's copy goes beyond the first difference."""
        return self._fork is not None and self._copies[seat].frames > self._fork

    def add(self, seat: int, columns: list[str], blocks: Sequence[str]) -> Desync | None:
        """Add the next frames of a seat's copy.

        Args:
            seat: whose copy it is.
            columns: its columns, the same at every call.
            blocks: the lines of each frame.

        Returns:
            The difference that they show, if it is the first or an earlier one.

        Raises:
            OSError: they cannot be written. Nothing is added; the same call may be made again.
        """
        copy = self._copies[seat]
        copy.columns = columns
        if copy.own_from is None:
            differs_at = self._first_difference(copy, blocks)
            if differs_at is not None:
                self._begin_own_files(differs_at, seat)
        if self._fork is None:
            self._add_to_common(columns, blocks[max(0, self.frames - copy.frames) :])
        else:
            self._add_to_own(seat, blocks[max(0, self._fork - copy.frames) :])
        copy.frames += len(blocks)
        # Kept until now, as the writes above may have failed after the difference was found.
        desync, self._untold = self._untold, None
        return desync

    def _first_difference(self, copy: _Copy, blocks: Sequence[str]) -> int | None:
        """The first frame at which a copy differs from the common one."""
        if self._columns is None:
            return None
        if copy.columns != self._columns and self._fork != 0:
            return 0
        for frame, block in enumerate(blocks[: self.frames - copy.frames], copy.frames):
            at = _HASH_BYTES * frame
            if self._hashes[at : at + _HASH_BYTES] != _hash(block):
                return frame
        return None

    def _add_to_common(self, columns: list[str], blocks: Sequence[str]) -> None:
        header = "" if self._columns is not None else header_line(columns)
        # Even if nothing is new, what is there must still be there to be acknowledged.
        self._folder.append_now("frames.csv", header + "".join(blocks))
        if self._columns is None:
            self._columns = columns
            self._header_bytes = len(header.encode())
        self._note_common(blocks)

    def _note_common(self, blocks: Sequence[str]) -> None:
        for block in blocks:
            self._ends.append(self._end(self.frames) + len(block.encode()))
            self._hashes += _hash(block)

    def _stored(self, name: str, rows_per_frame: int) -> StoredTable | None:
        try:
            return read_table(self._folder.read(name, 0), rows_per_frame)
        except FileNotFoundError:
            return None

    def _add_to_own(self, seat: int, blocks: Sequence[str]) -> None:
        copy = self._copies[seat]
        if not blocks:
            self._folder.append_now("frames.csv", "")
            return
        if copy.own_from is None:
            self._folder.replace_now(_own_file(seat), header_line(copy.columns) + "".join(blocks))
            copy.own_from = self._fork
        else:
            self._folder.append_now(_own_file(seat), "".join(blocks))

    def _begin_own_files(self, frame: int, seat: int) -> None:
        """Give each copy that has this frame, but not that of *seat*, a file from it on."""
        holders = [
            (other, copy)
            for other, copy in enumerate(self._copies)
            if copy.frames > frame or not copy.is_adopted
        ]
        for other, copy in holders:
            if copy.own_from != frame:
                self._extend_own_file(other, copy, frame)
                copy.own_from = frame
        if self._copies[seat].columns == self._columns or self._columns is None:
            self._folder.cut_now("frames.csv", self._end(frame))
        else:
            self._folder.replace_now("frames.csv", header_line(BASE_COLUMNS))
        del self._ends[frame:]
        del self._hashes[_HASH_BYTES * frame :]
        self._fork = frame
        seats = sorted({seat, *(other for other, _ in holders)})
        self._untold = Desync(frame, tuple(seats), "rows")

    def _rewrite_own_file(self, seat: int, columns: list[str], blocks: Sequence[str]) -> None:
        """Let a copy's own file begin where copies part, and have these frames from there on."""
        copy = self._copies[seat]
        beyond = [] if self._fork is None else blocks[self._fork :]
        content = header_line(columns) + "".join(beyond) if beyond else ""
        copy.own_from = self._fork if beyond else None
        copy.columns = columns
        self._folder.replace_now(_own_file(seat), content)

    def _extend_own_file(self, seat: int, copy: _Copy, frame: int) -> None:
        """Begin a copy's own file at a frame that is common as yet, or have it begin there."""
        header = header_line(copy.columns)
        end = self._end(min(copy.frames, self.frames) if copy.is_adopted else self.frames)
        rows = self._folder.read("frames.csv", self._end(frame), end)
        if copy.own_from is not None:
            rows += self._folder.read(_own_file(seat), len(header.encode()))
        self._folder.replace_now(_own_file(seat), header + rows)

    def _end(self, frames: int) -> int:
        """Where so many frames end in the common file."""
        return self._ends[frames - 1] if frames else self._header_bytes


def _first_beyond(blocks: Sequence[str], common: Sequence[str]) -> int | None:
    """The first frame at which a copy differs from the common frames, or goes on after them."""
    for frame, block in enumerate(blocks):
        if frame >= len(common) or block != common[frame]:
            return frame
    return None


def _own_file(seat: int) -> str:
    return f"frames.seat{seat}.csv"


def _hash(block: str) -> bytes:
    return hashlib.blake2b(block.encode(), digest_size=_HASH_BYTES).digest()
