"""The rows of `network.csv` as browsers upload them, checked before anything is stored.

The place that knows all columns of that file. It decides only whether rows have the promised form;
GameRecord stores them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from interactive_gym.netcode.network_statistics import COLUMNS as STATISTICS_COLUMNS

PAGE_COLUMNS = (
    "link_rtt_ms",
    "local_candidate_type",
    "remote_candidate_type",
    "sent_bytes",
    "received_bytes",
    "frame_ms",
    "max_frame_ms",
)
"""The fields of a row that only the page knows, as the protocol explains them."""

UPLOADED_COLUMNS = (*STATISTICS_COLUMNS, *PAGE_COLUMNS)
"""The fields of an uploaded row."""

COLUMNS = ("time", "seat", *UPLOADED_COLUMNS)
"""The columns of `network.csv`."""

CANDIDATE_TYPES = ("host", "srflx", "prflx", "relay")
"""What an ICE candidate may be."""

MAX_ROWS = 64
"""Most rows in one upload."""

MAX_NUMBER = 2**53
"""Numbers beyond this are none that a browser measured."""

_CANDIDATE_COLUMNS = ("local_candidate_type", "remote_candidate_type")


def are_network_rows(rows: object) -> bool:
    """Whether *rows* is a list of rows of known fields with finite numbers or nulls."""
    return isinstance(rows, list) and 0 < len(rows) <= MAX_ROWS and all(map(_is_row, rows))


def network_lines(time: str, seat: int, rows: Sequence[Mapping[str, Any]]) -> str:
    """The lines of checked rows, received at *time* from a seat; what a row lacks is empty."""
    return _lines([time, seat, *map(row.get, UPLOADED_COLUMNS)] for row in rows)


def network_header() -> str:
    """The line of column names."""
    return _lines([COLUMNS])


def _is_row(row: object) -> bool:
    return (
        isinstance(row, dict)
        and 0 < len(row) <= len(UPLOADED_COLUMNS)
        and all(_is_field(name, value) for name, value in row.items())
    )


def _is_field(name: object, value: object) -> bool:
    if name not in UPLOADED_COLUMNS:
        return False
    if value is None:
        return True
    if name in _CANDIDATE_COLUMNS:
        return isinstance(value, str) and value in CANDIDATE_TYPES
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # Not so for what is infinite or no number.
    return -MAX_NUMBER <= value <= MAX_NUMBER


def _lines(rows: Any) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
