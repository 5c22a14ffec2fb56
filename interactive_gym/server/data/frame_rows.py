"""What the rows of confirmed frames that browsers upload may be.

Fixed by the game's `match.json` before anybody uploads, but for the columns of infos, which only
the environment knows: each seat's are its own. `frame_copies` compares the uploads of different
seats.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from interactive_gym.netcode.cells import (
    FLAGS,
    MAX_KEY_CHARS,
    NUMBER_PATTERN,
    is_formula,
    is_number,
    quoted,
    text_of,
)
from interactive_gym.netcode.game_config import MAX_INPUT_DELAY
from interactive_gym.netcode.recorder import BASE_COLUMNS as BASE_COLUMNS
from interactive_gym.netcode.recorder import DELAY_COLUMN, MAX_COLUMNS, MAX_ROW_CHARS

MAX_ROWS = 4096
"""Most rows in one upload."""

_INFO = "info_"
_INPUT_DELAY = f"(?:{'|'.join(map(str, range(MAX_INPUT_DELAY + 1)))})"
_PLAIN_CELL = rf"""[^,";=+\-@＝＋－＠]*|{NUMBER_PATTERN}"""


class Place(NamedTuple):
    """Where a frame is in a game."""

    episode: int
    """The number of its episode."""

    step: int
    """Its number within the episode."""


FIRST_PLACE = Place(episode=0, step=0)
"""Where the first frame of every game is."""


def header_line(columns: Sequence[str]) -> str:
    """Return the line of column names, with its line end."""
    return ",".join(map(quoted, columns)) + "\n"


class RowRules:
    """What the rows of one game may be.

    Args:
        match: the content of ``match.json``. It needs ``agents`` and ``group``; without ``actions``
            any action will do, and without ``num_episodes`` or ``max_steps`` any number of them.
            With ``adapts_input_delay`` each row has the input delay.
    """

    def __init__(self, match: Mapping[str, Any]) -> None:
        agents = list(match["agents"])
        seats = {member["agent"]: seat for seat, member in enumerate(match["group"])}
        self._agents = [text_of(agent) for agent in agents]
        self._seats = [seats.get(agent) for agent in agents]
        actions = match.get("actions")
        self._actions = None if actions is None else frozenset(map(text_of, actions))
        self._num_episodes: int | None = match.get("num_episodes")
        self._max_steps: int | None = match.get("max_steps")
        self._adapts_input_delay: bool = match.get("adapts_input_delay", False)
        self._columns = (*BASE_COLUMNS, *([DELAY_COLUMN] if self._adapts_input_delay else []))
        self._usual_rows: dict[int, list[re.Pattern[str]]] = {}

    def are_columns(self, columns: Sequence[str]) -> bool:
        """Whether *columns* are those of the game and distinct ``info_…`` columns."""
        if len(columns) > MAX_COLUMNS:
            return False
        own = columns[len(self._columns) :]
        return (
            tuple(columns[: len(self._columns)]) == self._columns
            and len(set(own)) == len(own)
            and all(map(_is_info_column, own))
        )

    def check(
        self,
        rows: Sequence[str],
        first_frame: int,
        place: Place | None,
        width: int,
        lost_seats: Collection[int] = (),
    ) -> Place | None:
        """Check rows, one for each agent and frame, in order.

        Args:
            rows: the uploaded lines.
            first_frame: the frame that the first rows belong to.
            place: where that frame is in the game; `None` after its end.
            width: how many columns there are.
            lost_seats: the seats that need not be played any more.

        Returns:
            Where the next frame will be; `None` if the game has no more.

        Raises:
            ValueError: a row is not what it has to be; the text says which and why.
        """
        count = len(self._agents)
        if not 0 < len(rows) <= MAX_ROWS or len(rows) % count:
            raise ValueError(f"there must be 1 to {MAX_ROWS} rows, one for each agent and frame")
        for index in range(0, len(rows), count):
            frame = first_frame + index // count
            if place is None:
                raise ValueError(f"the game has no frame {frame}")
            begins = [str(frame), str(place.episode), str(place.step)]
            start = ",".join(begins)
            is_last_step = place.step + 1 == self._max_steps
            is_over = True
            for position, row in enumerate(rows[index : index + count]):
                usual = self._usual(row, start, position, width)
                if usual is not None and (usual or not is_last_step):
                    is_over &= usual
                    continue
                cells = _cells(row, width)
                if cells[:4] != [*begins, self._agents[position]]:
                    raise ValueError(
                        f"the rows of frame {frame} must be of episode {place.episode} and step "
                        f"{place.step}, and of the agents in their order"
                    )
                try:
                    is_over &= self._has_ended(cells, position, lost_seats, is_last_step)
                except ValueError as error:
                    raise ValueError(f"the rows of frame {frame}: {error}") from None
            place = self._after(place, is_over)
        return place

    def place_after(self, rows: Sequence[str], frame: int, width: int) -> Place | None:
        """Where the frame after a stored one is in the game; `None` if the game has no more.

        Args:
            rows: the lines of the stored frame.
            frame: its number.
            width: how many columns there are.
        """
        _, episode, step, *_ = _cells(rows[0], width)
        everyone = range(len(self._seats))
        return self.check(rows, frame, Place(int(episode), int(step)), width, everyone)

    def _usual(self, row: str, start: str, position: int, width: int) -> bool | None:
        """Whether the episode is over for an agent by a row of the usual form; `None` for others.

        One search finds out about most rows. All others are looked at cell by cell.
        """
        if width not in self._usual_rows:
            self._usual_rows[width] = self._usual_patterns(width)
        head = f"{start},{quoted(self._agents[position])},"
        if not row.startswith(head) or len(row) > MAX_ROW_CHARS or not row.isprintable():
            return None
        found = self._usual_rows[width][position].fullmatch(row, len(head))
        return None if found is None else "true" in found.groups()

    def _usual_patterns(self, width: int) -> list[re.Pattern[str]]:
        """For each agent what follows its id in most rows."""
        actions = "|".join(re.escape(quoted(text)) for text in sorted(self._actions or ()))
        flags = "|".join(FLAGS)
        played = f"(?:{actions}),(?:{flags})" if actions else f"(?:{_PLAIN_CELL}),(?:{flags})"
        outcome = f"(?:{NUMBER_PATTERN}|{flags}|),({flags}),({flags})"
        delay = f",{_INPUT_DELAY}" if self._adapts_input_delay else ""
        infos = f"(?:,(?:{_PLAIN_CELL}))" * (width - len(self._columns))
        by_policy = f"(?:{_PLAIN_CELL}),"
        return [
            re.compile(f"{by_policy if seat is None else played},{outcome}{delay}{infos}")
            for seat in self._seats
        ]

    def _has_ended(
        self,
        cells: Sequence[str],
        position: int,
        lost_seats: Collection[int],
        is_last_step: bool,
    ) -> bool:
        """Check a row from its action on; whether the episode is over for its agent."""
        action, hidden, reward, terminated, truncated, *infos = cells[4:]
        if self._adapts_input_delay and not re.fullmatch(_INPUT_DELAY, infos.pop(0)):
            raise ValueError(f"the input delay must be a number from 0 to {MAX_INPUT_DELAY}")
        seat = self._seats[position]
        if hidden:
            if seat is None or hidden not in FLAGS:
                raise ValueError("hidden must be true or false where a participant plays")
            if self._actions is not None and action not in self._actions:
                raise ValueError("the action must be one of the game's")
        elif seat is not None and seat not in lost_seats:
            raise ValueError("hidden must not be empty where a participant plays")
        for cell in (action, *infos):
            if is_formula(cell):
                raise ValueError("a cell may not be a formula")
        if not terminated:
            if reward or truncated or any(infos):
                raise ValueError("without an outcome all its cells must be empty")
            return True
        if terminated not in FLAGS or truncated not in FLAGS:
            raise ValueError("terminated and truncated must be true or false")
        if reward and not is_number(reward) and reward not in FLAGS:
            raise ValueError("the reward must be a number")
        has_ended = "true" in (terminated, truncated)
        if is_last_step and not has_ended:
            raise ValueError(f"the episode must end with its step {self._max_steps}")
        return has_ended

    def _after(self, place: Place, is_over: bool) -> Place | None:
        if not is_over:
            return Place(place.episode, place.step + 1)
        if place.episode + 1 == self._num_episodes:
            return None
        return Place(place.episode + 1, 0)


def is_played(row: str) -> bool:
    """Whether a participant played the agent of this checked row."""
    return _cells(row)[BASE_COLUMNS.index("hidden")] != ""


def _is_info_column(column: str) -> bool:
    return (
        column.startswith(_INFO)
        and 0 < len(column) - len(_INFO) <= MAX_KEY_CHARS
        and column.isprintable()
        and not is_formula(column)
    )


def _cells(row: str, width: int | None = None) -> list[str]:
    if len(row) > MAX_ROW_CHARS or not row.isprintable():
        raise ValueError(f"a row must be one line of at most {MAX_ROW_CHARS} characters")
    try:
        cells = next(csv.reader([row], strict=True)) if '"' in row else row.split(",")
    except (csv.Error, StopIteration):
        raise ValueError("a row must be a line of CSV") from None
    if width not in (None, len(cells)):
        raise ValueError(f"a row must have {width} cells")
    return cells
