#!/usr/bin/env python3
"""How many participants one process carries: ``load.py [--players 50 100 200] [--seconds 15]``.

Raw WebSocket clients play in pairs as pages do: compressed, two uploads of 3.9 kB and one of rows
of the network a second each. The same messages go to a bare Flask-SocketIO echo in the same run.
The server has a processor of its own where there are two. Prints JSON. Processor time per upload is
comparable whatever else the machine does, latencies are not.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from websockets.asyncio.client import connect

from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from tests.support.browser_events import network
from tests.support.raw_client import PATH, new_token
from tests.support.served_experiment import DEADLINE_S, ServedExperiment, free_port

COLUMNS = [*BASE_COLUMNS, "info_state"]
FRAMES = 15
"""Frames in an upload: half a second of play at 30 frames a second."""

ECHO = """
import sys, warnings
warnings.simplefilter("ignore")
from flask import Flask
from flask_socketio import SocketIO
app = Flask("echo")
sio = SocketIO(app, async_mode="eventlet")
sio.on_event("game_frames", lambda message: {"next_frame": message["first_frame"] + 15})
sio.on_event("game_network", lambda message: {"next": message["first"] + 1})
app.add_url_rule("/health", "health", lambda: "ok")
sio.run(app, port=int(sys.argv[1]))
"""


def rows_from(frame: int) -> list[str]:
    """The rows of one upload, of 3.9 kB together."""
    return [
        f"{number},0,{number},{agent},0,false,0.0,false,false,"
        + hashlib.sha256(f"{number}{agent}".encode()).hexdigest()
        + f"{number:030d}"
        for number in range(frame, frame + FRAMES)
        for agent in ("left", "right")
    ]


class Player:
    """One participant, or one client of the echo."""

    def __init__(self, port: int) -> None:
        self._uri = f"ws://127.0.0.1:{port}{PATH}"
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[str]] = {}
        self._events: dict[str, asyncio.Future[dict]] = {}
        self._digest = hashlib.sha256(header_line(COLUMNS).encode())
        self._frame = 0
        self.game_id = "none"
        self.latencies_ms: list[float] = []

    async def sign_in(self, token: str) -> None:
        self._socket = await connect(self._uri, max_size=None, ping_interval=None)
        self._reading = asyncio.create_task(self._read())
        await self._send("40" + json.dumps({"token": token, "page_id": uuid.uuid4().hex}))
        await self._event("40")

    async def enter_game(self) -> None:
        for event in ("advance_scene", "join_game"):
            scene = "start" if event == "advance_scene" else "game"
            await self._emit(event, {"scene_id": scene})
        self.game_id = (await self._event("game_created"))["game_id"]
        await self._emit("game_ready", {"game_id": self.game_id})
        await self._event("game_start")

    async def play(self, until_s: float) -> None:
        """Upload as a page does until the moment `until_s`."""
        await asyncio.sleep(0.5 * (hash(self) % 1000) / 1000)
        for half_second in itertools.count():
            began_s = time.perf_counter()
            if began_s >= until_s:
                return
            await self._upload()
            if half_second % 2 == 0:
                row = {"peer_seat": 1, "frame": self._frame, "rtt_ms": 41.5, "ticks": 30}
                told = network(row, first=half_second // 2)
                await self._ask("game_network", {"game_id": self.game_id, **told})
            await asyncio.sleep(max(0.0, began_s + 0.5 - time.perf_counter()))

    async def close(self) -> None:
        self._reading.cancel()
        await self._socket.close()

    async def _upload(self) -> None:
        rows = rows_from(self._frame)
        self._digest.update("".join(f"{row}\n" for row in rows).encode())
        payload = {
            "game_id": self.game_id,
            "columns": COLUMNS,
            "first_frame": self._frame,
            "rows": rows,
            "digest": self._digest.hexdigest(),
        }
        self._frame += FRAMES
        sent_s = time.perf_counter()
        answer = await self._ask("game_frames", payload)
        self.latencies_ms.append(1000 * (time.perf_counter() - sent_s))
        assert answer == f'[{{"next_frame":{self._frame}}}]', answer

    async def _ask(self, event: str, payload: dict) -> str:
        """Send an event; returns the answer."""
        number = next(self._numbers)
        answered = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._send(f"42{number}{json.dumps([event, payload])}")
        return await asyncio.wait_for(answered, DEADLINE_S)

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
                self._note(event, payload)
            elif text.startswith("40"):
                self._note("40", {})

    def _note(self, event: str, payload: dict) -> None:
        noted = self._events.setdefault(event, asyncio.get_running_loop().create_future())
        if not noted.done():
            noted.set_result(payload)

    async def _event(self, event: str) -> dict:
        noted = self._events.setdefault(event, asyncio.get_running_loop().create_future())
        return await asyncio.wait_for(noted, DEADLINE_S)

    async def _emit(self, event: str, payload: dict) -> None:
        await self._send("42" + json.dumps([event, payload]))

    async def _send(self, text: str) -> None:
        await self._socket.send(text)


def cpu_s(pid: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentiles(latencies_ms: list[float]) -> dict[str, float]:
    """The median and the tail."""
    ordered = sorted(latencies_ms)
    return {
        f"ack_p{share}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 1)
        for share in (50, 95, 99)
    }


async def measure(pid: int, port: int, tokens: list[str] | None, number: int, seconds: float):
    """Let so many play; returns what it cost and how long acknowledgements took."""
    players = [Player(port) for _ in range(number)]
    for player in players:
        await player.sign_in(tokens.pop() if tokens is not None else "")
    if tokens is not None:
        await asyncio.gather(*(player.enter_game() for player in players))
    began_s, used_s = time.perf_counter(), cpu_s(pid)
    await asyncio.gather(*(player.play(began_s + seconds) for player in players))
    spent_s, took_s = cpu_s(pid) - used_s, time.perf_counter() - began_s
    for player in players:
        await player.close()
    latencies_ms = [each for player in players for each in player.latencies_ms]
    return {
        "players": number,
        "server_cpu": round(spent_s / took_s, 2),
        "uploads": len(latencies_ms),
        "server_cpu_ms_per_upload": round(1000 * spent_s / len(latencies_ms), 2),
        **percentiles(latencies_ms),
    }


def serve_echo() -> tuple[subprocess.Popen[bytes], int]:
    """Start the bare echo, and wait until it answers."""
    import urllib.request

    port = free_port()
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", ECHO, str(port)])
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).read()
            return process, port
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the echo does not answer")


def alone_on_a_processor(pid: int) -> bool:
    """Give the server a processor of its own, if there are two."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        return False
    os.sched_setaffinity(pid, {available[0]})
    os.sched_setaffinity(0, set(available[1:]))
    return True


def main() -> None:
    """Measure all steps and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--players", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    own = set(os.sched_getaffinity(0))
    steps: dict[str, list[dict]] = {"interactive_gym": [], "bare_echo": []}
    for number in options.players:
        with tempfile.TemporaryDirectory() as folder:
            served = ServedExperiment(Path(folder), hosting={"newcomers_per_address": None})
            try:
                tokens = [new_token(served) for _ in range(number)]
                pid = served._process.pid
                has_own = alone_on_a_processor(pid)
                step = measure(pid, served.port, tokens, number, options.seconds)
                steps["interactive_gym"].append(asyncio.run(step))
            finally:
                os.sched_setaffinity(0, own)
                served._process.kill()
                served._process.wait()
        process, port = serve_echo()
        try:
            alone_on_a_processor(process.pid)
            step = measure(process.pid, port, None, number, options.seconds)
            steps["bare_echo"].append(asyncio.run(step))
        finally:
            os.sched_setaffinity(0, own)
            process.kill()
            process.wait()
    print(json.dumps({"server_has_own_processor": has_own, **steps}, indent=2))


if __name__ == "__main__":
    main()
