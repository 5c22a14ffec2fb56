"""What browsers say about games: one Struct for each event, checked by conversion to it.

Definitions only. The app converts payloads, the GameInbox takes the messages and checks what
depends on the game.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from interactive_gym.netcode.game_config import MAX_INCARNATION
from interactive_gym.server.data.network_rows import MAX_ROWS, NetworkRow
from interactive_gym.server.messages.fields import Age, Count, Id, json_chars
from interactive_gym.server.messages.signals import Signal, check_size

MAX_EVENT_DETAIL_CHARS = 4096
"""Longer details of an event are refused."""

MAX_EVENTS_AT_ONCE = 64
"""Most events in one message."""

EventKind = Literal[
    "hidden",
    "visible",
    "idle_prompt",
    "idle_answer",
    "peer_silent",
    "peer_heard",
    "stall",
    "link_state",
    "desync",
    "engine_error",
]
"""The kinds of events that pages tell."""

FinishReason = Literal["completed", "partner_lost", "desync", "engine_error"]
"""The reasons of `game_finished`."""

QuitReason = Literal["hidden", "idle"]
"""The reasons of `game_quit`."""


Incarnation = Annotated[int, Meta(ge=0, le=MAX_INCARNATION)]
"""How often a participant had reloaded the page."""


class GameMessage(msgspec.Struct, frozen=True):
    """What every message about a game says."""

    game_id: Id
    """Which game."""


class GameSignal(GameMessage, frozen=True):
    """`game_signal`: for another browser, about a connection that no probe made."""

    to_seat: Count
    """The seat it is for."""

    signal: Signal
    """An offer, an answer or a candidate."""

    def __post_init__(self) -> None:
        check_size(self.signal)


class GameReady(GameMessage, frozen=True):
    """`game_ready`: every link is open and the engine is set up."""


class GameResumed(GameMessage, frozen=True):
    """`game_resumed`: after a reload all frames are simulated again."""

    frame: Count
    """How many there are."""


class GameReturning(GameMessage, frozen=True):
    """`game_returning`: the page loads the game again, and how far it is."""

    fraction: Annotated[float, Meta(ge=0, le=1)]
    """From 0 to 1."""


class GamePeerLost(GameMessage, frozen=True):
    """`game_peer_lost`: nothing comes from another seat."""

    seat: Count
    """Which seat."""


class GameQuit(GameMessage, frozen=True):
    """`game_quit`: the participant is out of the game."""

    reason: QuitReason
    """Why."""


class GameData(GameMessage, frozen=True, kw_only=True):
    """What is taken also when the game is over."""

    token: str | None = None
    """The token of the participant whose data this is, if a later page of the same browser, which
    may be another's, sends it."""


class GameFrames(GameData, frozen=True):
    """`game_frames`: confirmed rows, in order."""

    columns: list[str]
    """The names of the columns."""

    first_frame: Count
    """The frame that the first rows belong to."""

    rows: list[str]
    """Lines of CSV without line ends, one for every agent and frame."""

    digest: str
    """SHA-256 of the table as a file, from its header to the last of these rows."""

    incarnation: Incarnation = 0
    """How often the participant had reloaded the page."""


class GameReports(GameData, frozen=True):
    """What a page tells and numbers, in order."""

    incarnation: Incarnation
    """How often the participant had reloaded the page."""

    first: Count
    """The number of the first, counted from 0 within this page."""


class EventReport(msgspec.Struct, frozen=True):
    """One event of `game_events`."""

    kind: EventKind
    """What happened."""

    age_ms: Age
    """How long ago."""

    frame: Count | None = None
    """When."""

    detail: Any = None
    """More about it, as JSON."""

    def __post_init__(self) -> None:
        if json_chars(self.detail) > MAX_EVENT_DETAIL_CHARS:
            raise ValueError(f"a detail must have at most {MAX_EVENT_DETAIL_CHARS} characters")


class GameEvents(GameReports, frozen=True):
    """`game_events`: kept with the data of the game."""

    events: Annotated[list[EventReport], Meta(min_length=1, max_length=MAX_EVENTS_AT_ONCE)]
    """What happened."""


class DesyncDetail(msgspec.Struct, frozen=True):
    """The detail of an event of the kind `desync`."""

    frame: Count
    """The checkpoint at which the page noticed."""

    seat: Count
    """The seat whose copy differs from the page's."""

    part: Literal["rows", "state"]
    """What differs."""


class NetworkReport(NetworkRow, frozen=True, kw_only=True):
    """One row of `game_network`."""

    age_ms: Age
    """How long ago its second ended."""


class GameNetwork(GameReports, frozen=True):
    """`game_network`: rows of `network.csv`."""

    rows: Annotated[list[NetworkReport], Meta(min_length=1, max_length=MAX_ROWS)]
    """One for every peer and second."""


class GameFinished(GameData, frozen=True):
    """`game_finished`: the game is over here, and all rows are uploaded."""

    reason: FinishReason
    """How it ended."""

    frames: Count
    """How many frames the page has recorded."""

    digest: str
    """The digest after the last of them; empty before the first."""

    incarnation: Incarnation = 0
    """How often the participant had reloaded the page."""
