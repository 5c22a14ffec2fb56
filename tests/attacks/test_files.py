"""A disk that fails while people play.

Nothing is lost, nothing is acknowledged that is not on disk, and everyone can go on.
"""

import json
import shutil
from contextlib import contextmanager

import pandas as pd
import pytest

from tests.support.served_experiment import Page, ServedExperiment
from tests.support.small_disk import small_disk
from tests.support.uploading import begin_game, close_all, wait_until


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "data") as mounted:
        yield mounted


@pytest.fixture
def served(request, tmp_path):
    if "disk" in request.fixturenames:
        request.getfixturevalue("disk")
    experiment = ServedExperiment(tmp_path)
    yield experiment
    experiment.stop()


def stored_rows(served, player):
    path = served.data / "game" / player.game_id / "frames.csv"
    return path.read_text().splitlines()[1:] if path.exists() else []


def test_while_the_disk_is_full_everyone_goes_on_and_afterwards_everything_is_there(disk, served):
    waiting = Page(served).connect()
    waiting.wait_for_scene("start")
    players = begin_game(served)
    one, two = players
    assert one.play(10) == two.play(10) == {"next_frame": 10}
    disk.fill()
    # What is not on disk is not acknowledged, and asked for again.
    for player in players:
        for _ in range(3):
            assert player.play(300, score=0.123456789) == {"next_frame": 10}
    assert stored_rows(served, one) == one.lines
    # Neither moving on, nor coming, nor a new game depends on a file.
    waiting.send("advance_scene", {"scene_id": "start"})
    waiting.wait_for_scene("game")
    newcomer = Page(served, query="?PROLIFIC_PID=CAME_MEANWHILE").connect()
    newcomer.into_waitroom()
    waiting.send("join_game", {"scene_id": "game"})
    assert (
        newcomer.wait_for("game_created")["game_id"] == waiting.wait_for("game_created")["game_id"]
    )
    newcomer.close()
    waiting.close()
    disk.make_room()
    for player in players:
        assert player.play(30, score=0.123456789) == {"next_frame": 40}
    assert stored_rows(served, one) == one.lines == two.lines
    wait_until(lambda: "Files are written again" in served.log)
    close_all(players)
    lines = served.participant_lines()
    mine = [line for line in lines if line["subject_id"] == lines[-1]["subject_id"]]
    assert [line["event"] for line in mine][:2] == ["started", "scene_entered"]
    assert "CAME_MEANWHILE" in served.recruitment_ids()
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    ledger = pd.read_json(served.data / "game" / "matching.jsonl", lines=True)
    assert (ledger.kind == "matched").sum() == 2
    assert all(json.loads(path.read_text()) for path in served.data.rglob("match.json"))
    told = [line for line in served.log.splitlines() if " since " in line]
    assert len(told) == 2, told
    assert "Disk full" in told[0]
    assert "0 were lost" in told[1]
    assert "Traceback" not in served.log


def test_frames_for_a_folder_that_was_deleted_are_not_acknowledged(tmp_path):
    with closing_served(ServedExperiment(tmp_path)) as served:
        one, two = players = begin_game(served)
        assert one.play(20) == {"next_frame": 20}
        assert two.play(10) == {"next_frame": 10}
        shutil.rmtree(served.data)
        assert one.play(10) == {"next_frame": 20}
        # Not even what the server has compared before, and thinks that it has.
        assert two.play(10) == {"next_frame": 10}
        # What comes afterwards is kept as always.
        later = begin_game(served)
        assert [player.play(10) for player in later] == [{"next_frame": 10}] * 2
        assert stored_rows(served, later[0]) == later[0].lines
        assert "Folder gone since" in served.log
        close_all([*players, *later])


def test_a_folder_that_was_moved_away_and_back_has_everything(tmp_path):
    with closing_served(ServedExperiment(tmp_path)) as served:
        one, two = players = begin_game(served)
        assert one.play(10) == {"next_frame": 10}
        game = served.data / "game" / one.game_id
        game.rename(tmp_path / "elsewhere")
        assert one.play(10) == {"next_frame": 10}
        assert two.play(10) == {"next_frame": 0}
        one.tell("stall", {"ticks": 1})
        wait_until(lambda: "Folder gone since" in served.log)
        (tmp_path / "elsewhere").rename(game)
        assert one.play(10) == {"next_frame": 20}
        assert two.play(20) == {"next_frame": 20}
        assert stored_rows(served, one) == one.lines
        wait_until(lambda: "stall" in (game / "events.jsonl").read_text())
        close_all(players)


@contextmanager
def closing_served(served):
    try:
        yield served
    finally:
        served.stop()


def test_a_restarted_server_mends_what_a_power_failure_has_torn(tmp_path):
    served = ServedExperiment(tmp_path)
    players = begin_game(served)
    assert players[0].play(10) == {"next_frame": 10}
    close_all(players)
    served.stop()
    torn = [path for path in served.data.rglob("*") if path.suffix in (".jsonl", ".csv")]
    assert len(torn) >= 4
    whole = {path: path.read_bytes() for path in torn}
    for number, path in enumerate(torn):
        path.write_bytes(whole[path] + (b'{"time": "2' if number % 2 else b"\0\0\0"))
    again = ServedExperiment(tmp_path)
    page = Page(again).connect()
    page.wait_for_scene("start")
    wait_until(lambda: len(again.participant_lines()) >= 2)
    page.close()
    for path in torn:
        assert path.read_bytes().startswith(whole[path])
        if path.suffix == ".jsonl":
            pd.read_json(path, lines=True)
    assert again.log.count("ended with half a line") == len(torn)
    again.stop()
