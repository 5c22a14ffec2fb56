"""Checks that the same seed gives the same game: in one process again, and in two processes.

The second process has another hash seed and another time, so that a dependence on the order of
sets, on addresses or on the clock shows. ``source_hints`` guesses at the cause.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.running.environment_source import (
    EnvironmentSource,
    LoadedEnvironment,
)
from interactive_gym.environment_checks.running.state_leaves import Leaves, describe, different
from interactive_gym.environment_checks.running.trial import Trial, play

OTHER_SEEDS = (2, 12345)
"""Seeds of games to compare with the trial's."""

HASH_SEEDS = (0, 4242)
"""The PYTHONHASHSEED of the two processes; browsers run with 0."""

CLOCK_OFFSETS_S = (0.0, 98765.4321)
"""By how many seconds the clocks of the two processes are wrong."""


def check_seeds(source: EnvironmentSource, trial: Trial) -> Finding:
    """Play the trial twice on one environment, then with other seeds."""
    loaded = source.load()
    moments = [(moment.where(), moment.digest()) for moment in play(loaded, trial)]
    again = [moment.digest() for moment in play(loaded, trial)]
    for number, ((where, first), second) in enumerate(zip(moments, again, strict=False)):
        if first != second:
            text = f"the same seed gives another game: after {where} "
            return Finding("seeds", "wrong", text + _difference_in_process(source, trial, number))
    if len(moments) != len(again):
        text = f"the same seed gives a game of {len(moments)}, then one of {len(again)} moments."
        return Finding("seeds", "wrong", text)
    digests = {digest for _, digest in moments}
    for seed in OTHER_SEEDS:
        if any(moment.digest() not in digests for moment in play(loaded, trial, seed)):
            return Finding("seeds", "ok", "one seed gives one game, another seed another")
    return Finding("seeds", "note", "every seed gives the same game")


def _difference_in_process(source: EnvironmentSource, trial: Trial, number: int) -> str:
    loaded = source.load()
    first, second = _nth_leaves(loaded, trial, number), _nth_leaves(loaded, trial, number)
    return _words(first, second)


def _nth_leaves(loaded: LoadedEnvironment, trial: Trial, number: int) -> Leaves:
    """The leaves of a moment; the trial is played to its end, as that may affect the next one."""
    found: Leaves = {}
    for index, moment in enumerate(play(loaded, trial)):
        if index == number:
            found = moment.leaves()
    return found


def _words(first: Leaves, second: Leaves) -> str:
    paths = different(first, second)
    if not paths:
        return "something differs, and not always the same."
    return f"{describe(first, second, paths[0])}."


def check_processes(source: EnvironmentSource, trial: Trial) -> Finding:
    """Play the trial in two processes with different hash seeds and clocks."""
    runs = []
    for hash_seed, offset_s in zip(HASH_SEEDS, CLOCK_OFFSETS_S, strict=True):
        result = _run_child(source, trial, hash_seed, offset_s)
        if "error" in result:
            text = f"a process of its own could not play it: {result['error']}"
            return Finding("processes", "wrong", text)
        runs.append(result["moments"])
    for number, (first, second) in enumerate(zip(*runs, strict=False)):
        if first != second:
            leaves = [
                _run_child(source, trial, hash_seed, offset_s, number).get("leaves", {})
                for hash_seed, offset_s in zip(HASH_SEEDS, CLOCK_OFFSETS_S, strict=True)
            ]
            text = f"two processes play different games: after {first[0]} {_words(*leaves)}"
            return Finding("processes", "wrong", text)
    if len(runs[0]) != len(runs[1]):
        return Finding("processes", "wrong", "in two processes the games are of different length.")
    text = "two processes with different hash seeds and clocks play the same game"
    return Finding("processes", "ok", text)


def _run_child(
    source: EnvironmentSource, trial: Trial, hash_seed: int, offset_s: float, leaves_of: int = -1
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output.json"
        arguments: Sequence[str] = (
            *(sys.executable, "-m", "interactive_gym.environment_checks.running.child"),
            *(source.text, json.dumps(trial.as_record()), str(output)),
            *(str(offset_s), str(leaves_of)),
        )
        done = subprocess.run(
            arguments,
            env=_environment(hash_seed),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if not output.exists():
            lines = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
            return {"error": lines[-1]}
        result: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
        return result


def _environment(hash_seed: int) -> dict[str, str]:
    package_parent = str(Path(__file__).resolve().parents[3])
    paths = [package_parent, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONPATH": os.pathsep.join(paths),
    }
