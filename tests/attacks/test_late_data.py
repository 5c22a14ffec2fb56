"""Data of a game that is over: its players' are taken, and nobody else's."""

import json

import pytest

from tests.support.browser_events import events, network
from tests.support.served_experiment import Page, ServedExperiment
from tests.support.uploading import Player, begin_game, close_all, rows_of, wait_until

FRAMES = 60


@pytest.fixture
def served(tmp_path):
    experiment = ServedExperiment(tmp_path, gameplay={"num_episodes": 1, "max_steps": FRAMES})
    yield experiment
    experiment.stop()


def match_of(served, player):
    return json.loads((served.data / "game" / player.game_id / "match.json").read_text())


def files_of(served, player):
    folder = served.data / "game" / player.game_id
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def play_without_the_last_rows(served):
    """Two play to the end, but for what one of them has not uploaded; returns both, in a game
    that is closed."""
    whole, short = players = begin_game(served)
    assert whole.upload(rows_of(0, FRAMES, ends_at=FRAMES)) == {"next_frame": FRAMES}
    assert whole.finish() == {}
    assert short.play(20) == {"next_frame": 20}
    short.say("game_quit", reason="idle")
    for player in players:
        player.page.wait_for("game_ended")
    wait_until(lambda: "ended_at" in match_of(served, whole))
    return whole, short


def later(served, player, page):
    """The same player's data from another page, which may be somebody else's."""
    other = Player.__new__(Player)
    other.__dict__ = {**player.__dict__, "page": page}
    return other


def test_a_later_page_of_the_same_browser_brings_the_rest_whoever_opens_it(served):
    whole, short = play_without_the_last_rows(served)
    token = short.page.token
    close_all([short])
    somebody = Page(served).connect()
    again = later(served, short, somebody)
    rest = rows_of(20, FRAMES, ends_at=FRAMES)
    assert again.upload(rest) is None
    assert again.upload(rest, token="x" + token[1:]) is None
    assert again.upload(rest, token=token) == {"next_frame": FRAMES}
    payload = {"game_id": short.game_id, "token": token}
    stall = {"kind": "stall", "age_ms": 3000}
    for _ in range(2):
        told = somebody.call("game_events", {**payload, **events(stall, first=0)})
        assert told == {"next": 1}
        assert somebody.call("game_network", {**payload, **network({"frame": 30})}) == {"next": 1}
    match = match_of(served, whole)
    assert [it["frames"] for it in match["recordings"]] == [FRAMES, FRAMES]
    assert [it["agreed"] for it in match["recordings"]] == [True, True]
    assert match["frames"] == FRAMES
    lines = files_of(served, whole)["events.jsonl"].decode().splitlines()
    assert sum(json.loads(line)["kind"] == "stall" for line in lines) == 1
    close_all([whole, again])


def test_nobody_else_can_add_to_a_game_or_reach_another_file(served):
    whole, short = play_without_the_last_rows(served)
    before = files_of(served, whole)
    mallory = later(served, short, Page(served).connect())
    own = mallory.page.token
    for token in (None, own, "", "x", own[:-1]):
        assert mallory.upload(rows_of(20, 30), token=token) is None
        finished = {"frames": 20, "digest": mallory.digest_with([]), "token": token}
        assert mallory.finish(**finished) is None
    for game_id in ("..", f"../game/{short.game_id}", "*", f"{short.game_id}/", "\0", "x" * 100):
        payload = {"columns": mallory.columns, "first_frame": 20, "rows": rows_of(20, 30)}
        payload |= {"game_id": game_id, "digest": "", "token": short.page.token}
        assert mallory.page.call("game_frames", payload) is None
    # Who has a seat cannot write what the game's own rules refuse, either.
    for rows in (rows_of(20, 22, score="=1+1"), rows_of(21, 23), rows_of(20, FRAMES + 9)):
        assert short.upload(rows) is None
    assert files_of(served, whole) == before
    assert "Traceback" not in served.log
    close_all([whole, short, mallory])
