"""What the pages of a game tell beside its frames: events, and what the network did.

Pages number what they tell, and tell it again until they are answered. So nothing is lost while
there is no connection, or no server, and nothing is taken twice: after a restart the files say how
much is known.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from interactive_gym.server.data.game_folder import GameFolder
from interactive_gym.server.data.network_rows import NetworkRow, network_header, network_lines

MAX_EVENTS = 20_000
"""Most events that are taken from one seat."""

MAX_NETWORK_ROWS = 200_000
"""Most rows of ``network.csv`` that are taken from one seat: many hours of play."""

EVENTS_FILE = "events.jsonl"
"""Where events are."""

NETWORK_FILE = "network.csv"
"""Where rows of the network are."""


class Now(Protocol):
    """The present moment, or an earlier one, in ISO 8601."""

    def __call__(self, age_s: float = 0.0, /) -> str:
        """The moment that was *age_s* seconds ago."""


class PageEvent(NamedTuple):
    """Something that a page tells."""

    kind: str
    """What happened."""

    age_s: float
    """How long ago, in seconds."""

    fields: dict[str, Any]
    """More about it."""


class PageRow(NamedTuple):
    """What the network did in a second, with one partner."""

    age_s: float
    """How long ago that second ended, in seconds."""

    row: NetworkRow
    """The row."""


class _Page(NamedTuple):
    """A page, and one of the files that it tells something for."""

    file: str
    seat: int
    incarnation: int


class PageReports:
    """The reports of one game's pages.

    Args:
        folder: where the files go.
        created_at: when the game was made, in ISO 8601; nothing happened before.
        now: the present moment, or an earlier one.
    """

    def __init__(self, folder: GameFolder, created_at: str, now: Now) -> None:
        self._folder = folder
        self._created_at = created_at
        self._now = now
        self._known: Counter[_Page] = Counter()
        self._written: Counter[_Page] = Counter()

    def take_up(self) -> None:
        """Go on with the files that are there.

        Raises:
            OSError: one of them cannot be read.
        """
        for text in self._lines_of(EVENTS_FILE):
            line = json.loads(text)
            if "number" in line:
                self._known[_Page(EVENTS_FILE, line["seat"], line["incarnation"])] += 1
        for cells in csv.DictReader(self._lines_of(NETWORK_FILE)):
            page = _Page(NETWORK_FILE, int(cells["seat"]), int(cells["incarnation"]))
            self._known[page] += 1
        self._written = self._known.copy()

    def add_events(
        self, seat: int, incarnation: int, first: int, events: Sequence[PageEvent]
    ) -> int:
        """Add lines to ``events.jsonl``; see `_add` for what is said of both files."""
        page = _Page(EVENTS_FILE, seat, incarnation)
        new = self._unknown(page, first, events, MAX_EVENTS)
        return self._add(page, "".join(self._event_line(page, *item) for item in new), len(new))

    def add_network(self, seat: int, incarnation: int, first: int, rows: Sequence[PageRow]) -> int:
        """Add lines to ``network.csv``; see `_add` for what is said of both files."""
        page = _Page(NETWORK_FILE, seat, incarnation)
        new = [row for _, row in self._unknown(page, first, rows, MAX_NETWORK_ROWS)]
        is_begun = any(known and other.file == NETWORK_FILE for other, known in self._known.items())
        text = "" if is_begun or not new else network_header()
        lines = ((self._time(age_s), seat, incarnation, row) for age_s, row in new)
        return self._add(page, text + network_lines(lines), len(new))

    def _unknown(
        self, page: _Page, first: int, items: Sequence[Any], at_most: int
    ) -> list[tuple[int, Any]]:
        """Those of a page's items that are not known yet, with their numbers.

        None are if others before them are missing: the page then begins with these.

        Raises:
            ValueError: there are too many.
        """
        known = self._known[page]
        told = sum(
            count
            for other, count in self._known.items()
            if (other.file, other.seat) == (page.file, page.seat)
        )
        if first > known:
            return []
        new = list(enumerate(items, first))[known - first :]
        if told + len(new) > at_most:
            raise ValueError(f"there are more than {at_most} of one participant")
        return new

    def _add(self, page: _Page, text: str, count: int) -> int:
        """Append to a file, as soon as that is possible, and return the number expected next.

        What is not on disk is not acknowledged.
        """
        if count:
            self._folder.append(page.file, text)
            self._known[page] += count
        if not self._folder.is_failing:
            self._written[page] = self._known[page]
        return self._written[page]

    def _event_line(self, page: _Page, number: int, event: PageEvent) -> str:
        line = {
            "time": self._time(event.age_s),
            "kind": event.kind,
            "seat": page.seat,
            **event.fields,
            "incarnation": page.incarnation,
            "number": number,
        }
        return json.dumps(line) + "\n"

    def _time(self, age_s: float) -> str:
        return max(self._created_at, self._now(age_s))

    def _lines_of(self, file: str) -> list[str]:
        try:
            return self._folder.read(file, 0).splitlines()
        except FileNotFoundError:
            return []
