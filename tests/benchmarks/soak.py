#!/usr/bin/env python3
"""People come, play and leave for half an hour: ``soak.py [--minutes 30] [--playing 130]``.

Most play to the end. Others leave while they wait or while they play, without a word; lose their
connection and come back; or answer no probe. Prints, in JSON, what the server held once a minute:
memory, descriptors, instances by class, and how late its event loop was. What grew is named in
`missed_targets`. ``--plot FILE.png`` draws it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed

from tests.support.observed_server import ObservedServer
from tests.support.raw_client import new_token
from tests.support.socket_player import SocketPlayer

GAME_S = 30
FRAMES = 30 * GAME_S
SILENT_S = 20.0
"""How long somebody stays who answers no probe, in seconds."""
SETTLE_S = 45.0
"""How long the server has to let go of those who have left, in seconds."""
KINDS = {"plays": 70, "leaves the waitroom": 6, "is silent": 4, "leaves the game": 12, "returns": 8}
"""What people do, in percent."""
GROWTH = 1.05
"""How much more of a class the server may hold in the last quarter than in the one before."""
PERSON = "interactive_gym.server.participants.registry.Participant"
KEPT_OF_PEOPLE = {
    *("Participant", "MatchCandidate", "Acquaintance", "Effect", "Edge", "Link"),
    *("Allowance", "_Bucket"),
}
"""What is kept of everybody who came, as they may come back and pairs are not measured twice."""


class Soak:
    """The people of one run.

    Args:
        server: where they take part.
        playing: how many play at the same time, about.
        seed: of what they do.
    """

    def __init__(self, server: ObservedServer, playing: int, seed: int) -> None:
        self._server = server
        self._rng = random.Random(seed)
        self._arrivals_per_s = playing / (GAME_S + 8)
        self.done: Counter[str] = Counter()
        """How many have done what."""
        self._games: defaultdict[str, list[SocketPlayer]] = defaultdict(list)
        self.failed: Counter[str] = Counter()
        """What went wrong, which is nothing if all is well."""

    async def run(self, minutes: float) -> list[dict[str, Any]]:
        """Let people come for so long; returns what was seen, minute by minute."""
        end_s = time.perf_counter() + 60 * minutes
        people: set[asyncio.Task[None]] = set()
        watching = asyncio.create_task(self._watch(end_s))
        while time.perf_counter() < end_s:
            (kind,) = self._rng.choices(list(KINDS), list(KINDS.values()))
            person = asyncio.create_task(self._take_part(kind))
            people.add(person)
            person.add_done_callback(people.discard)
            await asyncio.sleep(self._rng.expovariate(self._arrivals_per_s))
        if people:
            await asyncio.wait(people, timeout=GAME_S + 60)
        await asyncio.sleep(SETTLE_S)
        return [*(await watching), self._seen(round(minutes + SETTLE_S / 60, 2))]

    async def _take_part(self, kind: str) -> None:
        served = self._server.served
        person = SocketPlayer(served.port)
        person.is_silent = kind == "is silent"
        try:
            token = await asyncio.to_thread(new_token, served)
            await person.sign_in(token)
            await person.enter_waitroom()
            await self._do(kind, person, token)
            self.done[kind] += 1
        except Exception as error:
            self.failed[f"{kind}: {type(error).__name__} {error}"[:160]] += 1
        finally:
            if person.is_connected:
                await person.close()

    async def _do(self, kind: str, person: SocketPlayer, token: str) -> None:
        if kind == "leaves the waitroom":
            await asyncio.sleep(self._rng.random())
            return
        if kind == "is silent":
            await asyncio.sleep(SILENT_S)
            return
        try:
            await asyncio.wait_for(person.begin_game(), 90)
        except TimeoutError:
            # Whoever was with somebody that has left or is silent may be the last to wait.
            self.done["waited in vain"] += 1
            return
        self._games[person.game_id].append(person)
        began_s = time.perf_counter()
        share = self._rng.random() if kind != "plays" else 1.0
        await person.play(began_s + share * GAME_S, frames=FRAMES)
        if kind == "leaves the game":
            self._games[person.game_id].remove(person)
            await person.close()
            await self._miss(person)
            return
        if kind == "returns":
            await person.reconnect(token)
            await person.play(began_s + GAME_S, frames=FRAMES)
        if person in self._games[person.game_id]:
            await person.finish(FRAMES)
        await person.event("game_ended")
        self._games.pop(person.game_id, None)

    async def _miss(self, gone: SocketPlayer) -> None:
        """Have the partner of somebody who has left say that nothing comes from them."""
        for _ in range(15):
            for partner in self._games.get(gone.game_id, ()):
                with contextlib.suppress(ConnectionClosed):
                    lost = {"game_id": gone.game_id, "seat": gone.seat}
                    await partner.emit("game_peer_lost", lost)
            await asyncio.sleep(1)

    async def _watch(self, end_s: float) -> list[dict[str, Any]]:
        seen = []
        minute = 0
        while time.perf_counter() < end_s - 1:
            await asyncio.sleep(min(60.0, end_s - 1 - time.perf_counter()))
            minute += 1
            seen.append(await asyncio.to_thread(self._seen, minute))
        return seen

    def _seen(self, minute: float) -> dict[str, Any]:
        told = self._server.ask()
        return {
            "minute": minute,
            "memory_mb": round(self._server.memory_mb, 1),
            "descriptors": self._server.descriptors,
            "cpu_s": round(self._server.cpu_s, 1),
            "longest_delay_ms": told["late_ms"][-1],
            "held": {name: number for name, number in told["held"].items() if number > 1},
        }


def grown(seen: list[dict[str, Any]]) -> list[str]:
    """What the server holds more of, the longer it runs.

    Games whose players have all gone stay open for a quarter of an hour, so the first half of an
    hour is left out. Of what is kept of everybody who came, it is what there is for each.
    """
    middle = seen[len(seen) // 2 : 3 * len(seen) // 4]
    late = seen[3 * len(seen) // 4 : -1]
    sentences = []
    if not middle or not late:
        return sentences
    for name in sorted({name for each in late for name in each["held"]}):
        per_person = name.rpartition(".")[2] in KEPT_OF_PEOPLE
        before, after = (
            sum(
                each["held"].get(name, 0) / (each["held"][PERSON] if per_person else 1)
                for each in part
            )
            / len(part)
            for part in (middle, late)
        )
        if after > GROWTH * before + (0 if per_person else 10):
            unit = " for each participant" if per_person else ""
            sentences.append(
                f"{name}: {before:.4g}{unit} in the third quarter, {after:.4g} in the last"
            )
    return sentences


def draw(seen: list[dict[str, Any]], file: Path) -> None:
    """Draw memory, descriptors and processor time over time."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    minutes = [each["minute"] for each in seen]
    figure, axes = pyplot.subplots(3, 1, figsize=(8, 7), sharex=True, layout="constrained")
    for axis, name, label in zip(
        axes,
        ("memory_mb", "descriptors", "longest_delay_ms"),
        ("memory (MB)", "descriptors", "longest delay (ms)"),
        strict=True,
    ):
        axis.plot(minutes, [each[name] for each in seen], marker=".")
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    axes[-1].set_xlabel("minutes")
    figure.savefig(file, dpi=120)


def main() -> None:
    """Run, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--playing", type=int, default=130)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = ObservedServer(
            Path(folder),
            threshold_ms=150,
            gameplay={"num_episodes": 1, "max_steps": 30 * GAME_S},
            reconnection_config={"timeout_ms": 5000},
            hosting={"newcomers_per_address": None},
        )
        try:
            soak = Soak(server, options.playing, options.seed)
            seen = asyncio.run(soak.run(options.minutes))
            games = [
                json.loads(path.read_text()) for path in server.served.data.glob("*/*/match.json")
            ]
        finally:
            server.served.kill()
    if options.plot:
        draw(seen, options.plot)
    ends = Counter(str(game.get("end_reason")) for game in games)
    print(
        json.dumps(
            {
                "people": soak.done,
                "failed": soak.failed,
                "games": ends,
                "disagreeing_games": sum(game.get("agreed") is False for game in games),
                "seen": seen,
                "missed_targets": grown(seen),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
