"""What a game needs of its record, wherever that is kept: in this process, or by a recorder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.data.page_reports import PageEvent, PageRow

UploadRoute = dict[str, str]
"""How a page reaches the process that keeps its game's record: `address` and `key`."""


class Reports(Protocol):
    """What pages tell beside frames."""

    def add_events(
        self, seat: int, incarnation: int, first: int, events: Sequence[PageEvent]
    ) -> int:
        """Add lines to ``events.jsonl``; returns the number that is expected next.

        Raises:
            ValueError: there are too many.
            OSError: they cannot be taken at the moment; the same are to come again.
        """

    def add_network(self, seat: int, incarnation: int, first: int, rows: Sequence[PageRow]) -> int:
        """Add lines to ``network.csv``; likewise."""


class Record(Protocol):
    """The data of one game, as `GameRecord` has them."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held while the record is written."""

    @property
    def num_agents(self) -> int:
        """How many rows each frame has."""

    @property
    def reports(self) -> Reports:
        """What pages tell beside frames."""

    @property
    def desync(self) -> Desync | None:
        """The first difference between seats, or None while there is none."""

    @property
    def is_failing(self) -> bool:
        """Whether something could not be written lately, or still waits for it."""

    @property
    def is_closed(self) -> bool:
        """Whether the record is closed, with all that was written."""

    def upload_route(self, seat: int) -> UploadRoute | None:
        """How a seat's page is to send frames; `None` if as it sends everything else."""

    def next_frame(self, seat: int) -> int:
        """The frame expected next from a seat."""

    def is_known(self, seat: int) -> bool:
        """Whether it is known how much is stored of a seat's copy."""

    def is_complete(self, seat: int) -> bool:
        """Whether a seat has uploaded the game to its end, and all that it says it has."""

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

        Rows of a page from before a `restore` are not stored, nor asked for again.

        Raises:
            ValueError: the upload has another form than promised; nothing of it is stored.
            OSError: it cannot be written at the moment; the same upload is to come again.
        """

    def restore(self, incarnations: Sequence[int]) -> list[str]:
        """Have a game go on from its stored frames, as no page holds it any more.

        From now on frames are taken only from pages that go on from them: what an earlier page
        still uploads contradicts what is played from here on.

        Args:
            incarnations: the first incarnation of each seat whose frames are taken from now on.

        Returns:
            The lines of all frames that are stored and that nobody contradicts.

        Raises:
            OSError: they cannot be read at the moment.
        """

    def takes(self, seat: int, incarnation: int) -> bool:
        """Whether the frames of a page are taken: it does not come from before a `restore`."""

    def finish(self, seat: int, frames: int, digest: str, incarnation: int = 0) -> bool:
        """Note what a seat's browser says it recorded altogether; whether that was not known.

        What a page from before a `restore` says is not noted.
        """

    def log_event(self, kind: str, **fields: Any) -> None:
        """Append a line to ``events.jsonl``."""

    def note_cut(self, seat: int, reason: str) -> None:
        """Note that a seat was cut."""

    def note_left(self, seat: int) -> None:
        """Note that a seat that has finished is not played any more where others play on."""

    def note_desync(self, desync: Desync) -> None:
        """Note that the copies of two participants differ. The earliest frame is kept."""

    def close(self, reason: str) -> None:
        """End the record; later uploads are not stored. Closing twice is harmless."""
