"""A server that is killed, and started again with the same data folder."""

import json
import subprocess

import pytest

from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.simulation.ledger_audit import audit
from tests.support.served_experiment import DEADLINE_S, Page, ServedExperiment, serve_command
from tests.support.uploading import begin_game, wait_until

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


def test_the_recruitment_ids_of_an_earlier_version_are_known(served):
    Page(served, query=LINK).connect().wait_for_scene("start")
    served.kill()
    participants, ids = (served.data / name for name in ("participants.jsonl", "recruitment.jsonl"))
    started, *others = participants.read_text().splitlines(keepends=True)
    known = {**json.loads(started), "recruitment_id": "5f3c"}
    participants.write_text(json.dumps(known) + "\n" + "".join(others))
    ids.unlink()
    served.start()
    again = Page(served, query=LINK, takes_over=True).connect()
    again.wait_for_scene("start")
    again.close()
    assert [line["event"] for line in served.participant_lines()].count("started") == 1


def reconnected(players):
    for player in players:
        player.page = player.page.reconnect().connect()
        player.page.wait_for_scene("game")


def match_of(served, player):
    """What a player's `match.json` says once the game is closed."""
    path = served.data / "game" / player.game_id / "match.json"

    def closed():
        match = json.loads(path.read_text())
        return match if "ended_at" in match else None

    return wait_until(closed)


def led_on(player):
    """How a player's game ended, and the code they see then."""
    ended = player.page.wait_for("game_ended")
    player.page.send("advance_scene", {"scene_id": "game"})
    return ended["reason"], player.page.wait_for_scene("end")["scene"]["code"]


def test_a_game_goes_on_over_any_number_of_restarts_and_loses_nothing(served):
    players = begin_game(served)
    for restart in range(3):
        for player in players:
            frames = 10 * (restart + 1)
            assert player.play(10) == {"next_frame": frames}
        kill_and_restart(served)
        reconnected(players)
    for player in players:
        assert player.play(10, ends_at=40) == {"next_frame": 40}
        assert player.finish() == {}
    assert [led_on(player) for player in players] == [("completed", "FINISHED")] * 2
    match = match_of(served, players[0])
    assert (match["end_reason"], match["agreed"], match["frames"]) == ("completed", True, 40)
    assert [it["frames"] for it in match["recordings"]] == [40, 40]
    kill_and_restart(served)
    for player in players:
        back = player.page.reload().connect()
        assert back.wait_for_scene("end")["scene"]["code"] == "FINISHED"
        back.close()


def test_what_was_played_while_the_server_was_away_comes_afterwards(served):
    players = begin_game(served)
    assert players[0].play(10) == {"next_frame": 10}
    served.kill()
    served.start()
    reconnected(players)
    # The first has played on, the other has not sent anything yet.
    assert players[0].play(30, ends_at=40) == {"next_frame": 40}
    assert players[1].play(40, ends_at=40) == {"next_frame": 40}
    for player in players:
        assert player.finish() == {}
    assert [led_on(player)[0] for player in players] == ["completed"] * 2
    assert match_of(served, players[0])["agreed"] is True


def test_who_has_finished_before_the_restart_is_not_asked_to_play_again(served):
    players = begin_game(served)
    for player in players:
        player.play(10, ends_at=10)
    assert players[0].finish() == {}
    kill_and_restart(served)
    reconnected(players)
    assert players[0].finish() == {}
    assert players[1].finish() == {}
    assert [led_on(player) for player in players] == [("completed", "FINISHED")] * 2
    assert match_of(served, players[0])["agreed"] is True


def test_a_page_that_is_loaded_anew_after_a_restart_comes_back_to_its_seat(served):
    players = begin_game(served)
    for player in players:
        player.play(10)
    kill_and_restart(served)
    staying, reloading = players
    reconnected([staying])
    back = reloading.page.reload().connect()
    assert back.wait_for("game_resumable")["game_id"] == reloading.game_id
    back.send("join_game", {"scene_id": "game"})
    created = back.wait_for("game_created")
    assert (created["game_id"], created["game"]["seat"]) == (reloading.game_id, reloading.seat)
    assert created["game"]["incarnation"] == 1
    assert staying.page.wait_for("game_peer_reloaded")["seat"] == reloading.seat
    reloading.page = back
    reloading.say("game_ready")
    back.wait_for("game_start")
    reloading.say("game_resumed", frame=10)
    # It simulates all again, and so it sends all again.
    reloading.lines = []
    assert reloading.play(20, ends_at=20) == {"next_frame": 20}
    assert staying.play(10, ends_at=20) == {"next_frame": 20}
    for player in players:
        assert player.finish() == {}
    assert [led_on(player)[0] for player in players] == ["completed"] * 2
    match = match_of(served, staying)
    assert (match["agreed"], match["frames"]) == (True, 20)


def test_who_does_not_come_back_after_a_restart_is_cut_by_the_rules_of_every_game(tmp_path):
    served = ServedExperiment(tmp_path, reconnection_config={"timeout_ms": 1000})
    players = begin_game(served)
    for player in players:
        player.play(10)
    kill_and_restart(served)
    staying, _ = players
    reconnected([staying])

    def told_of_the_cut():
        staying.say("game_peer_lost", seat=1)
        return [told for event, told in staying.page.received if event == "game_cut"]

    (cut,) = wait_until(told_of_the_cut)
    assert (cut["seat"], cut["reason"]) == (1, "disconnected")
    assert staying.finish(reason="partner_lost") == {}
    assert led_on(staying)[0] == "partner_lost"
    match = match_of(served, staying)
    assert match["recordings"][1] == {"seat": 1, "frames": None, "digest": None, "agreed": None}
    assert match["cuts"][0]["frames"] == 10
    served.stop()


def test_who_was_out_of_the_game_is_so_though_its_own_events_do_not_say_it(tmp_path):
    served = ServedExperiment(tmp_path, reconnection_config={"timeout_ms": 1000})
    staying, leaving = begin_game(served)
    for player in (staying, leaving):
        player.play(10)
    leaving.say("game_quit", reason="idle")
    staying.page.wait_for("game_cut")
    leaving.page.wait_for("game_ended")
    served.kill()
    path = served.data / "game" / staying.game_id / "events.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if json.loads(line)["kind"] != "cut"))
    served.start()
    reconnected([staying, leaving])
    assert led_on(leaving)[0] == "idle"
    assert staying.play(10, ends_at=20) == {"next_frame": 20}
    assert staying.finish() == {}
    assert led_on(staying)[0] == "completed"
    assert match_of(served, staying)["end_reason"] == "completed"
    served.stop()


@pytest.mark.parametrize("changed", [{"environment_digest": "other"}, {"created_at": None}])
def test_a_game_that_cannot_go_on_is_ended_with_a_reason_and_a_way_on(tmp_path, changed):
    served = ServedExperiment(tmp_path)
    players = begin_game(served)
    for player in players:
        player.play(10)
    served.kill()
    path = served.data / "game" / players[0].game_id / "match.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    served.start()
    reconnected(players)
    for player in players:
        reason, code = led_on(player)
        assert reason == "server_stopped"
        assert code != "FINISHED"
    match = match_of(served, players[0])
    assert (match["end_reason"], match["frames"], match["agreed"]) == ("server_stopped", 10, None)
    served.stop()


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
    ledger = audit(served.data / "game" / "matching.jsonl", plan_matchmaker)
    assert ledger.findings == [] and ledger.chain.is_closed


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
