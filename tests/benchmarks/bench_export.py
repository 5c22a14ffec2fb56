"""Prints, as JSON, how long it takes to export a study of slime volleyball on one core.

Beside the seconds stands how many times as long that is as splitting all rows of frames into cells
takes in the same run. Run it with ``.venv/bin/python tests/benchmarks/bench_export.py [games]``.
"""

import contextlib
import csv
import io
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from interactive_gym.cli import main
from interactive_gym.examples.slime_volleyball import environment as slime_volleyball
from interactive_gym.server.data.network_rows import COLUMNS
from tests.support.example_games import stored_example
from tests.support.verified_study import VerifiedStudy

TARGET_S = 60.0
FPS = 30
SECONDS = 60


def make_study(folder: Path, games: int) -> VerifiedStudy:
    """A study of games of a minute, whose pages wrote a row of the network every second."""
    study = VerifiedStudy(folder)
    first = stored_example(study, "game_0", slime_volleyball, frames=FPS * SECONDS)
    with (first / "network.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for second in range(1, SECONDS + 1):
            for seat in (0, 1):
                row = dict.fromkeys(COLUMNS, 1) | {"frame": FPS * second, "seat": seat}
                row |= {"time": "2026-01-01T00:00:00.000Z", "peer_seat": 1 - seat}
                row |= {"local_candidate_type": "host", "remote_candidate_type": "host"}
                writer.writerow(row.values())
    for number in range(1, games):
        shutil.copytree(first, first.with_name(f"game_{number}"))
    return study


def seconds_to_export(study: VerifiedStudy, target: Path, *options: str) -> float:
    """Seconds of one core."""
    began_s = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        status = main(["export", str(study.folder), "--to", str(target), *options])
    assert status == 0
    return time.process_time() - began_s


def seconds_to_split(study: VerifiedStudy) -> tuple[int, float]:
    """How many rows of frames there are, and the seconds it takes to split them into cells."""
    began_s = time.process_time()
    rows = 0
    for path in study.folder.glob("*/*/frames.csv"):
        rows += sum(1 for _ in csv.reader(path.read_text().splitlines())) - 1
    return rows, time.process_time() - began_s


def run(games: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        study = make_study(Path(scratch), games)
        rows, split_s = seconds_to_split(study)
        measured = {
            name: seconds_to_export(study, Path(scratch, name), "--format", name)
            for name in ("csv", "parquet")
        }
    found = {
        name: {"s": round(s, 1), "ratio": round(s / split_s, 1)} for name, s in measured.items()
    }
    print(json.dumps({"games": games, "rows": rows, "target_s": TARGET_S, **found}, indent=2))


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
