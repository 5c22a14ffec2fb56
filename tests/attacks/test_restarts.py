"""A server that is killed, and started again with the same data folder."""

import json
import subprocess

import pytest

from tests.support.served_experiment import DEADLINE_S, Page, ServedExperiment, serve_command
from tests.support.uploading import begin_game

LINK = "?PROLIFIC_PID=5f3c"


@pytest.fixture
def served(tmp_path):
    experiment = ServedExperiment(tmp_path, user_experience={"waitroom_timeout": 300_000})
    yield experiment
    experiment.stop()


def kill_and_restart(served):
    served.kill()
    served.start()


def test_everyone_is_where_they_were_with_the_same_code(served):
    reading = Page(served, query=LINK).connect()
    reading.wait_for_scene("start")
    waiting = Page(served).connect().into_waitroom()
    waiting.wait_for("waitroom_update")
    kill_and_restart(served)
    again = Page(served, query=LINK).connect()
    again.wait_for_scene("start")
    back = waiting.reconnect().connect()
    back.wait_for_scene("game")
    back.send("join_game", {"scene_id": "game"})
    assert back.wait_for("waitroom_update")["waited_ms"] > 0
    started = [line for line in served.participant_lines() if line["event"] == "started"]
    assert len(started) == len({line["completion_code"] for line in started}) == 2
    for page in (again, back):
        page.close()


def test_a_game_that_went_on_is_ended_with_a_reason_and_a_way_on(served):
    players = [player.page for player in begin_game(served)]
    kill_and_restart(served)
    codes = []
    for page in players:
        back = page.reconnect().connect()
        ended = back.wait_for("game_ended")
        assert (ended["reason"], ended["way_on"]) == ("server_stopped", "next_scene")
        back.send("advance_scene", {"scene_id": "game"})
        codes.append(back.wait_for_scene("end")["scene"]["code"])
        back.close()
    kill_and_restart(served)
    for page, code in zip(players, codes, strict=True):
        back = page.reload().connect()
        assert back.wait_for_scene("end")["scene"]["code"] == code
        back.close()


def test_a_game_that_had_not_started_leads_back_to_the_wait(served):
    players = [Page(served).connect().into_waitroom() for _ in range(2)]
    first = [page.wait_for("game_created")["game_id"] for page in players]
    kill_and_restart(served)
    back = [page.reconnect().connect() for page in players]
    for page in back:
        assert page.wait_for("game_ended")["reason"] == "start_timeout"
    assert {page.wait_for("game_created")["game_id"] for page in back}.isdisjoint(first)
    for page in back:
        page.close()


def test_a_page_that_was_loaded_anew_meanwhile_begins_the_scene_anew(served):
    players = [Page(served).connect().into_waitroom() for _ in range(2)]
    for page in players:
        page.wait_for("game_created")
    kill_and_restart(served)
    back = [page.reload().connect() for page in players]
    for page in back:
        page.wait_for_scene("game")
        page.send("join_game", {"scene_id": "game"})
    assert len({page.wait_for("game_created")["game_id"] for page in back}) == 1
    assert "game_ended" not in str([page.received for page in back])
    for page in back:
        page.close()


def test_whoever_waited_in_vain_may_still_go_on(tmp_path):
    served = ServedExperiment(tmp_path, user_experience={"waitroom_timeout": 1000})
    page = Page(served).connect().into_waitroom()
    page.wait_for("waitroom_ended")
    kill_and_restart(served)
    back = page.reload().connect()
    back.wait_for_scene("game")
    back.send("advance_scene", {"scene_id": "game"})
    assert back.wait_for_scene("end")["scene"]["code"] != "FINISHED"
    back.close()
    served.stop()


def test_a_server_that_is_asked_to_stop_lets_games_end_and_admits_nobody(served):
    players = begin_game(served)
    game_id = players[0].game_id
    waiting = Page(served).connect().into_waitroom()
    waiting.wait_for("waitroom_update")
    served.ask_to_stop()
    for page in (players[0].page, players[1].page, waiting):
        page.wait_for("server_stopping")
    assert Page(served).refusal() == "closed"
    back = waiting.reload().connect()
    assert back.wait_for("server_stopping") == {}
    back.send("join_game", {"scene_id": "game"})
    back.wait_for("waitroom_update")

    for player in players:
        player.finish(digest="")
    assert served.wait_until_stopped() == 0
    match = json.loads((served.data / "game" / game_id / "match.json").read_text())
    assert match["ended_at"] and match["end_reason"] == "completed"
    served.start()
    again = back.reconnect().connect()
    again.send("join_game", {"scene_id": "game"})
    assert again.wait_for("waitroom_update")["waited_ms"] > 0
    again.close()


def test_games_that_take_too_long_are_ended_when_the_server_stops(tmp_path):
    served = ServedExperiment(tmp_path, hosting={"stop_timeout": 0.5})
    players = begin_game(served)
    served.ask_to_stop()
    for player in players:
        assert player.page.wait_for("game_ended")["reason"] == "server_stopped"
    assert served.wait_until_stopped() == 0
    folder = served.data / "game" / players[0].game_id
    match = json.loads((folder / "match.json").read_text())
    assert match["ended_at"] and match["end_reason"] == "server_stopped"
    lines = (served.data / "game" / "matching.jsonl").read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines][-2:] == ["stop", "game_ended"]


def test_a_second_server_on_the_same_folder_is_refused_and_harms_nobody(served):
    page = Page(served).connect().into_waitroom()
    page.wait_for("waitroom_update")
    second = subprocess.run(
        serve_command(served.port, served.data.parent),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert second.returncode != 0
    assert "another server runs the experiment 'pilot'" in second.stderr
    partner = Page(served).connect().into_waitroom()
    assert partner.wait_for("game_created")["game_id"] == page.wait_for("game_created")["game_id"]
    for each in (page, partner):
        each.close()


def test_a_torn_last_line_is_left_out_and_everyone_before_it_is_known(served):
    page = Page(served, query=LINK).connect().into_waitroom()
    page.wait_for("waitroom_update")
    served.kill()
    with (served.data / "participants.jsonl").open("ab") as file:
        file.write(b'{"time": "2026-11-26T12:00:0')
    served.start()
    back = Page(served, query=LINK).connect()
    back.wait_for_scene("game")
    back.close()
