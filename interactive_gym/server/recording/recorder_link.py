"""One recorder, as the main process sees it: starts it, starts it again if it ends, talks to it."""

from __future__ import annotations

import errno
import itertools
import logging
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import eventlet
from eventlet.event import Event

from interactive_gym.server.data.record import UploadRoute
from interactive_gym.server.recording.channel import Channel
from interactive_gym.server.recording.messages import (
    Answer,
    Ask,
    Hello,
    Open,
    Settings,
    Write,
    decoded_by_main,
    encoded,
)
from interactive_gym.server.recording.remote_record import RemoteRecord
from interactive_gym.server.recording.upload_keys import UploadKeys
from interactive_gym.server.transport.handover import new_pair

logger = logging.getLogger(__name__)

ANSWER_S = 4.0
"""How long an answer is awaited, in seconds: less than pages wait for theirs."""

LONG_LIFE_S = 10.0
"""A recorder that ends sooner is not started again at once."""

LONGEST_PAUSE_S = 5.0
"""How long it is not, at most, in seconds."""

_PACKAGES = str(Path(__file__).parents[3])
"""Where a new process finds this package."""


class RecorderLink:
    """One recorder.

    Args:
        settings: what it must know.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys = UploadKeys(settings.secret, settings.experiment_id)
        self._numbers = itertools.count(1)
        self._records: dict[str, RemoteRecord] = {}
        self._asked: dict[int, Event] = {}
        self._channel: Channel | None = None
        self._handing: socket.socket | None = None
        self._is_ready = False
        self._is_stopping = False
        self._start()
        eventlet.spawn(self._serve)

    @property
    def players(self) -> int:
        """How many seats its open games have."""
        return sum(record.players for record in self._records.values())

    @property
    def handing(self) -> socket.socket | None:
        """What connections are handed to the recorder by; `None` while it takes none."""
        return self._handing if self._is_ready else None

    @property
    def is_confirmed(self) -> bool:
        """Whether the recorder has confirmed everything."""
        return all(record.is_confirmed for record in self._records.values())

    def add(self, record: RemoteRecord) -> None:
        """Let the recorder keep a game's record."""
        self._records[record.game_id] = record

    def routes_of(self, game_id: str, seats: int) -> list[UploadRoute]:
        """How the pages of a game reach the recorder, by seat."""
        address = f"recorder/{self._settings.number}/socket.io/"
        keys = [self._keys.key_for(game_id, seat) for seat in range(seats)]
        return [{"address": address, "key": key} for key in keys]

    def new_number(self) -> int:
        """The number of the next message."""
        return next(self._numbers)

    def send(self, command: Open | Write | Ask | Hello) -> None:
        """Send a command, if the recorder is there."""
        if self._channel is not None:
            self._channel.send(encoded(command))

    def ask(self, question: Ask | Hello) -> Answer:
        """Have a question answered.

        Raises:
            OSError: it is not answered in time.
        """
        answered = self._asked[question.number] = Event()
        self.send(question)
        try:
            with eventlet.Timeout(ANSWER_S):
                answer: Answer = answered.wait()
                return answer
        except eventlet.Timeout as error:
            raise OSError(errno.ETIMEDOUT, "the recorder does not answer") from error
        finally:
            del self._asked[question.number]

    def stop(self, patience_s: float) -> None:
        """End the recorder, with everything stored that it has heard."""
        self._is_stopping = True
        if self._channel is not None:
            self._channel.close()
        deadline_s = time.monotonic() + patience_s
        while self._process.poll() is None and time.monotonic() < deadline_s:
            eventlet.sleep(0.02)
        self._end_process()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._handing, handed = new_pair()
        with theirs, handed:
            ends = (theirs.fileno(), handed.fileno())
            path = os.pathsep.join(filter(None, (_PACKAGES, os.environ.get("PYTHONPATH"))))
            self._process = subprocess.Popen(
                [sys.executable, "-m", "interactive_gym.server.recording.process", *map(str, ends)],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
                pass_fds=ends,
                # Ctrl-C is for the main process, which then ends this one.
                start_new_session=True,
            )
        self._channel = Channel(ours)
        self._channel.send(encoded(self._settings))
        for record in self._records.values():
            for command in record.commands():
                self.send(command)
        eventlet.spawn(self._greet, self._channel)

    def _greet(self, channel: Channel) -> None:
        """Hand connections over once the recorder has its games."""
        while self._channel is channel:
            try:
                self.ask(Hello(self.new_number()))
            except OSError:
                continue
            self._is_ready = self._channel is channel
            return

    def _serve(self) -> None:
        pause_s = 0.0
        while not self._is_stopping:
            began_s = time.monotonic()
            assert self._channel is not None
            for line in self._channel.lines():
                self._take(line)
            self._is_ready = False
            if self._is_stopping:
                return
            self._leave()
            is_young = time.monotonic() < began_s + LONG_LIFE_S
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s + 0.1) if is_young else 0.0
            logger.error(
                "Recorder %d has ended (status %s). It is started again, and its games go on.",
                self._settings.number,
                self._process.returncode,
            )
            eventlet.sleep(pause_s)
            if not self._is_stopping:
                self._start()

    def _leave(self) -> None:
        """Release what belongs to a recorder that has ended."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._end_process()

    def _end_process(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._handing is not None:
            self._handing.close()
            self._handing = None

    def _take(self, line: bytes) -> None:
        message = decoded_by_main(line)
        if isinstance(message, Answer):
            asked = self._asked.get(message.number)
            if asked is not None and not asked.ready():
                asked.send(message)
            return
        record = self._records.get(message.game_id)
        if record is not None:
            record.note_state(message)
            if record.is_closed:
                del self._records[message.game_id]
