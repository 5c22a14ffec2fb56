"""What a full waitroom costs the server: 1,000, 5,000 and 10,000 people who wait.

    python tests/benchmarks/bench_scale.py [--people 1000,5000,10000] [--groups 2,3,4] [--table]

The real GameManager runs for some seconds of virtual time among as many people who wait all the
time: whoever plays is replaced by an arrival. *Unknown* people were never probed; of *known* ones
twenty verdicts each were given before. Every call that the server makes is timed on the CPU by
itself, with its ledger lines in a file and its probes created; sending to browsers is not counted.
The longest call is for how long the event loop stands still, and more than 100% of a processor
cannot be had: the server falls behind. Prints JSON, or the rows of the table
in `docs/matching.md`.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interactive_gym.server.data.line_files import LineFile
from interactive_gym.server.game_manager import GameManager
from interactive_gym.server.games.events import GameFinished, GameReady
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.match_logger import MatchLogger
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matchmaker import MatchCandidate
from interactive_gym.server.participants.shared_parts import SharedParts
from tests.benchmarks.bench_game_manager import Experiment, Scene

THRESHOLD_MS = 60.0
STEP_S = 0.05
STEPS_A_TICK = 10
PROBE_S = 2.0
ARRIVALS_A_SECOND = 20
VERDICTS_EACH = 20
WARM_UP_S = 1.0


@dataclass
class Calls:
    """The CPU time of every call of one kind, in milliseconds."""

    took_ms: list[float] = field(default_factory=list)

    def time(self, action: Callable[[], object]) -> None:
        began = time.process_time()
        action()
        self.took_ms.append((time.process_time() - began) * 1000.0)

    def mean(self) -> float:
        return statistics.fmean(self.took_ms) if self.took_ms else 0.0

    def most(self) -> float:
        return max(self.took_ms, default=0.0)


class PlayedScene(Scene):
    """A scene whose games can be made."""

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        return {"agents": list(self.human_agents), "fps": 30}


class FullWaitroom:
    """A GameManager among people on a plane, whose P2P RTT is their distance."""

    def __init__(self, people: int, group_size: int, is_known: bool, ledger: Path) -> None:
        self.people = people
        self.rng = random.Random(people)
        self.graph = LatencyGraph(fresh_s=120.0)
        self.now_s = 0.0
        self.numbers, self.probe_numbers = itertools.count(), itertools.count()
        self.place: dict[str, tuple[float, float]] = {}
        self.probing: list[tuple[float, str, str]] = []
        self.invited: dict[str, list[str]] = {}
        self.games = 0
        self.probes = 0
        self.arrivals, self.looks, self.verdicts = Calls(), Calls(), Calls()
        self.probes_a_look: list[int] = []
        scene = PlayedScene()
        scene.human_agents = tuple(f"agent_{seat}" for seat in range(group_size))
        self.manager = GameManager(
            scene,
            Experiment(),
            self,
            matchmaker=LatencyMatchmaker(THRESHOLD_MS),
            probe_coordinator=self,
            shared=SharedParts(
                ledger_of=lambda scene_id: MatchLogger(LineFile.alone(ledger)),
                server_rtt_ms=self.server_rtt_ms,
                clock=lambda: self.now_s,
                new_seed=lambda: 1,
            ),
            latency_graph=self.graph,
        )
        for _ in range(people):
            self.now_s += 0.001
            self.manager._add_to_waitroom(self.newcomer())
        if is_known:
            self.know()

    def know(self) -> None:
        """Give verdicts on pairs at random; those within the threshold have lapsed since."""
        everybody = list(self.place)
        for a in everybody:
            for b in self.rng.sample(everybody, VERDICTS_EACH // 2):
                if a == b:
                    continue
                is_near = self.rtt_ms(a, b) <= THRESHOLD_MS
                one, two = (MatchCandidate(who, self.server_rtt_ms(who)) for who in (a, b))
                self.graph.learn(one, two, accepted=is_near, threshold_ms=THRESHOLD_MS)
                if not is_near:
                    self.graph.record_measurement(
                        (a, b), self.rtt_ms(a, b), accepted=False, now_s=self.now_s, wall_s=0.0
                    )

    def emit(self, event: str, *args: Any, to: str | None = None) -> None:
        """Sending is not what is measured; who is invited to a game plays it afterwards."""
        if event == "game_created":
            self.invited.setdefault(args[0]["game_id"], []).append(str(to))

    def create_probe(self, subject_a: str, subject_b: str, on_complete: Any) -> str:
        self.probing.append((self.now_s + PROBE_S, subject_a, subject_b))
        self.probes += 1
        return f"probe-{next(self.probe_numbers)}"

    def newcomer(self) -> str:
        subject_id = f"{next(self.numbers):08}-{self.rng.getrandbits(64):016x}"
        self.place[subject_id] = (self.rng.gauss(0.0, 60.0), self.rng.gauss(0.0, 60.0))
        return subject_id

    def server_rtt_ms(self, subject_id: str) -> float:
        x, y = self.place[subject_id]
        return 5.0 + (x * x + y * y) ** 0.5

    def rtt_ms(self, a: str, b: str) -> float:
        (ax, ay), (bx, by) = self.place[a], self.place[b]
        return 5.0 + ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5

    def run(self, seconds: float) -> None:
        for step in range(1, round(seconds / STEP_S) + 1):
            self.now_s += STEP_S
            due = [probe for probe in self.probing if probe[0] <= self.now_s]
            self.probing = [probe for probe in self.probing if probe[0] > self.now_s]
            for _, a, b in due:
                self.verdicts.time(
                    lambda a=a, b=b: self.manager._on_probe_complete(a, b, self.rtt_ms(a, b))
                )
            missing = self.play() + (step % round(1 / STEP_S / ARRIVALS_A_SECOND) == 0)
            for _ in range(missing):
                newcomer = self.newcomer()
                self.arrivals.time(lambda who=newcomer: self.manager.join(who))
            self.look(step)

    def forget_measurements(self) -> None:
        self.arrivals, self.looks, self.verdicts = Calls(), Calls(), Calls()
        self.probes_a_look.clear()
        self.games = self.probes = 0

    def look(self, step: int) -> None:
        """What the server does every step: a tick, or a look at a full room in between."""
        probes = self.probes
        if step % STEPS_A_TICK == 0:
            self.looks.time(self.manager.tick)
        elif hasattr(self.manager, "look_at_crowd"):
            self.looks.time(self.manager.look_at_crowd)
        else:
            return
        self.probes_a_look.append(self.probes - probes)

    def play(self) -> int:
        """Let games be played in no time; returns how many people they took."""
        played = 0
        for game_id, members in self.invited.items():
            for who in members:
                self.manager.handle_game_message(who, GameReady(game_id))
            for who in members:
                over = GameFinished(game_id, reason="completed", frames=0, digest="")
                self.manager.handle_game_message(who, over)
                self.manager.forget(who)
            played += len(members)
            self.games += 1
        self.invited.clear()
        return played


def measure(people: int, group_size: int, is_known: bool, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        room = FullWaitroom(people, group_size, is_known, Path(folder) / "matching.jsonl")
        # They came one after the other, so who is new to the matchmaker is not what is measured.
        room.run(WARM_UP_S)
        room.forget_measurements()
        gc.collect()
        gc.freeze()
        began = time.process_time()
        room.run(seconds)
        cpu_s = time.process_time() - began
        gc.unfreeze()
    started = [count for count in room.probes_a_look if count]
    return {
        "people": people,
        "group_size": group_size,
        "known": is_known,
        "arrival_ms": round(room.arrivals.mean(), 2),
        "look_ms": round(room.looks.mean(), 1),
        "verdict_ms": round(room.verdicts.mean(), 2),
        "probes_a_look": round(statistics.fmean(started), 1) if started else 0.0,
        "probes_a_second": round(room.probes / seconds, 1),
        "games_a_second": round(room.games / seconds, 1),
        "stall_ms": {
            "arrival": round(room.arrivals.most(), 1),
            "look": round(room.looks.most(), 1),
            "verdict": round(room.verdicts.most(), 1),
        },
        "cpu_share": round(cpu_s / seconds, 2),
    }


def row(result: dict[str, Any]) -> str:
    kind = "known" if result["known"] else "unknown"
    # More than all of a processor is more than there is.
    feasible = 1.0 / max(1.0, result["cpu_share"])
    cells = [
        f"{result['people']:,} {kind}, groups of {result['group_size']}",
        f"{result['arrival_ms']:.1f}",
        f"{result['verdict_ms']:.1f}",
        f"{result['look_ms']:.0f}",
        f"{max(result['stall_ms'].values()):.0f}",
        f"{result['probes_a_look']:.0f}",
        f"{result['probes_a_second'] * feasible:.0f}",
        f"{result['cpu_share']:.0%}",
    ]
    return "| " + " | ".join(cells) + " |"


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=numbers, default=[1_000, 5_000, 10_000])
    parser.add_argument("--groups", type=numbers, default=[2, 3, 4])
    parser.add_argument("--seconds", type=float, default=6.0, help="virtual seconds")
    parser.add_argument("--table", action="store_true", help="rows of a table instead of JSON")
    args = parser.parse_args()
    for group_size, is_known, people in itertools.product(args.groups, (False, True), args.people):
        result = measure(people, group_size, is_known, args.seconds)
        print(row(result) if args.table else json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
