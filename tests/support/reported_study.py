"""A study's folder as it stands after many people came: real matching, and games in outline."""

import csv
import json
from pathlib import Path
from random import Random
from typing import Any

from interactive_gym.netcode.recorder import BASE_COLUMNS
from interactive_gym.server.data.network_rows import COLUMNS
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import StudySettings

SCENE = "game"
REFUSED = 7
"""How many open the study and do not consent."""
LEFT = 4
"""How many open it and leave."""
FRAMES = 40
LEVELS_MS = (0, 50, 100)


class ReportedStudy:
    """A study whose matching was simulated by the server's own code.

    Args:
        tmp_path: where its folder is made.
        participants: how many ask for a game.
        threshold_ms: the largest acceptable RTT.
        patience_s: how long they wait.
    """

    def __init__(
        self,
        tmp_path: Path,
        participants: int = 60,
        threshold_ms: float = 60.0,
        patience_s: float = 90.0,
    ) -> None:
        self.folder = tmp_path / "study"
        scene = self.folder / SCENE
        scene.mkdir(parents=True)
        settings = StudySettings(
            population=SyntheticPopulation(),
            arrivals=PoissonArrivals(10.0),
            participants=participants,
            patience_s=patience_s,
            mean_dropout_s=400.0,
            seed=3,
        )
        simulate(settings, LatencyMatchmaker(threshold_ms), ledger=scene / "matching.jsonl")
        text = (scene / "matching.jsonl").read_text()
        self.ledger = [json.loads(line) for line in text.splitlines()]
        self.fates: dict[str, str] = {}
        self._write_games(Random(1))
        self._write_participants()

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.ledger if line["kind"] == kind]

    def _write_games(self, rng: Random) -> None:
        for number, line in enumerate(self.of_kind("matched")):
            fate = ("desync", "open", "partner_lost")[number % 11] if number % 11 < 3 else "sound"
            folder = self.folder / SCENE / line["game_id"]
            folder.mkdir()
            (folder / "match.json").write_text(json.dumps(_match(line, number, fate)))
            _write_frames(folder, line["group"], rng)
            _write_network(folder, line["group"], rng, stalls=number % 5 == 0)
            self.fates |= {member["subject_id"]: fate for member in line["group"]}

    def _write_participants(self) -> None:
        lines = []
        for line in self.of_kind("arrival"):
            who = {"time": line["time"], "subject_id": line["subject_id"]}
            lines += [who | {"event": "started"}, who | {"event": "waitroom_entered"}]
        for line in self.of_kind("matched"):
            for member in line["group"]:
                who = {"time": line["time"], "subject_id": member["subject_id"]}
                game = {"scene_id": SCENE, "game_id": line["game_id"]}
                lines += [who | game | {"event": f"game_{name}"} for name in ("entered", "started")]
        at = {"time": self.ledger[0]["time"]}
        for number in range(REFUSED):
            who = at | {"subject_id": f"refused_{number}"}
            lines += [
                who | {"event": "started"},
                who | {"event": "completed", "outcome": "consent_refused"},
            ]
        lines += [at | {"subject_id": f"left_{n}", "event": "started"} for n in range(LEFT)]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (self.folder / "participants.jsonl").write_text(text)


def _match(line: dict[str, Any], number: int, fate: str) -> dict[str, Any]:
    match = {
        "experiment_id": "study",
        "agents": [member["agent"] for member in line["group"]],
        "policies": [None] * len(line["group"]),
        "group": line["group"],
        "actions": [0, 1, 2],
        "default_action": 0,
        "created_at": line["time"],
        "edges": line["edges"],
        "cuts": [],
        "latency": {"target_ms": 100, "level_ms": LEVELS_MS[number % len(LEVELS_MS)]},
        "seed": line["seed"],
    }
    if fate == "open":
        return match
    match |= {"ended_at": line["time"], "frames": FRAMES, "end_reason": "completed"}
    if fate == "desync":
        return match | {"agreed": False, "desync": {"frame": 9}, "verified": {"status": "differs"}}
    match |= {"agreed": True, "verified": {"status": "equal"}}
    if fate == "partner_lost":
        match |= {"end_reason": fate, "cuts": [{"seat": 1, "reason": "disconnected"}]}
    return match


def _write_frames(folder: Path, group: list[dict[str, Any]], rng: Random) -> None:
    with (folder / "frames.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(BASE_COLUMNS)
        for frame in range(FRAMES):
            for member in group:
                action = 0 if rng.random() < 0.5 else 1
                writer.writerow([frame, 0, frame, member["agent"], action, "false", 0.5, "", ""])


def _write_network(folder: Path, group: list[dict[str, Any]], rng: Random, stalls: bool) -> None:
    with (folder / "network.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for second in (1, 2):
            for seat in range(len(group)):
                writer.writerow(
                    {
                        "seat": seat,
                        "incarnation": 0,
                        "time_ms": 1000 * second,
                        "frame": FRAMES // 2 * second,
                        "ticks": 30,
                        "stalled_ticks": 6 if stalls else 0,
                        "rollback_frames": rng.randrange(8),
                        "peer_seat": 1 - seat,
                        "link_rtt_ms": round(rng.uniform(15, 60), 1),
                    }
                )
