"""A participant of the served experiment on one compressed WebSocket; many fit in a process.

Sends what a page sends, at the rate of a page: two uploads of 3.9 kB and one of rows of the network
a second.
"""

import asyncio
import collections
import contextlib
import hashlib
import itertools
import json
import math
import time
import uuid
from typing import NamedTuple

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode

from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from tests.support.browser_events import network
from tests.support.probing_page import CANDIDATE
from tests.support.raw_client import PATH
from tests.support.served_experiment import DEADLINE_S

COLUMNS = [*BASE_COLUMNS, "info_state"]
FRAMES = 15
"""Frames in an upload: half a second of play at 30 frames a second."""


def rows_from(frame: int, ends_at: int | None) -> list[str]:
    """The rows of one upload, of 3.9 kB together, in a game that ends after so many frames."""
    return [
        f"{number},0,{number},{agent},0,false,0.0,false,{str(number + 1 == ends_at).lower()},"
        + hashlib.sha256(f"{number}{agent}".encode()).hexdigest()
        + f"{number:030d}"
        for number in range(frame, frame + FRAMES)
        for agent in ("left", "right")
    ]


class HalfSecond(NamedTuple):
    """What a page sends in half a second, as it goes over the wire."""

    next_frame: int
    upload: tuple[int, bytes]
    """The number by which it is acknowledged, and the message."""
    network: tuple[int, bytes] | None


class SocketPlayer:
    """One participant, or one client of an echo."""

    def __init__(self, port: int, below: str = "") -> None:
        """Prepare to connect to what is served *below* a path."""
        self._port = port
        self._uri = f"ws://127.0.0.1:{port}{below}{PATH}"
        self.recorder: SocketPlayer | None = None
        """The connection to the recorder of the game, if there is one."""
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[str]] = {}
        self._events: dict[str, asyncio.Future[dict]] = {}
        self._digest = hashlib.sha256(header_line(COLUMNS).encode())
        self._frame = 0
        self._half_seconds = 0
        self._prepared: collections.deque[HalfSecond] = collections.deque()
        self._ends_at: int | None = None
        self._reading: asyncio.Task[None] | None = None
        self._reporting: asyncio.Task[None] | None = None
        self._page_id = uuid.uuid4().hex
        self.game_id = "none"
        self.seat = 0
        self.rtt_ms = 20.0
        """What it says that probes have measured."""
        self.probe_s = 0.0
        """How long it takes to measure."""
        self.is_silent = False
        """Whether it answers no probe."""
        self.upload_ms: list[float] = []
        """How long each upload took to be acknowledged."""
        self.reported_s = 0.0
        """When it last said what a probe has measured."""

    async def sign_in(self, token: str) -> None:
        """Connect as the participant of a token."""
        await self._connect({"token": token, "page_id": self._page_id})

    async def _connect(self, auth: dict) -> None:
        # Messages that do not depend on those before can be made before they are sent.
        alone = ClientPerMessageDeflateFactory(client_no_context_takeover=True)
        self._socket = await connect(
            self._uri, max_size=None, ping_interval=None, compression=None, extensions=[alone]
        )
        self._reading = asyncio.create_task(self._read())
        await self._send("40" + json.dumps(auth))
        await self.event("40")

    async def reconnect(self, token: str) -> None:
        """Lose the connection, and connect again as the same page."""
        await self.close()
        del self._events["40"]
        await self.sign_in(token)

    async def enter_waitroom(self) -> float:
        """Go there; returns after how many milliseconds the server has said so."""
        await self.emit("advance_scene", {"scene_id": "start"})
        began_s = time.perf_counter()
        await self.emit("join_game", {"scene_id": "game"})
        await self.event("waitroom_update")
        return 1000 * (time.perf_counter() - began_s)

    async def begin_game(self) -> None:
        """Wait for a game that starts."""
        await self.event("game_start")

    def prepare(self, seconds: float) -> None:
        """Make the messages of so much play beforehand, so that playing costs little.

        What is prepared must be played before anything else is uploaded.
        """
        self._prepared.extend(self._next_half_second() for _ in range(math.ceil(2 * seconds)))

    async def play(self, until_s: float, *, frames: float = math.inf) -> None:
        """Upload as a page does until the moment `until_s`, or until so many frames are played."""
        await asyncio.sleep(0.5 * (hash(self) % 1000) / 1000)
        while True:
            began_s = time.perf_counter()
            if began_s >= until_s or (not self._prepared and self._frame >= frames):
                return
            now = self._prepared.popleft() if self._prepared else self._next_half_second()
            await self._upload(now)
            if now.network is not None:
                await self._uploads._answered(*now.network)
            await asyncio.sleep(max(0.0, began_s + 0.5 - time.perf_counter()))

    async def finish(self, frames: int) -> str:
        """Upload up to so many frames, and say that the game is completed; returns the answer."""
        while self._frame < frames:
            await self._upload(self._next_half_second())
        told = {"reason": "completed", "frames": self._frame, "digest": self._digest.hexdigest()}
        return await self.ask("game_finished", {"game_id": self.game_id, **told})

    @property
    def is_connected(self) -> bool:
        """Whether there has been a connection."""
        return self._reading is not None

    async def close(self) -> None:
        """Close the connection."""
        if self.recorder is not None:
            await self.recorder.close()
        for task in (self._reading, self._reporting):
            if task is not None:
                task.cancel()
        with contextlib.suppress(ConnectionClosed):
            await self._socket.close()

    async def event(self, name: str) -> dict:
        """What the server says, or has said first, under this name."""
        return await asyncio.wait_for(self._future(name), DEADLINE_S)

    async def emit(self, event: str, payload: dict) -> None:
        """Send an event that is not answered."""
        await self._send("42" + json.dumps([event, payload]))

    async def ask(self, event: str, payload: dict) -> str:
        """Send an event; returns the answer."""
        return await self._answered(*self._made(event, payload))

    @property
    def _uploads(self) -> "SocketPlayer":
        """What takes the uploads."""
        return self.recorder or self

    async def _reach_recorder(self, route: dict) -> None:
        below = "/" + route["address"].removesuffix("/socket.io/")
        recorder = SocketPlayer(self._port, below)
        deadline_s = time.monotonic() + DEADLINE_S
        while self.recorder is None:
            try:
                await recorder._connect({"key": route["key"]})
                self.recorder = recorder
            except InvalidStatus:
                # It is being started.
                assert time.monotonic() < deadline_s
                await asyncio.sleep(0.1)

    def _next_half_second(self) -> HalfSecond:
        rows = rows_from(self._frame, self._ends_at)
        self._digest.update("".join(f"{row}\n" for row in rows).encode())
        frames = {
            "game_id": self.game_id,
            "columns": COLUMNS,
            "first_frame": self._frame,
            "rows": rows,
            "digest": self._digest.hexdigest(),
        }
        told = None
        if self._half_seconds % 2 == 0:
            row = {"peer_seat": 1, "frame": self._frame, "rtt_ms": 41.5, "ticks": 30}
            rows_of_network = network(row, first=self._half_seconds // 2)
            told = self._uploads._made("game_network", {"game_id": self.game_id, **rows_of_network})
        self._frame += FRAMES
        self._half_seconds += 1
        return HalfSecond(self._frame, self._uploads._made("game_frames", frames), told)

    def _made(self, event: str, payload: dict) -> tuple[int, bytes]:
        """An event as it goes over the wire, and the number of its answer."""
        number = next(self._numbers)
        text = f"42{number}{json.dumps([event, payload])}"
        extensions = self._socket.protocol.extensions
        frame = Frame(Opcode.TEXT, text.encode())
        return number, frame.serialize(mask=True, extensions=extensions)

    async def _answered(self, number: int, message: bytes) -> str:
        """Send what was made; returns the answer."""
        answered = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._socket.transport.write(message)
        return await asyncio.wait_for(answered, DEADLINE_S)

    async def _upload(self, now: HalfSecond) -> None:
        sent_s = time.perf_counter()
        answer = await self._uploads._answered(*now.upload)
        self.upload_ms.append(1000 * (time.perf_counter() - sent_s))
        assert answer == f'[{{"next_frame":{now.next_frame}}}]', answer

    async def _read(self) -> None:
        async for message in self._socket:
            text = str(message)
            if text == "2":
                await self._send("3")
            elif text.startswith("43"):
                number, _, rest = text[2:].partition("[")
                self._waiting.pop(int(number)).set_result("[" + rest)
            elif text.startswith("42") and "measure_server_rtt" in text[:40]:
                await self._send("43" + text[2:].partition("[")[0] + "[{}]")
            elif text.startswith("42"):
                event, payload = json.loads(text[text.index("[") :])
                await self._take(event, payload)
            elif text.startswith("40"):
                await self._take("40", {})

    async def _take(self, event: str, payload: dict) -> None:
        if event == "probe_prepare" and not self.is_silent:
            self._probe = payload
            told = {"probe_session_id": payload["probe_session_id"]}
            await self.emit("probe_ready", told)
        elif event == "probe_start":
            self._reporting = asyncio.create_task(self._report(payload["probe_session_id"]))
        elif event == "game_created":
            self.game_id, self.seat = payload["game_id"], payload["game"]["seat"]
            self._ends_at = payload["game"].get("max_steps")
            if payload.get("uploads"):
                await self._reach_recorder(payload["uploads"])
            await self.emit("game_ready", {"game_id": self.game_id})
        elif event == "game_ended" and payload["reason"] == "start_timeout":
            # Another game may follow, of which this is not the end.
            return
        noted = self._future(event)
        if not noted.done():
            noted.set_result(payload)

    async def _report(self, probe_session_id: str) -> None:
        kind = "offer" if self._probe["role"] == "offerer" else "answer"
        described = {"type": kind, "sdp": "v=0"}
        for signal in (described, {"type": "candidate", "candidate": CANDIDATE}):
            told = {"probe_session_id": probe_session_id, "signal": signal}
            await self.emit("probe_signal", told)
        await asyncio.sleep(self.probe_s)
        samples = [self.rtt_ms] * self._probe["pings"]
        told = {"samples_ms": samples, "reason": None, "probe_session_id": probe_session_id}
        self.reported_s = time.perf_counter()
        await self.emit("probe_result", told)

    def _future(self, event: str) -> asyncio.Future[dict]:
        return self._events.setdefault(event, asyncio.get_running_loop().create_future())

    async def _send(self, text: str) -> None:
        await self._socket.send(text)
