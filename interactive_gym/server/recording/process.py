"""A recorder's process: ``python -m interactive_gym.server.recording.process CHANNEL HANDED``.

Both are descriptors that the main process leaves to it. It ends when that has closed the channel,
or has ended; the signals that stop a server are not for it.
"""

from __future__ import annotations

import functools
import itertools
import logging
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask
from flask_socketio import ConnectionRefusedError, SocketIO

from interactive_gym.server.data.folder_lock import lock_for_recorder
from interactive_gym.server.games.events import GameEvents, GameFinished, GameFrames, GameNetwork
from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.recording.messages import (
    Answer,
    Ask,
    Hello,
    Open,
    Settings,
    Write,
    decoded_by_recorder,
    encoded,
)
from interactive_gym.server.recording.recorder import Recorder, Upload
from interactive_gym.server.recording.upload_keys import GameSeat, UploadKeys
from interactive_gym.server.transport.connections import Connections
from interactive_gym.server.transport.descriptors import raise_limit
from interactive_gym.server.transport.garbage import settle
from interactive_gym.server.transport.guards import (
    HEARTBEAT_INTERVAL_S,
    HEARTBEAT_TIMEOUT_S,
    SOCKET_IO_OPTIONS,
    guard,
)
from interactive_gym.server.transport.sessions import Sessions
from interactive_gym.server.web.base_path import BasePath
from interactive_gym.server.web.origins import origin_check

with warnings.catch_warnings():
    # Researchers did not choose eventlet, so its notice to developers would only confuse them.
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    from interactive_gym.server.recording.channel import Channel
    from interactive_gym.server.transport.handover import HandedOver
    from interactive_gym.server.transport.serving import TcpServer

logger = logging.getLogger(__name__)

TELL_S = 0.25
"""How often the main process is told how games stand, in seconds."""

TELLS_PER_FRAMES = 4
"""Every so often it is told as well how many frames there are, which is worth less."""

TICK_S = 0.5
"""How often files are looked after, in seconds."""

UPLOADS: dict[str, type[Upload]] = {"game_frames": GameFrames, "game_network": GameNetwork}
"""What pages send to a recorder: the events' names and messages."""

FORWARDED: dict[str, type[Upload]] = {
    **UPLOADS,
    "game_events": GameEvents,
    "game_finished": GameFinished,
}
"""What the main process passes on."""


class Uploads:
    """The connections of pages, and what comes over them.

    Args:
        sio: the Socket.IO server.
        recorder: takes the uploads.
        keys: tell whose they are.
        sessions: the open sessions.
    """

    def __init__(
        self, sio: SocketIO, recorder: Recorder, keys: UploadKeys, sessions: Sessions
    ) -> None:
        self._sio = sio
        self._recorder = recorder
        self._keys = keys
        self._sessions = sessions
        self._rejected = RejectedInput()
        self._seat_of: dict[str, GameSeat] = {}
        self._sid_of: dict[GameSeat, str] = {}
        sio.server.on("connect", self._connect)
        sio.server.on("disconnect", self._disconnect)
        for event, message_type in UPLOADS.items():
            sio.server.on(event, functools.partial(self._take, event, message_type))

    def end_connections(self) -> None:
        """End the connections of pages whose games are recorded here no more."""
        for sid, seat in list(self._seat_of.items()):
            if not self._recorder.has(seat.game_id):
                self._drop(sid)

    def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        seat = self._keys.seat_of(auth.get("key") if isinstance(auth, dict) else None)
        if seat is None:
            raise ConnectionRefusedError("invalid_key")
        if not self._recorder.has(seat.game_id):
            raise ConnectionRefusedError("not_recorded_here")
        session_id = self._sio.server.manager.eio_sid_from_sid(sid, "/")
        delay_s = self._sessions.sign_in(session_id, _name_of(seat))
        # A page has one connection: with more of them one participant could keep others out.
        earlier = self._sid_of.get(seat)
        if earlier is not None:
            self._drop(earlier)
        self._seat_of[sid], self._sid_of[seat] = seat, sid
        if delay_s > 0:
            self._sio.sleep(delay_s)

    def _disconnect(self, sid: str, *_: Any) -> None:
        seat = self._seat_of.pop(sid, None)
        if seat is not None and self._sid_of.get(seat) == sid:
            del self._sid_of[seat]

    def _drop(self, sid: str) -> None:
        self._disconnect(sid)
        self._sio.start_background_task(self._sio.server.disconnect, sid, "/")

    def _take(self, event: str, message_type: type[Upload], sid: str, *payloads: Any) -> Any:
        seat = self._seat_of.get(sid)
        if seat is None:
            return None
        try:
            (payload,) = payloads
            message = msgspec.convert(payload, message_type, strict=True)
        except ValueError as error:
            self._rejected.note(_name_of(seat), event, str(error))
            return None
        if message.game_id != seat.game_id:
            self._rejected.note(_name_of(seat), event, "the key is for another game")
            return None
        try:
            taken = self._recorder.take(seat.game_id, seat.seat, message)
        except Exception:
            logger.exception("Handling %s of %s failed.", event, _name_of(seat))
            return None
        if taken is not None and taken.fault is not None:
            self._rejected.note(_name_of(seat), event, taken.fault)
        return None if taken is None else taken.answer


def main(channel_descriptor: int, handed_descriptor: int) -> None:
    """Record until the main process closes the channel."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    channel = Channel(socket.socket(fileno=channel_descriptor))
    lines = channel.lines()
    settings = decoded_by_recorder(next(lines, b"null"))
    assert isinstance(settings, Settings)
    folder = Path(settings.folder)
    lock = lock_for_recorder(folder, settings.number)
    recorder = Recorder(folder, clock=time.monotonic, wall_clock=time.time)
    connections = Connections(raise_limit().connections, time.monotonic)
    app, sio, uploads = _app(settings, recorder)
    server = TcpServer(
        app,
        HandedOver(socket.socket(fileno=handed_descriptor), connections),
        connections,
        # What comes next over a proxy's connection may be for the main process.
        keeps_alive=False,
    )
    settle()

    def listen() -> None:
        try:
            for line in lines:
                _obey(decoded_by_recorder(line), recorder, channel)
                sio.sleep(0)
        except Exception:
            logger.exception("A recorder cannot go on, and is started again.")
        server.leave()

    tells = itertools.count()

    def tell() -> None:
        for state in recorder.news(with_frames=next(tells) % TELLS_PER_FRAMES == 0):
            channel.send(encoded(state))
        uploads.end_connections()

    for work, interval_s in ((tell, TELL_S), (recorder.tick, TICK_S)):
        sio.start_background_task(_repeat, work, interval_s, sio.sleep)
    sio.start_background_task(listen)
    server.run()
    recorder.close()
    lock.release()


def _app(settings: Settings, recorder: Recorder) -> tuple[Any, SocketIO, Uploads]:
    """The application that pages connect to, its Socket.IO server and its connections."""
    flask = Flask(__name__, static_folder=None)
    sio = SocketIO(
        flask,
        async_mode="eventlet",
        ping_interval=HEARTBEAT_INTERVAL_S,
        ping_timeout=HEARTBEAT_TIMEOUT_S,
        cors_allowed_origins=origin_check(settings.allowed_origins),
        **SOCKET_IO_OPTIONS,
    )
    sessions = guard(flask, sio)
    keys = UploadKeys(settings.secret, settings.experiment_id)
    uploads = Uploads(sio, recorder, keys, sessions)
    below = BasePath(flask.wsgi_app, f"/recorder/{settings.number}/")
    return BasePath(below, settings.base_path), sio, uploads


def _obey(
    message: Settings | Open | Write | Ask | Hello, recorder: Recorder, channel: Channel
) -> None:
    """Do what the main process says."""
    match message:
        case Open():
            recorder.open(message)
        case Write():
            recorder.write(message)
        case Hello():
            channel.send(encoded(Answer(message.number)))
        case Ask():
            _answer(message, recorder, channel)


def _answer(asked: Ask, recorder: Recorder, channel: Channel) -> None:
    try:
        message = msgspec.convert(asked.message, FORWARDED[asked.event])
        taken = recorder.take(asked.game_id, asked.seat, message)
    except ValueError as error:
        channel.send(encoded(Answer(asked.number, fault=str(error))))
        return
    state = recorder.state_of(asked.game_id)
    if state is not None:
        channel.send(encoded(state))
    answer = Answer(asked.number) if taken is None else Answer(asked.number, *taken)
    channel.send(encoded(answer))


def _repeat(work: Callable[[], None], interval_s: float, sleep: Callable[[float], None]) -> None:
    while True:
        sleep(interval_s)
        try:
            work()
        except Exception:
            logger.exception("A sweep failed; the next one follows.")


def _name_of(seat: GameSeat) -> str:
    return f"in seat {seat.seat} of game {seat.game_id}"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
