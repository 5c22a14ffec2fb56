"""The rows of `network.csv` as browsers upload them.

The place that knows all columns of that file, and what may stand in them; GameRecord stores them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from interactive_gym.netcode.game_config import MAX_SEATS
from interactive_gym.server.messages.fields import CandidateType

MAX_ROWS = 64
"""Most rows in one upload."""

MAX_NUMBER = 2**53
"""Numbers beyond this are none that a browser measured."""

Whole = Annotated[int, Meta(ge=0, le=MAX_NUMBER)] | None | UnsetType
"""A number of things; `None` if there is none. A page may leave it out."""

Amount = Annotated[float, Meta(ge=0, le=MAX_NUMBER)] | Whole
"""A finite number that is not negative, kept as it is written, likewise."""

PeerSeat = Annotated[int, Meta(ge=0, lt=MAX_SEATS)] | None | UnsetType
"""A seat of the game, likewise."""

LinkEnd = CandidateType | None | UnsetType
"""The ICE type of one end of the link, likewise."""


class NetworkRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A second of one browser with one peer.

    The protocol explains what only the page knows; the rest is the netcode's, see
    `interactive_gym.netcode.network_statistics`.
    """

    time_ms: Amount = UNSET
    frame: Whole = UNSET
    confirmed_frames: Whole = UNSET
    ticks: Whole = UNSET
    stalled_ticks: Whole = UNSET
    rollbacks: Whole = UNSET
    rollback_frames: Whole = UNSET
    max_rollback_frames: Whole = UNSET
    input_delay_ms: Amount = UNSET
    max_input_delay_ms: Amount = UNSET
    peer_seat: PeerSeat = UNSET
    rtt_ms: Amount = UNSET
    missing_inputs: Amount = UNSET
    max_missing_inputs: Whole = UNSET
    max_silence_ms: Amount = UNSET
    effect_delay_ms: Amount = UNSET
    max_effect_delay_ms: Amount = UNSET
    late_inputs: Whole = UNSET
    link_rtt_ms: Amount = UNSET
    local_candidate_type: LinkEnd = UNSET
    remote_candidate_type: LinkEnd = UNSET
    sent_bytes: Whole = UNSET
    received_bytes: Whole = UNSET
    frame_ms: Amount = UNSET
    max_frame_ms: Amount = UNSET

    def __post_init__(self) -> None:
        if all(value is UNSET for value in _values(self)):
            raise ValueError("a row must say something")


COLUMNS = ("time", "seat", "incarnation", *NetworkRow.__struct_fields__)
"""The columns of `network.csv`."""


def network_lines(rows: Iterable[tuple[str, int, int, NetworkRow]]) -> str:
    """The lines of rows, each with its time, seat and incarnation; what a row lacks is empty."""
    return _lines([*page, *map(_cell, _values(row))] for *page, row in rows)


def network_header() -> str:
    """The line of column names."""
    return _lines([COLUMNS])


def _values(row: NetworkRow) -> list[Any]:
    """What a row says, without what a message may add."""
    return [getattr(row, name) for name in NetworkRow.__struct_fields__]


def _cell(value: Any) -> Any:
    return None if value is UNSET else value


def _lines(rows: Iterable[Iterable[Any]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
