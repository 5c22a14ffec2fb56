"""The server is killed at a random moment while people play, and started again, over and over.

Whatever it has acknowledged is on disk, no line is torn, and the next start goes on in the same
folder. `KILLS` says how often; three times unless told otherwise.
"""

import csv
import json
import os
import queue
import random
import threading
import time

import pytest

from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.simulation.ledger_audit import audit
from tests.support.browser_events import network
from tests.support.served_experiment import ServedExperiment
from tests.support.uploading import Player, begin_game, rows_of

KILLS = int(os.environ.get("KILLS", "3"))
GAMES = 2
FRAMES_AT_ONCE = 15


def upload_until_killed(player: Player) -> None:
    """Play as fast as the server acknowledges, with an event and a row of the network each time."""
    answers: queue.Queue = queue.Queue()
    while True:
        rows = rows_of(player.frames, player.frames + FRAMES_AT_ONCE)
        payload = {"columns": player.columns, "first_frame": player.frames, "rows": rows}
        payload |= {"game_id": player.game_id, "digest": player.digest_with(rows)}
        try:
            player.page.client.emit("game_frames", payload, callback=answers.put)
            player.tell("stall", {"ticks": 1})
            row = {"frame": player.frames, "ticks": 30, "peer_seat": 1 - player.seat}
            player.say("game_network", **network(row, first=player.events - 1))
        except Exception:
            return
        while True:
            try:
                answer = answers.get(timeout=0.05)
                break
            except queue.Empty:
                if not player.page.client.connected:
                    return
        assert answer == {"next_frame": player.frames + FRAMES_AT_ONCE}
        player.lines += rows


def whole_files(folder):
    """The content of all files that are appended to; every line of them must be whole."""
    contents = {}
    for path in folder.rglob("*"):
        if path.suffix == ".jsonl":
            for line in path.read_text().splitlines():
                assert isinstance(json.loads(line), dict), path
        elif path.suffix == ".csv":
            with path.open(newline="") as file:
                header, *rows = csv.reader(file)
            assert {len(row) for row in rows} <= {len(header)}, path
        else:
            if path.name == "match.json":
                assert json.loads(path.read_text())["group"]
            continue
        contents[path] = path.read_bytes()
        assert contents[path].endswith(b"\n"), path
    return contents


def test_nothing_acknowledged_is_lost_and_nothing_torn_at_whatever_moment_it_is_killed(tmp_path):
    seed = random.SystemRandom().getrandbits(32)
    rng = random.Random(seed)
    acknowledged, before, pages = 0, {}, 0
    for number in range(KILLS):
        served = ServedExperiment(tmp_path)
        games = [begin_game(served) for _ in range(GAMES)]
        pages += 2 * GAMES
        players = [player for game in games for player in game]
        sockets = [player.page.client.eio.ws for player in players]
        threads = [threading.Thread(target=upload_until_killed, args=(who,)) for who in players]
        for thread in threads:
            thread.start()
        time.sleep(rng.uniform(0.0, 1.0))
        served.kill()
        for thread in threads:
            thread.join()
        for connection in sockets:
            # The client leaves it open if the server vanishes.
            connection.shutdown()
        where = f"kill {number} of seed {seed}"
        after = whole_files(served.data)
        for path, content in before.items():
            assert after[path].startswith(content), (where, path)
        for player in players:
            game = served.data / "game" / player.game_id
            stored = (game / "frames.csv").read_text() if player.lines else ""
            assert stored.splitlines()[1:][: len(player.lines)] == player.lines, where
            acknowledged += player.frames
        started = [line for line in served.participant_lines() if line["event"] == "started"]
        assert len(started) == pages, where
        ledger = audit(served.data / "game" / "matching.jsonl", plan_matchmaker)
        assert ledger.findings == [], where
        assert ledger.chain.attested is not None and not ledger.chain.is_closed, where
        before = after
    assert acknowledged > 0
    print(f"{KILLS} kills, {acknowledged} acknowledged frames, none lost")


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level("CRITICAL")
