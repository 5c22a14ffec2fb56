"""Recorders: what pages upload to them, what they are sent besides, and what becomes of it."""

import contextlib
import json
import os
import signal

import pytest

from tests.support.browser_events import events, network
from tests.support.processes import children_of, has_ended
from tests.support.raw_client import RawClient
from tests.support.served_experiment import ServedExperiment
from tests.support.small_disk import small_disk
from tests.support.uploading import begin_game, close_all, rows_of, wait_until


@pytest.fixture
def serve(tmp_path):
    """Serves experiments with one recorder each, unless told otherwise."""
    with contextlib.ExitStack() as started:

        def start(name="study", recorders=1, **options):
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            served = ServedExperiment(folder, hosting={"recorders": recorders}, **options)
            started.callback(served.stop)
            return served

        yield start


@pytest.fixture
def served(serve):
    experiment = serve()
    yield experiment
    assert "Traceback" not in experiment.log, experiment.log


def folder_of(served, player):
    return served.data / "game" / player.game_id


def match_of(served, player):
    """What a player's `match.json` says once the game is closed."""

    def closed():
        match = json.loads((folder_of(served, player) / "match.json").read_text())
        return match if "ended_at" in match else None

    return wait_until(closed)


def reach_recorder(players):
    for player in players:
        player.reach_recorder()


def play_to_the_end(players, frames=10):
    for player in players:
        end = player.frames + frames
        assert player.play(frames, ends_at=end) == {"next_frame": end}
    for player in players:
        assert player.finish() == {}
    return [player.page.wait_for("game_ended")["reason"] for player in players]


def kill_recorder(served):
    (before,) = children_of(served.pid)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: [pid for pid in children_of(served.pid) if pid != before])


def test_pages_upload_to_the_recorder_and_the_game_is_complete(served):
    players = begin_game(served)
    reach_recorder(players)
    for player in players:
        assert player.play(10) == {"next_frame": 10}
        row = network({"peer_seat": 1, "rtt_ms": 20.5}, first=0)
        assert player.call("game_network", {"game_id": player.game_id, **row}) == {"next": 1}
    assert play_to_the_end(players) == ["completed"] * 2
    match = match_of(served, players[0])
    assert (match["frames"], match["agreed"], match["end_reason"]) == (20, True, "completed")
    # The page hears that it is to send the rest, if there is any, as everything else.
    for player in players:
        player.recorder.wait_for("41")
    assert (folder_of(served, players[0]) / "network.csv").read_text().count("\n") == 3
    close_all(players)


def test_a_killed_recorder_loses_nothing_and_ends_no_game(served):
    players = begin_game(served)
    for kills in range(3):
        reach_recorder(players)
        for player in players:
            assert player.play(10) == {"next_frame": 10 * (kills + 1)}
        players[0].tell("hidden")
        kill_recorder(served)
    reach_recorder(players)
    assert play_to_the_end(players) == ["completed"] * 2
    match = match_of(served, players[0])
    assert (match["frames"], match["agreed"], match["end_reason"]) == (40, True, "completed")
    assert [it["frames"] for it in match["recordings"]] == [40, 40]
    lines = (folder_of(served, players[0]) / "events.jsonl").read_text().splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds.count("game_start") == kinds.count("game_ended") == 1
    assert kinds.count("finished") == 2
    assert "status -9" in served.log
    close_all(players)


def test_a_recorder_killed_after_all_have_finished_knows_that_they_have(served):
    players = begin_game(served)
    reach_recorder(players)
    for player in players:
        assert player.play(10, ends_at=10) == {"next_frame": 10}
    assert players[0].finish() == {}
    kill_recorder(served)
    players[1].reach_recorder()
    wait_until(lambda: players[1].finish() == {})
    match = match_of(served, players[0])
    assert [it["frames"] for it in match["recordings"]] == [10, 10]
    assert match["agreed"] is True
    close_all(players)


def test_only_the_key_of_a_seat_lets_a_page_in_and_only_for_its_game(served):
    players = begin_game(served)
    reach_recorder(players)
    others = begin_game(served)
    below = "/" + players[0].route["address"].removesuffix("/socket.io/")
    genuine = players[0].route["key"]
    forged = [None, "", "x", genuine[:-1], genuine + "x", players[0].page.token, {"key": genuine}]
    for key in forged:
        client = RawClient(served.port, below=below)
        client.send("40" + json.dumps({"key": key}))
        assert "invalid_key" in client.wait_for("44")
        client.close()
    payload = {"columns": players[0].columns, "first_frame": 0, "rows": rows_of(0, 5)}
    payload |= {"digest": players[0].digest_with(payload["rows"])}
    assert players[0].recorder.call("game_frames", {"game_id": others[0].game_id, **payload}) == []
    assert players[0].recorder.call("game_frames", {"nonsense": 1}) == []
    assert players[0].play(10) == {"next_frame": 10}
    assert players[1].play(10) == {"next_frame": 10}
    assert play_to_the_end(players) == ["completed"] * 2
    close_all(players + others)


def test_what_is_no_upload_is_not_taken_by_a_recorder(served):
    players = begin_game(served)
    reach_recorder(players)
    told = {"game_id": players[0].game_id, "reason": "idle"}
    players[0].recorder.send_event("game_quit", told)
    for nonsense in ("4", "42[]", '42["game_frames"]', '42["connect",{}]', "9", "x" * 20_000):
        players[0].recorder.send(nonsense)
    players[0].reach_recorder()
    assert play_to_the_end(players) == ["completed"] * 2
    close_all(players)


def test_who_floods_a_recorder_is_cut_off_and_others_play_on(served):
    players = begin_game(served)
    reach_recorder(players)
    elsewhere, flooding = begin_game(served), begin_game(served)
    flooding[0].reach_recorder()
    junk = {"game_id": flooding[0].game_id, "nonsense": "x" * 50_000}
    flood = ("42" + json.dumps(["game_frames", junk])).encode()
    with contextlib.suppress(OSError):
        flooding[0].recorder.socket.settimeout(0.2)
        for _ in range(300):
            flooding[0].recorder.send(flood.decode())
    for _ in range(5):
        for player in players:
            assert player.play(10) == {"next_frame": player.frames}
    assert play_to_the_end(players) == ["completed"] * 2
    close_all(players + elsewhere + flooding)


def test_many_connections_with_one_key_are_one(served):
    players = begin_game(served)
    first = players[0].reach_recorder().recorder
    players[0].recorder = None
    for _ in range(20):
        players[0].reach_recorder()
    first.wait_for("41")
    first.close()
    reach_recorder(players)
    assert play_to_the_end(players) == ["completed"] * 2
    close_all(players)


def test_pages_without_a_connection_to_the_recorder_upload_to_the_main_process(served):
    players = begin_game(served)
    for player in players:
        assert player.play(10) == {"next_frame": 10}
    players[0].reach_recorder()
    assert play_to_the_end(players) == ["completed"] * 2
    match = match_of(served, players[0])
    assert (match["frames"], match["agreed"]) == (20, True)
    # What comes after the end is the main process's.
    assert (
        players[1].page.call(
            "game_finished",
            {
                "game_id": players[1].game_id,
                "reason": "completed",
                "frames": 20,
                "digest": players[1].digest_with([]),
            },
        )
        == {}
    )
    close_all(players)


def test_games_are_shared_out_among_the_processes(serve):
    served = serve(recorders=2)
    games = [begin_game(served) for _ in range(3)]
    routes = [players[0].route and players[0].route["address"] for players in games]
    assert routes == ["recorder/1/socket.io/", "recorder/2/socket.io/", None]
    for players in games:
        if players[0].route:
            reach_recorder(players)
        assert play_to_the_end(players) == ["completed"] * 2
        close_all(players)


VARYING = (
    "game_id",
    "subject_id",
    "created_at",
    "ended_at",
    "seed",
    "session_tag",
    "waited_ms",
    "plan_digest",
)


def without_times(value):
    if isinstance(value, dict):
        return {
            key: without_times(item)
            for key, item in value.items()
            if key not in (*VARYING, "time", "at")
        }
    return [without_times(item) for item in value] if isinstance(value, list) else value


def files_of_a_game(served):
    """The files of a game in which pages tell of themselves, and copies come to differ."""
    players = begin_game(served)
    for player in players:
        if player.route:
            player.reach_recorder()
        assert player.play(10) == {"next_frame": 10}
        row = network({"peer_seat": 1 - player.seat, "rtt_ms": 20.5, "ticks": 30}, first=0)
        told = {"game_id": player.game_id, **row}
        for report in told["rows"]:
            report["age_ms"] = 0
        assert player.call("game_network", told) == {"next": 1}
        hidden = events({"kind": "hidden", "detail": {"text": "ä\n\ud83d"}}, first=0)
        # Acknowledged, so that it is told before anything that the other says.
        told = {"game_id": player.game_id, **hidden}
        assert player.page.call("game_events", told) == {"next": 1}
    assert players[0].play(10, score=1.0, ends_at=20) == {"next_frame": 20}
    assert players[1].play(10, score=2.0, ends_at=20) == {"next_frame": 20}
    for player in players:
        player.finish()
    wait_until(lambda: "verified" in match_of(served, players[0]))
    folder = folder_of(served, players[0])
    close_all(players)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_files_are_those_of_one_process_but_for_times(serve):
    alone, recorded = (
        files_of_a_game(serve(name, recorders=number)) for name, number in (("a", 0), ("b", 1))
    )
    assert alone.keys() == recorded.keys()
    assert len(alone) >= 5
    for name, content in alone.items():
        if name.startswith("frames"):
            assert content == recorded[name]
        elif name == "match.json":
            parsed = [without_times(json.loads(text)) for text in (content, recorded[name])]
            assert json.dumps(parsed[0], indent=2) == json.dumps(parsed[1], indent=2)
            assert len(content.splitlines()) == len(recorded[name].splitlines())
        elif name == "events.jsonl":
            lines = [
                [without_times(json.loads(line)) for line in text.splitlines()]
                for text in (content, recorded[name])
            ]
            assert lines[0] == lines[1]
        else:
            cells = [
                [line.split(b",")[1:] for line in text.splitlines()]
                for text in (content, recorded[name])
            ]
            assert cells[0] == cells[1]


def test_a_server_that_is_stopped_lets_games_end_and_leaves_no_recorder(serve):
    served = serve()
    players = begin_game(served)
    reach_recorder(players)
    (recorder,) = children_of(served.pid)
    for player in players:
        player.play(10)
    served.ask_to_stop()
    os.kill(recorder, signal.SIGTERM)
    os.kill(recorder, signal.SIGINT)
    for player in players:
        player.page.wait_for("server_stopping")
    assert play_to_the_end(players) == ["completed"] * 2
    assert served.wait_until_stopped() == 0
    assert has_ended(recorder)
    assert match_of(served, players[0])["frames"] == 20
    assert "started again" not in served.log
    close_all(players)


def test_a_killed_server_takes_its_recorder_along_and_goes_on_after_a_restart(serve):
    served = serve()
    players = begin_game(served)
    reach_recorder(players)
    for player in players:
        assert player.play(10) == {"next_frame": 10}
    (recorder,) = children_of(served.pid)
    served.kill()
    served.start()
    assert has_ended(recorder)
    for player in players:
        player.page = player.page.reconnect().connect()
        player.page.wait_for_scene("game")
    reach_recorder(players)
    assert play_to_the_end(players) == ["completed"] * 2
    match = match_of(served, players[0])
    assert (match["frames"], match["agreed"]) == (20, True)
    close_all(players)


def test_a_full_disk_holds_games_up_and_loses_nothing_even_of_a_recorder_that_is_killed(
    serve, tmp_path
):
    with small_disk(tmp_path / "study" / "data") as disk:
        served = serve()
        players = begin_game(served)
        reach_recorder(players)
        for player in players:
            assert player.play(10) == {"next_frame": 10}
        disk.fill()
        # What is not on disk is not acknowledged.
        for player in players:
            assert player.play(400) == {"next_frame": 10}
        players[0].tell("hidden")
        kill_recorder(served)
        disk.make_room()
        reach_recorder(players)
        for player in players:
            wait_until(lambda player=player: player.play(10) == {"next_frame": 20})
        assert play_to_the_end(players) == ["completed"] * 2
        match = match_of(served, players[0])
        assert [it["frames"] for it in match["recordings"]] == [30, 30]
        assert match["agreed"] is True
        lines = (folder_of(served, players[0]) / "events.jsonl").read_text().splitlines()
        kinds = [json.loads(line)["kind"] for line in lines]
        assert kinds.count("game_start") == kinds.count("game_ended") == 1
        close_all(players)
        served.stop()
