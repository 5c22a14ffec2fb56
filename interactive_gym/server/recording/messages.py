"""What the main process and a recorder tell each other: one JSON object in each line.

The main process numbers what it says. Commands are kept until a `State` confirms them, and sent
again to a recorder that was started anew. Questions are asked once.
"""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, tag="settings"):
    """The first line: what a recorder must know to record."""

    number: int
    """Which recorder it is, from 1."""

    folder: str
    """The experiment's folder of data."""

    experiment_id: str
    """The experiment."""

    secret: str
    """What the keys of uploads are signed with."""

    base_path: str
    """The path under which the experiment is served, with a slash at its end."""

    allowed_origins: list[str] | None
    """The origins whose pages may connect; `None` for all."""


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Begin a game's record, or go on with it if its files are there."""

    number: int
    game_id: str
    scene_id: str
    match: dict[str, Any]


WriteKind = Literal["log_event", "note_cut", "note_left", "note_desync", "restore", "close"]
"""The methods of `Record` that only write."""


class Write(msgspec.Struct, frozen=True, tag="write"):
    """Write something to a game's record."""

    number: int
    game_id: str
    kind: WriteKind
    fields: dict[str, Any]
    time: str
    """When the main process said so, in ISO 8601: that is when it happened."""


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """Take what a page has said to the main process."""

    number: int
    game_id: str
    seat: int
    event: str
    """The event's name."""

    message: dict[str, Any]
    """Its payload."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """Answer when everything before is done."""

    number: int


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """The answer to an `Ask` or a `Hello`."""

    number: int
    answer: dict[str, int] | None = None
    """What the page is answered."""

    fault: str | None = None
    """Why its message was refused; `None` if it was not."""


class State(msgspec.Struct, frozen=True, tag="state"):
    """What a recorder knows of one game."""

    game_id: str
    confirmed: int
    """All commands of the game up to this number are carried out, and stored."""

    next_frames: list[int]
    """The frame expected next from each seat."""

    known: list[bool]
    """Whether it is known how much is stored of each seat's copy."""

    complete: list[bool]
    """Whether each seat has uploaded the game to its end."""

    is_failing: bool = False
    """Whether something cannot be written at the moment."""

    desync: dict[str, Any] | None = None
    """The first difference between seats."""


_STATE = b'{"type":"state"'
"""How the line of a `State` begins. There are many, and they hold no text of browsers."""

ToRecorder = Settings | Open | Write | Ask | Hello
ToMain = Answer | State


def encoded(message: ToRecorder | ToMain) -> bytes:
    """A message as a line. Browsers' texts may hold characters that are none in UTF-8."""
    if isinstance(message, State):
        return msgspec.json.encode(message) + b"\n"
    return json.dumps(msgspec.to_builtins(message)).encode() + b"\n"


def decoded_by_recorder(line: bytes) -> ToRecorder:
    """A message of the main process."""
    message: ToRecorder = msgspec.convert(json.loads(line), ToRecorder)
    return message


def decoded_by_main(line: bytes) -> ToMain:
    """A message of a recorder."""
    if line.startswith(_STATE):
        return msgspec.json.decode(line, type=State)
    message: ToMain = msgspec.convert(json.loads(line), ToMain)
    return message
