import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from interactive_gym.environment_checks.running import child
from interactive_gym.environment_checks.running.child import CLOCKS, main, set_clocks_wrong
from interactive_gym.environment_checks.running.trial import play
from tests.support.environment_trials import trial_of


def written(name: str, output: Path, leaves_of: int = -1) -> dict:
    with trial_of(name) as (source, trial):
        main(source.text, json.dumps(trial.as_record()), str(output), "0", str(leaves_of))
    return json.loads(output.read_text(encoding="utf-8"))


def test_the_digest_of_every_moment_is_written(tmp_path: Path) -> None:
    result = written("Sound", tmp_path / "output.json")
    with trial_of("Sound") as (source, trial):
        expected = [[moment.where(), moment.digest()] for moment in play(source.load(), trial)]
    assert result == {"moments": expected}


@pytest.mark.parametrize("number", [0, 2])
def test_the_leaves_of_one_moment_are_written_if_asked_for(tmp_path: Path, number: int) -> None:
    result = written("Sound", tmp_path / "output.json", leaves_of=number)
    assert result["leaves"]["state['steps']"] == str(number)


@pytest.mark.parametrize("name", CLOCKS)
def test_the_clocks_are_wrong_by_as_much_as_is_asked_for(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for clock in CLOCKS:
        # Put back after the test, whatever is set in their place meanwhile.
        monkeypatch.setattr(time, clock, getattr(time, clock))
        monkeypatch.setattr(time, f"{clock}_ns", getattr(time, f"{clock}_ns"))
    right, right_ns = getattr(time, name), getattr(time, f"{name}_ns")
    set_clocks_wrong(1000.0)
    assert getattr(time, name)() - right() == pytest.approx(1000.0, abs=60.0)
    assert getattr(time, f"{name}_ns")() - right_ns() == pytest.approx(1000e9, abs=60e9)


def test_right_clocks_are_left_alone() -> None:
    clocks = [time.time, time.monotonic_ns]
    set_clocks_wrong(0.0)
    assert [time.time, time.monotonic_ns] == clocks


def test_as_a_process_it_plays_with_its_own_clock(tmp_path: Path) -> None:
    results = []
    for offset_s in ("0", "98765.4321"):
        output = tmp_path / "output.json"
        with trial_of("WallClock", frames=20) as (source, trial):
            arguments = [source.text, json.dumps(trial.as_record()), str(output), offset_s, "-1"]
        command = [sys.executable, "-m", child.__name__, *arguments]
        subprocess.run(command, check=True, timeout=60)
        results.append(json.loads(output.read_text(encoding="utf-8")))
    assert results[0] != results[1]
