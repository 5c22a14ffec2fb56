"""Completion codes for nothing, as participants who know the protocol would try to get them."""

import time

import pytest

from tests.support.served_experiment import DEADLINE_S, Page, ServedExperiment
from tests.support.uploading import begin_game

LEAVE_GAME = ("advance_scene", {"scene_id": "game"})


@pytest.fixture
def served(tmp_path):
    experiment = ServedExperiment(tmp_path, user_experience={"waitroom_timeout": 1000})
    yield experiment
    experiment.stop()


def lines_of(served, event):
    return [line for line in served.participant_lines() if line["event"] == event]


def wait_for_line(served, event):
    deadline = time.monotonic() + DEADLINE_S
    while not (found := lines_of(served, event)):
        assert time.monotonic() < deadline, served.participant_lines()
        time.sleep(0.05)
    return found[-1]


def test_nobody_gets_past_a_game_without_having_waited_or_played(served):
    cheat = Page(served).connect()
    cheat.send("advance_scene", {"scene_id": "start"})
    cheat.wait_for_scene("game")
    for _ in range(3):
        cheat.send(*LEAVE_GAME)
    cheat.send("join_game", {"scene_id": "game"})
    cheat.wait_for("waitroom_update")
    cheat.send(*LEAVE_GAME)
    cheat.send("leave_waitroom", {"scene_id": "game", "reason": "idle"})
    assert cheat.wait_for("waitroom_ended")["reason"] == "idle"
    cheat.send(*LEAVE_GAME)
    # A later answer shows that all before it has been handled.
    cheat.send("join_game", {"scene_id": "game"})
    cheat.wait_for("waitroom_update")
    assert [line["scene_id"] for line in lines_of(served, "scene_entered")] == ["start", "game"]
    cheat.close()


def test_whoever_waited_in_vain_gets_a_code_and_a_link_of_their_own(served):
    unlucky = Page(served).connect().into_waitroom()
    assert unlucky.wait_for("waitroom_ended")["reason"] == "waitroom_timeout"
    unlucky.send(*LEAVE_GAME)
    scene = unlucky.wait_for_scene("end")["scene"]
    assert scene["code"] != "FINISHED"
    assert scene["redirect_url"] == "https://panel.example/back"
    assert wait_for_line(served, "scene_left")["outcome"] == "no_partner"
    completed = wait_for_line(served, "completed")
    assert (completed["outcome"], completed["completion_code"]) == ("no_partner", scene["code"])
    reloaded = unlucky.reload().connect()
    assert reloaded.wait_for_scene("end")["scene"]["code"] == scene["code"]
    reloaded.close()


def test_whoever_is_out_of_a_game_by_their_own_doing_has_not_finished(served):
    stayed, idle = begin_game(served)
    idle.say("game_quit", reason="idle")
    stayed.finish("partner_lost", digest="")
    codes = []
    for player in (stayed, idle):
        player.page.wait_for("game_ended")
        player.page.send(*LEAVE_GAME)
        codes.append(player.page.wait_for_scene("end")["scene"]["code"])
    assert codes[0] == "FINISHED" != codes[1]
