"""A scene is stopped where the server sees, too, that its environment fails, and only there."""

import json
import time
import urllib.request

import pytest

from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.verifying import rehearsals as module
from interactive_gym.server.verifying.rehearsals import Claim, Rehearsals
from interactive_gym.simulation.ledger_audit import audit
from tests.support.game_scenes import game
from tests.support.served_experiment import DEADLINE_S, Page, ServedExperiment
from tests.support.still_environment import still_environment
from tests.support.uploading import Player

STILL = still_environment(["left", "right"])
FAILS_BY_SEED = """
start = Still.reset
def reset(self, seed=None):
    if seed != 1:
        raise OSError("no such level")
    return start(self, seed)
Still.reset = reset
"""


@pytest.fixture
def rehearsals():
    scenes = {
        "sound": game().pyodide(environment_initialization_code=STILL),
        "failing": game().pyodide(environment_initialization_code=STILL + FAILS_BY_SEED),
    }
    made = Rehearsals(scenes)
    yield made
    made.close()


def outcome(rehearsals):
    """What comes of the claims that were added."""
    deadline = time.monotonic() + DEADLINE_S
    confirmed = rehearsals.tick()
    while rehearsals._running is not None and confirmed is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
        confirmed = rehearsals.tick()
    return confirmed


def claim(scene_id, seed=7):
    return Claim(scene_id, "mallory", {"game_id": "g", "seed": seed})


def test_what_a_page_claims_of_a_sound_environment_is_not_believed(rehearsals, caplog):
    rehearsals.add(claim("sound"))
    assert outcome(rehearsals) is None
    assert "its beginning plays here" in caplog.text


def test_a_fault_is_found_with_the_seed_of_the_game_in_which_it_showed(rehearsals):
    rehearsals.add(claim("failing", seed=1))
    assert outcome(rehearsals) is None
    rehearsals.add(claim("failing", seed=7))
    confirmed = outcome(rehearsals)
    assert confirmed.claim == claim("failing")
    assert "OSError: no such level" in confirmed.fault


def test_claims_take_no_more_than_their_share_of_the_machine(rehearsals, monkeypatch):
    started = []
    monkeypatch.setattr(rehearsals, "_start", started.append)
    for _ in range(3 * module.MOST_OF_A_SCENE):
        rehearsals.add(claim("sound"))
    for _ in range(3 * module.MOST_OF_A_SCENE):
        rehearsals.tick()
    assert len(started) == module.MOST_OF_A_SCENE


def test_a_failing_scene_is_stopped_for_those_who_wait_and_those_who_come(tmp_path):
    served = ServedExperiment(tmp_path, environment=STILL + FAILS_BY_SEED)
    try:
        first, second = (Page(served).connect().into_waitroom() for _ in range(2))
        failing = Player(first, first.wait_for("game_created"))
        second.wait_for("game_created")
        failing.finish("engine_error")
        assert first.wait_for("game_ended")["reason"] == "engine_error"
        told = second.wait_for("waitroom_ended")
        late = Page(served).connect().into_waitroom()
        for page, ended in ((second, told), (late, late.wait_for("waitroom_ended"))):
            assert ended["reason"] == "scene_failed"
            assert "technical problem" in ended["message"]
            page.send("advance_scene", {"scene_id": "game"})
            page.wait_for_scene("end")
        lines = served.participant_lines()
        (stopped,) = [line for line in lines if line["event"] == "scene_stopped"]
        assert stopped["game_id"] == failing.game_id
        assert "OSError: no such level" in stopped["fault"]
        left = [line["outcome"] for line in lines if line["event"] == "scene_left"]
        assert left.count("technical_error") == 2
        assert "THE SCENE 'game' IS STOPPED" in served.log
    finally:
        served.stop()
    ledger = audit(served.data / "game" / "matching.jsonl", plan_matchmaker)
    assert ledger.findings == []


def test_liars_stop_nobody(tmp_path):
    served = ServedExperiment(tmp_path, environment=STILL)
    try:
        for _ in range(3):
            pages = [Page(served).connect().into_waitroom() for _ in range(2)]
            created = [page.wait_for("game_created") for page in pages]
            for page, told in zip(pages, created, strict=True):
                Player(page, told).finish("engine_error")
            body = {"token": pages[0].token, "resource": "game", "reason": "SyntaxError"}
            load_failed(served, body)
        deadline = time.monotonic() + DEADLINE_S
        while served.log.count("its beginning plays here") < 6:
            assert time.monotonic() < deadline, served.log
            time.sleep(0.05)
        others = [Page(served).connect().into_waitroom() for _ in range(2)]
        for page in others:
            page.wait_for("game_created")
        assert "STOPPED" not in served.log
    finally:
        served.stop()


def load_failed(served, body):
    request = urllib.request.Request(
        served.address_of("/load_failures"), json.dumps(body).encode(), method="POST"
    )
    urllib.request.urlopen(request, timeout=DEADLINE_S)
