"""The process that simulates games again, and what becomes of it."""

import os
import signal
import time

import pytest

from interactive_gym.server.verifying.checking_process import CheckingProcess
from tests.support.served_experiment import DEADLINE_S
from tests.support.simulated_network import game_config
from tests.support.verified_study import SCENE, VerifiedStudy, stub_code

HANGS = "import time\ntime.sleep(3600)"


@pytest.fixture
def study(tmp_path):
    return VerifiedStudy(tmp_path)


@pytest.fixture
def process(study):
    process = CheckingProcess(study.folder)
    yield process
    process.stop()


def verdict_of(process):
    deadline = time.monotonic() + DEADLINE_S
    while (verdict := process.take_verdict()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return verdict


def test_one_process_checks_game_after_game_behind_everything_else(study, process) -> None:
    for number in (1, 2):
        study.played(f"game_{number}", game_config(seed=number), stub_code())
    assert process.pid is None
    process.ask(f"{SCENE}/game_1")
    assert verdict_of(process)["status"] == "equal"
    first = process.pid
    assert os.getpriority(os.PRIO_PROCESS, first) == 19
    process.ask(f"{SCENE}/game_2")
    assert verdict_of(process)["status"] == "equal"
    assert process.pid == first


def test_a_process_that_was_killed_is_told_of_and_started_again(study, process) -> None:
    study.stored("hangs", game_config(), stub_code(2, HANGS), ["frame"], {})
    study.played("true", game_config(seed=3), stub_code())
    process.ask(f"{SCENE}/hangs")
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(OSError, match="has ended"):
        verdict_of(process)
    process.ask(f"{SCENE}/true")
    assert verdict_of(process)["status"] == "equal"


def test_stopping_ends_the_game_that_is_played_as_well(study, process) -> None:
    game = study.played("game", game_config(seed=3), stub_code())
    slow = stub_code(2, HANGS)
    study.stored("other", game_config(), slow, ["frame"], {})
    match = (game / "match.json").read_text().replace(stub_code().digest, slow.digest)
    (game / "match.json").write_text(match)
    process.ask(f"{SCENE}/game")
    group = process.pid
    deadline = time.monotonic() + DEADLINE_S
    while len(members_of(group)) < 2:
        assert time.monotonic() < deadline, "the game is not played"
        time.sleep(0.02)
    process.stop()
    assert process.pid is None
    while members_of(group):
        assert time.monotonic() < deadline, "the game goes on"
        time.sleep(0.02)


def members_of(group):
    """The processes of a group that have not ended."""
    members = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as file:
                state, _, group_id = file.read().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group_id) == group and state != "Z":
            members.append(int(entry))
    return members
