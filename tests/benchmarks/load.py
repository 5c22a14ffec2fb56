#!/usr/bin/env python3
"""How many participants one process carries: ``load.py [--players 50 100 200]``.

Raw WebSocket clients play in pairs as pages do: compressed, two uploads of 3.9 kB and one of rows
of the network a second each. Meanwhile pairs of newcomers join, are probed and matched. The same
uploads go to a bare Flask-SocketIO echo in the same run. The server has a processor of its own
where there are two. Prints JSON. Processor time per upload is comparable whatever else the machine
does, latencies are not.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.support.observed_server import ObservedServer, cpu_s
from tests.support.processes import children_of
from tests.support.raw_client import new_token
from tests.support.served_experiment import (
    DEADLINE_S,
    ServedExperiment,
    bootstrap_of,
    free_port,
)
from tests.support.socket_player import SocketPlayer

NEWCOMERS_EVERY_S = 0.5
"""How often a pair of newcomers comes, in seconds."""
PROBE_S = (2.0, 4.0)
"""How long the probes of a crowd take, in seconds."""
COLD_LOADS = 100
PYODIDE = (
    *("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json"),
    "python_stdlib.zip",
)
TARGETS = {"upload_p95_ms": 60.0, "join_p95_ms": 50.0, "verdict_p95_ms": 50.0}
"""What 400 who play must get, on a processor of the server's own."""
TARGET_PLAYERS = 400
STALL_TARGET_MS = 50.0
SERVER_RTT_TARGET_MS = 5.0
ECHO_TARGET = 1.1
COLD_PAGE_TARGET_MS = 10.0

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


def percentiles(name: str, latencies_ms: list[float]) -> dict[str, float]:
    """The median and the tail."""
    ordered = sorted(latencies_ms)
    return {
        f"{name}_p{share}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 1)
        for share in (50, 95, 99)
        if ordered
    }


class Newcomers:
    """Pairs that join, are probed and matched, and go, one after the other."""

    def __init__(self, served: ServedExperiment) -> None:
        self._served = served
        self.join_ms: list[float] = []
        self.verdict_ms: list[float] = []

    async def come(self, until_s: float, tokens: list[str]) -> None:
        """Let pairs come until a moment."""
        while time.perf_counter() < until_s - 3 and len(tokens) >= 2:
            began_s = time.perf_counter()
            await self._pair([tokens.pop(), tokens.pop()])
            await asyncio.sleep(max(0.0, began_s + NEWCOMERS_EVERY_S - time.perf_counter()))

    async def _pair(self, tokens: list[str]) -> None:
        pair = [SocketPlayer(self._served.port) for _ in tokens]
        for person, token in zip(pair, tokens, strict=True):
            await person.sign_in(token)
        self.join_ms += await asyncio.gather(*(person.enter_waitroom() for person in pair))
        for person in pair:
            await person.event("game_created")
        matched_s = time.perf_counter()
        self.verdict_ms.append(1000 * (matched_s - max(person.reported_s for person in pair)))
        for person in pair:
            await person.close()


async def play(pid: int, players: list[SocketPlayer], seconds: float, beside: Any = None) -> dict:
    """Let all play; returns what it cost and how long acknowledgements took."""
    for player in players:
        player.prepare(seconds)
        await asyncio.sleep(0)
    began_s, used_s = time.perf_counter(), cpu_s(pid)
    own_s = time.process_time()
    until_s = began_s + seconds
    tasks = [player.play(until_s) for player in players]
    await asyncio.gather(*tasks, *([beside(until_s)] if beside else []))
    spent_s, took_s = cpu_s(pid) - used_s, time.perf_counter() - began_s
    latencies_ms = [each for player in players for each in player.upload_ms]
    return {
        "players": len(players),
        "server_cpu": round(spent_s / took_s, 2),
        "clients_cpu": round((time.process_time() - own_s) / took_s, 2),
        "server_cpu_ms_per_upload": round(1000 * spent_s / len(latencies_ms), 2),
        **percentiles("upload", latencies_ms),
    }


async def measure_ours(
    server: ObservedServer, number: int, waiting: int, reading: int, seconds: float
) -> dict:
    """Let so many play, wait and read, while newcomers come."""
    served = server.served
    tokens = [new_token(served) for _ in range(number + waiting + reading + int(4 * seconds))]
    players = [SocketPlayer(served.port) for _ in range(number)]
    beginning = []
    for player in players:
        await player.sign_in(tokens.pop())
        beginning.append(asyncio.create_task(player.begin_game()))
        await player.enter_waitroom()
    await asyncio.gather(*beginning)
    newcomers = Newcomers(served)
    crowd = [SocketPlayer(served.port) for _ in range(waiting)]
    for person in crowd:
        # Whoever waits with these finds them too far away, so that all stay.
        person.rtt_ms, person.probe_s = 400.0, random.uniform(*PROBE_S)
        await person.sign_in(tokens.pop())
        await person.enter_waitroom()
    readers = [SocketPlayer(served.port) for _ in range(reading)]
    for person in readers:
        await person.sign_in(tokens.pop())
    await asyncio.to_thread(server.ask)
    # Beside a crowd newcomers would be probed with all of it before they meet.
    beside = None if waiting else lambda until_s: newcomers.come(until_s, tokens)
    step = await play(served.pid, players, seconds, beside)
    late_ms = (await asyncio.to_thread(server.ask))["late_ms"]
    for person in (*players, *crowd, *readers):
        await person.close()
    return {
        **step,
        "waiting": waiting,
        "reading": reading,
        **percentiles("join", newcomers.join_ms),
        **percentiles("verdict", newcomers.verdict_ms),
        "longest_stall_ms": late_ms[-1],
        "stalls_over_target": sum(each > STALL_TARGET_MS for each in late_ms),
        **percentiles("server_rtt", server_rtts_ms(served)),
    }


async def measure_echo(pid: int, port: int, number: int, seconds: float) -> dict:
    """Let so many send the same uploads to the echo."""
    players = [SocketPlayer(port) for _ in range(number)]
    for player in players:
        await player.sign_in("")
    step = await play(pid, players, seconds)
    for player in players:
        await player.close()
    return step


def server_rtts_ms(served: ServedExperiment) -> list[float]:
    """What the server has measured of connections that were idle, over loopback."""
    lines = (served.data / "game" / "matching.jsonl").read_text().splitlines()
    parsed = [json.loads(line) for line in lines]
    return [line["server_rtt_ms"] for line in parsed if line.get("server_rtt_ms") is not None]


def cold_page(served: ServedExperiment) -> dict[str, Any]:
    """What a page load costs that finds nothing in the browser's cache."""

    def load(files: list[str]) -> list[str]:
        """Get files over one connection; returns their texts, empty for what is no text."""
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=DEADLINE_S)
        texts = []
        for path in files:
            connection.request("GET", f"/{path}", headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            assert answer.status == 200, path
            content = answer.read()
            is_text = answer.headers["Content-Type"].startswith("text/")
            if answer.headers["Content-Encoding"] == "gzip" and is_text:
                content = gzip.decompress(content)
            texts.append(content.decode() if is_text else "")
        connection.close()
        return texts

    (page,) = load([""])
    paths, found = [], re.findall(r'(?:src|href)="(static/[^"]+)"', page)
    while found:
        path = found.pop()
        if path in paths:
            continue
        paths.append(path)
        if path.endswith(("main.js", "worker.js")) or path.startswith("static/js/"):
            (text,), folder = load([path]), Path(path).parent
            names = re.findall(r'(?:from |import |new URL\()"(\.[^"]+\.js)"', text)
            found += [os.path.normpath(folder / name) for name in names]
    python = [f"static/vendor/pyodide/{name}" for name in PYODIDE]
    python.append(bootstrap_of(page)["runtime_url"])

    def cost_ms(files: list[str]) -> float:
        began_s = cpu_s(served.pid)
        for _ in range(COLD_LOADS):
            load(files)
        return round(1000 * (cpu_s(served.pid) - began_s) / COLD_LOADS, 1)

    return {
        "files": 1 + len(paths) + len(python),
        "server_cpu_ms": cost_ms(["", *paths, *python]),
        "without_python_ms": cost_ms(["", *paths]),
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


def measure_step(number: int, waiting: int, reading: int, seconds: float) -> tuple[dict, dict]:
    """Both servers with so many players, one after the other."""
    own = set(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        options = {"hosting": {"newcomers_per_address": None}, "threshold_ms": 150}
        server = ObservedServer(Path(folder), **options)
        try:
            alone_on_a_processor(server.served.pid)
            ours = asyncio.run(measure_ours(server, number, waiting, reading, seconds))
        finally:
            os.sched_setaffinity(0, own)
            server.served.kill()
    process, port = serve_echo()
    try:
        alone_on_a_processor(process.pid)
        echo = asyncio.run(measure_echo(process.pid, port, number, seconds))
    finally:
        os.sched_setaffinity(0, own)
        process.kill()
        process.wait()
    return ours, echo


async def measure_shared(served: ServedExperiment, number: int, seconds: float) -> dict:
    """Let so many play; returns the share of a processor that each of the processes takes."""
    players = [SocketPlayer(served.port) for _ in range(number)]
    beginning = []
    for player in players:
        await player.sign_in(new_token(served))
        beginning.append(asyncio.create_task(player.begin_game()))
        await player.enter_waitroom()
    await asyncio.gather(*beginning)
    pids = [served.pid, *children_of(served.pid)]
    began_s, used_s = time.perf_counter(), [cpu_s(pid) for pid in pids]
    until_s = began_s + seconds
    await asyncio.gather(*(player.play(until_s) for player in players))
    took_s = time.perf_counter() - began_s
    shares = [(cpu_s(pid) - used) / took_s for pid, used in zip(pids, used_s, strict=True)]
    for player in players:
        await player.close()
    return {
        "players": number,
        "at_recorders": sum(player.recorder is not None for player in players),
        "cpu": [round(share, 3) for share in shares],
        "players_by_the_busiest": round(number / max(shares)),
        **percentiles("upload", [each for player in players for each in player.upload_ms]),
    }


def measure_recorders(recorders: int, number: int, seconds: float) -> dict[str, Any]:
    """How many more players there may be with recorders, by the processor time of the busiest."""
    steps = []
    for count in (0, recorders):
        with tempfile.TemporaryDirectory() as folder:
            hosting = {"newcomers_per_address": None, "recorders": count}
            served = ServedExperiment(Path(folder), hosting=hosting, threshold_ms=150)
            try:
                steps.append(asyncio.run(measure_shared(served, number, seconds)))
            finally:
                served.kill()
    alone, shared = (step["players_by_the_busiest"] for step in steps)
    return {"alone": steps[0], "with_recorders": steps[1], "times": round(shared / alone, 2)}


def measure_page() -> dict[str, Any]:
    """What a page costs."""
    with tempfile.TemporaryDirectory() as folder:
        served = ServedExperiment(Path(folder))
        try:
            return cold_page(served)
        finally:
            served.kill()


def missed(steps: list[dict], page: dict[str, Any]) -> list[str]:
    """The targets that were missed, in sentences."""
    sentences = []
    for step in steps:
        at = f"with {step['players']} who play"
        wanted = TARGETS if step["players"] == TARGET_PLAYERS else {}
        wanted = wanted | {"longest_stall_ms": STALL_TARGET_MS}
        wanted = wanted | {"server_rtt_p95_ms": SERVER_RTT_TARGET_MS}
        for name, most in wanted.items():
            if step.get(name, 0) > most:
                sentences.append(f"{name} is {step[name]} {at}, the target {most}")
        if step["cpu_by_echo"] > ECHO_TARGET and not step["waiting"]:
            sentences.append(f"{step['cpu_by_echo']} times the echo's processor time {at}")
    if page["server_cpu_ms"] > COLD_PAGE_TARGET_MS:
        sentences.append(f"a cold page costs {page['server_cpu_ms']} ms")
    return sentences


def main() -> None:
    """Measure all steps and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--players", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument(
        "--waiting", type=int, default=0, help="who wait meanwhile, and match nobody"
    )
    parser.add_argument("--reading", type=int, default=0, help="who are connected meanwhile")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument(
        "--recorders", type=int, default=0, help="measure only what these many bring"
    )
    options = parser.parse_args()
    if options.recorders:
        found = [
            measure_recorders(options.recorders, number, options.seconds)
            for number in options.players
        ]
        print(json.dumps({"recorders": options.recorders, "steps": found}, indent=2))
        return
    steps, echoes = [], []
    for number in options.players:
        ours, echo = measure_step(number, options.waiting, options.reading, options.seconds)
        by_echo = ours["server_cpu_ms_per_upload"] / echo["server_cpu_ms_per_upload"]
        steps.append(ours | {"cpu_by_echo": round(by_echo, 2)})
        echoes.append(echo)
    page = measure_page()
    print(
        json.dumps(
            {
                "server_has_own_processor": len(os.sched_getaffinity(0)) > 1,
                "interactive_gym": steps,
                "bare_echo": echoes,
                "cold_page": page,
                "missed_targets": missed(steps, page),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
