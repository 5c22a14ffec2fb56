"""A game's record that a recorder keeps, as the main process sees it.

What is written is a command, which is kept until the recorder has confirmed it, and sent again to
one that was started anew. What is asked is what the recorder told last.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import msgspec

from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.data.page_reports import PageEvent, PageRow
from interactive_gym.server.data.record import UploadRoute
from interactive_gym.server.data.stored_table import read_table
from interactive_gym.server.recording.messages import (
    Answer,
    Ask,
    Hello,
    Open,
    State,
    Write,
    WriteKind,
)


class Link(Protocol):
    """The way to a recorder."""

    def new_number(self) -> int:
        """The number of the next message."""

    def send(self, command: Open | Write | Ask) -> None:
        """Send a command, if the recorder is there."""

    def ask(self, question: Ask | Hello) -> Answer:
        """Have a question answered; raises OSError if that takes too long."""


class RemoteRecord:
    """The data of one game.

    Args:
        link: the way to the recorder.
        scene_id: the scene that the game is played in.
        match: the content of its ``match.json``.
        folder: where its files are.
        routes: how each seat's page reaches the recorder.
        now: the present moment in ISO 8601.
        is_new: whether the record begins now, and is not taken up.
    """

    def __init__(
        self,
        link: Link,
        scene_id: str,
        match: dict[str, Any],
        *,
        folder: Path,
        routes: Sequence[UploadRoute],
        now: Callable[[], str],
        is_new: bool,
    ) -> None:
        self._link = link
        self._folder = folder
        self._routes = routes
        self._now = now
        self.game_id: str = match["game_id"]
        self.num_agents = len(match["agents"])
        """How many rows each frame has."""
        self.lock: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
        """None is needed, as a recorder does one thing after the other."""
        self.reports = _RemoteReports(self)
        """What pages tell beside frames."""
        self._open = Open(link.new_number(), self.game_id, scene_id, dict(match))
        self._unconfirmed: dict[int, Write] = {}
        self._finishes: dict[int, Ask] = {}
        self._unanswered: set[int] = set()
        self._first_incarnations = [0] * len(match["group"])
        self._is_closing = False
        self._close_number: int | None = None
        seats = len(match["group"])
        self._state = State(
            self.game_id,
            0,
            [0] * seats,
            [is_new] * seats,
            [False] * seats,
            False,
            match.get("desync"),
        )
        link.send(self._open)

    @property
    def players(self) -> int:
        """How many seats it has."""
        return len(self._routes)

    @property
    def is_closed(self) -> bool:
        """Whether the record is closed, as the recorder has confirmed."""
        return self._close_number is not None and self._state.confirmed >= self._close_number

    @property
    def is_confirmed(self) -> bool:
        """Whether everything that was written is stored."""
        return self._state.confirmed >= self._open.number and not self._unconfirmed

    def commands(self) -> list[Open | Write | Ask]:
        """What a recorder that was started anew must hear."""
        return [self._open, *self._finishes.values(), *self._unconfirmed.values()]

    def note_state(self, state: State) -> None:
        """Note what the recorder has told."""
        self._state = state
        for number in [each for each in self._unconfirmed if each <= state.confirmed]:
            del self._unconfirmed[number]

    def upload_route(self, seat: int) -> UploadRoute | None:
        """How a seat's page is to send frames."""
        return self._routes[seat]

    @property
    def desync(self) -> Desync | None:
        """The first difference between seats, or None while there is none."""
        told = self._state.desync
        return None if told is None else Desync(told["frame"], tuple(told["seats"]), told["part"])

    @property
    def is_failing(self) -> bool:
        """Whether something could not be written lately, or still waits for it."""
        return self._state.is_failing

    def next_frame(self, seat: int) -> int:
        """The frame expected next from a seat."""
        return self._state.next_frames[seat]

    def is_known(self, seat: int) -> bool:
        """Whether it is known how much is stored of a seat's copy."""
        return self._state.known[seat] and seat not in self._unanswered

    def is_complete(self, seat: int) -> bool:
        """Whether a seat has uploaded the game to its end, and all that it says it has."""
        return self._state.complete[seat]

    def append_frames(
        self,
        seat: int,
        columns: list[str],
        first_frame: int,
        rows: list[str],
        digest: str,
        incarnation: int = 0,
    ) -> int:
        """Pass on a seat's confirmed rows and return the frame expected next from it.

        Raises:
            ValueError: the upload was refused.
            OSError: the recorder does not answer at the moment.
        """
        told = {
            "columns": columns,
            "first_frame": first_frame,
            "rows": rows,
            "digest": digest,
            "incarnation": incarnation,
        }
        return self.ask(seat, "game_frames", told)["next_frame"]

    def restore(self, incarnations: Sequence[int]) -> list[str]:
        """Have a game go on from its stored frames; see `Record.restore`.

        Raises:
            OSError: the recorder does not answer at the moment, or they cannot be read.
        """
        self._write("restore", {"incarnations": list(incarnations)})
        self._first_incarnations = list(incarnations)
        # Once it is answered, no page adds to what is stored.
        self._link.ask(Hello(self._link.new_number()))
        try:
            text = (self._folder / "frames.csv").read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        table = read_table(text, self.num_agents)
        return [] if table is None else "".join(table.blocks).splitlines()

    def takes(self, seat: int, incarnation: int) -> bool:
        """Whether the frames of a page are taken, as far as is known here."""
        return incarnation >= self._first_incarnations[seat]

    def finish(self, seat: int, frames: int, digest: str, incarnation: int = 0) -> bool:
        """Note what a seat's browser says it recorded altogether; whether that was not known.

        Until the recorder has answered, how much is stored of the seat's copy is not known.
        """
        told = {
            "reason": "completed",
            "frames": frames,
            "digest": digest,
            "incarnation": incarnation,
        }
        question = self._question(seat, "game_finished", told)
        before = self._finishes.get(seat)
        self._finishes[seat] = question
        self._unanswered.add(seat)
        with contextlib.suppress(OSError):
            if self._link.ask(question).answer is not None:
                self._unanswered.discard(seat)
        return before is None or before.message != question.message

    def log_event(self, kind: str, **fields: Any) -> None:
        """Append a line to ``events.jsonl``."""
        self._write("log_event", {"kind": kind, **fields})

    def note_cut(self, seat: int, reason: str) -> None:
        """Note that a seat was cut."""
        self._write("note_cut", {"seat": seat, "reason": reason})

    def note_left(self, seat: int) -> None:
        """Note that a seat that has finished is not played any more where others play on."""
        self._write("note_left", {"seat": seat})

    def note_desync(self, desync: Desync) -> None:
        """Note that the copies of two participants differ. The earliest frame is kept."""
        if desync.is_before(self.desync):
            told = asdict(desync)
            self._state = msgspec.structs.replace(self._state, desync=told)
            self._write("note_desync", told)

    def close(self, reason: str) -> None:
        """End the record; later uploads are not stored. Closing twice is harmless."""
        self._close_number = self._close_number or self._write("close", {"reason": reason})
        self._is_closing = True

    def ask(self, seat: int, event: str, message: dict[str, Any]) -> dict[str, int]:
        """Pass on what a page says, and return what it is answered.

        Raises:
            ValueError: it was refused.
            OSError: the recorder does not answer at the moment.
        """
        answer = self._link.ask(self._question(seat, event, message))
        if answer.fault is not None:
            raise ValueError(answer.fault)
        if answer.answer is None:
            raise OSError("the recorder cannot take it at the moment")
        return answer.answer

    def _question(self, seat: int, event: str, message: dict[str, Any]) -> Ask:
        told = {"game_id": self.game_id, **message}
        return Ask(self._link.new_number(), self.game_id, seat, event, told)

    def _write(self, kind: WriteKind, fields: dict[str, Any]) -> int:
        number = self._link.new_number()
        if not self._is_closing:
            command = Write(number, self.game_id, kind, fields, self._now())
            self._unconfirmed[number] = command
            self._link.send(command)
        return number


class _RemoteReports:
    """What pages tell of a game beside its frames."""

    def __init__(self, record: RemoteRecord) -> None:
        self._record = record

    def add_events(
        self, seat: int, incarnation: int, first: int, events: Sequence[PageEvent]
    ) -> int:
        """Pass on lines for ``events.jsonl``; see `Reports`."""
        told = [
            {"kind": event.kind, "age_ms": 1000 * event.age_s, **event.fields} for event in events
        ]
        message = {"incarnation": incarnation, "first": first, "events": told}
        return self._record.ask(seat, "game_events", message)["next"]

    def add_network(self, seat: int, incarnation: int, first: int, rows: Sequence[PageRow]) -> int:
        """Pass on lines for ``network.csv``; see `Reports`."""
        told = [msgspec.to_builtins(row.row) | {"age_ms": 1000 * row.age_s} for row in rows]
        message = {"incarnation": incarnation, "first": first, "rows": told}
        return self._record.ask(seat, "game_network", message)["next"]
