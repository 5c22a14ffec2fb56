"""The process that checks games of a running study."""

import json
import subprocess
import sys

import pytest

from tests.support.simulated_network import game_config
from tests.support.verified_study import SCENE, VerifiedStudy, recorded, stub_code, with_reward

CONFIG = game_config(seed=3)
CODE = stub_code()


@pytest.fixture
def ask(tmp_path):
    """Have games checked by one process, by their ids."""
    study = VerifiedStudy(tmp_path)
    command = [sys.executable, "-m", "interactive_gym.verification.worker", str(study.folder)]

    def answers(*game_ids):
        asked = "".join(f"{SCENE}/{game_id}\n" for game_id in game_ids)
        done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stderr) == (0, "")
        told = [json.loads(line) for line in done.stdout.splitlines()]
        assert [line["game"] for line in told] == [f"{SCENE}/{game_id}" for game_id in game_ids]
        return [line["verified"] for line in told]

    answers.study = study
    return answers


def test_games_are_checked_in_turn(ask) -> None:
    columns, rows = recorded(ask.study.played("true", CONFIG, CODE))
    forged = with_reward(rows, 5, "1.0")
    ask.study.stored("forged", CONFIG, CODE, columns, {0: forged, 1: forged})
    true, made_up, again = ask("true", "forged", "true")
    assert true == again
    assert (true["status"], made_up["status"]) == ("equal", "differs")
    assert made_up["untrue_seats"] == [0, 1]


def test_a_game_that_is_not_there_harms_no_other(ask) -> None:
    ask.study.played("true", CONFIG, CODE)
    missing, true = ask("nowhere", "true")
    assert (missing["status"], true["status"]) == ("incomplete", "equal")
    assert missing["findings"] == ["incomplete: its folder is missing"]
