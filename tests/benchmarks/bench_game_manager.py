"""What the whole GameManager costs the server's CPU while many people wait.

    python tests/benchmarks/bench_game_manager.py [--people 300,1000]

Prints JSON. The hard case is a waitroom whose pairs are nearly all known to be bad, so that nobody
leaves it: each arrival, each verdict, each exit and each tick must still be cheap. The ledger is
written to a file as in a served experiment; sending to browsers is not counted.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interactive_gym.server.data.line_files import LineFile
from interactive_gym.server.game_manager import GameManager
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.match_logger import MatchLogger
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker
from interactive_gym.server.participants.shared_parts import SharedParts

THRESHOLD_MS = 60.0
KNOWN_BAD = 0.99
ROUNDS = 60


class OwnFIFO(FIFOMatchmaker):
    """A strategy that a researcher wrote as a `find_match` alone."""

    def find_match(self, arriving: Any, waiting: Any, group_size: int) -> Any:
        return [waiting[0], arriving] if waiting else None


class Scene:
    scene_id = "game"
    human_agents = ("left", "right")
    max_probes_per_participant = None
    max_connection_failures = 3
    waitroom_timeout_ms = None
    waitroom_timeout_message = None
    waitroom_timeout_redirect_url = None
    hide_lobby_count = False
    leave_after_ms = None
    partner_timeout_ms = 10_000
    partner_loss_way_on = "next_scene"
    partner_loss_message = None
    focus_loss_message = None
    on_cut = "end"
    input_delay = 0
    equal_latency = None
    environment_digest = ""
    packages = ()

    def attributes_of(self, subject_id: str) -> dict[str, Any]:
        return {}

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        return {}


class Experiment:
    experiment_id = "benchmark"
    ice_servers = ()
    force_relay = False


class Waitroom:
    """A GameManager with many people who wait, and everything around it."""

    def __init__(self, people: int, matchmaker: Matchmaker, ledger: Path) -> None:
        self.rng = random.Random(people)
        self.graph = LatencyGraph(fresh_s=1e6)
        self.now_s = 0.0
        self.probes: list[tuple[str, str]] = []
        self.server_rtt_ms: dict[str, float] = {}
        self.people: list[str] = []
        self.manager = GameManager(
            Scene(),
            Experiment(),
            self,
            matchmaker=matchmaker,
            probe_coordinator=self,
            shared=SharedParts(
                ledger_of=lambda scene_id: MatchLogger(LineFile.alone(ledger)),
                server_rtt_ms=self.server_rtt_ms.get,
                clock=lambda: self.now_s,
                new_seed=lambda: 1,
            ),
            latency_graph=self.graph,
        )
        for _ in range(people):
            self.wait_with_bad_pairs()
        self.settle()

    def emit(self, event: str, *args: Any, to: str | None = None) -> None:
        """Sending is not what is measured."""

    def create_probe(self, subject_a: str, subject_b: str, on_complete: Any) -> str:
        self.probes.append((subject_a, subject_b))
        return f"probe-{subject_a}-{subject_b}"

    def newcomer(self) -> str:
        """Somebody who has just come."""
        self.now_s += 0.01
        subject_id = f"{self.rng.getrandbits(128):032x}"
        self.server_rtt_ms[subject_id] = self.rng.uniform(100.0, 400.0)
        return subject_id

    def wait_with_bad_pairs(self) -> None:
        """Let somebody wait of whom nearly all pairs are known, and bad."""
        subject_id = self.newcomer()
        for other in self.people:
            if self.rng.random() < KNOWN_BAD:
                self.graph.record_measurement(
                    (subject_id, other), 200.0, accepted=False, now_s=self.now_s, wall_s=0.0
                )
        self.people.append(subject_id)
        self.manager._add_to_waitroom(subject_id)

    def settle(self) -> None:
        """Reject whatever is probed until nobody is proposed any more."""
        quiet = 0
        while quiet < 10:
            quiet = 0 if self.reject_all() else quiet + 1
            self.now_s += 0.5
            self.manager.tick()

    def reject_all(self) -> list[float]:
        """Reject what is being probed; the CPU time of each verdict in milliseconds."""
        pairs, self.probes = self.probes, []
        return [
            cpu_ms(lambda pair=pair: self.manager._on_probe_complete(*pair, 200.0))
            for pair in pairs
        ]


def cpu_ms(action: Callable[[], object]) -> float:
    began = time.process_time()
    action()
    return (time.process_time() - began) * 1000.0


def measure(people: int, make: Callable[[], Matchmaker]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        waitroom = Waitroom(people, make(), Path(folder) / "matching.jsonl")
        arrivals, verdicts, ticks, exits = [], [], [], []
        for _ in range(ROUNDS):
            newcomer = waitroom.newcomer()
            arrivals.append(cpu_ms(lambda who=newcomer: waitroom.manager.join(who)))
            for _ in range(4):
                verdicts += waitroom.reject_all()
                waitroom.now_s += 0.5
                ticks.append(cpu_ms(waitroom.manager.tick))
            exits.append(cpu_ms(lambda who=newcomer: waitroom.manager.leave(who, "left")))
            waitroom.reject_all()
    return {
        "waiting": people,
        "known_bad_share": KNOWN_BAD,
        "arrival_ms": summary(arrivals),
        "verdict_ms": summary(verdicts),
        "tick_ms": summary(ticks),
        "exit_ms": summary(exits),
    }


def summary(values: list[float]) -> dict[str, float] | None:
    if not values:
        return None
    ordered = sorted(values)
    return {
        "mean": round(statistics.fmean(ordered), 3),
        "p95": round(ordered[int(0.95 * len(ordered))], 3),
        "max": round(ordered[-1], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", default="300,1000")
    counts = [int(count) for count in parser.parse_args().people.split(",")]
    strategies: dict[str, Callable[[], Matchmaker]] = {
        "FIFOMatchmaker": lambda: FIFOMatchmaker(THRESHOLD_MS),
        "LatencyMatchmaker": lambda: LatencyMatchmaker(THRESHOLD_MS),
        "find_match alone": lambda: OwnFIFO(THRESHOLD_MS),
    }
    figures = {
        name: [measure(people, make) for people in counts] for name, make in strategies.items()
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
