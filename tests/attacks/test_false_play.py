"""A participant of a real game who lies about it, and partners for whom nothing is spoilt.

The partners play on, their data are kept as they sent them, and the game has the end that it would
have had if the liar had just left.
"""

import csv
import json

import pytest

from interactive_gym.netcode.recorder import BASE_COLUMNS
from tests.support.served_experiment import ServedExperiment
from tests.support.uploading import begin_game, close_all, rows_of, wait_until

FRAMES = 60


def serve(folder, *agents):
    return ServedExperiment(
        folder,
        agents=agents,
        gameplay={"num_episodes": 1, "max_steps": FRAMES},
        reconnection_config={"timeout_ms": 15_000, "continue_with": "neutral"},
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    experiment = serve(tmp_path_factory.mktemp("two"), "left", "right")
    yield experiment
    experiment.stop()


@pytest.fixture(scope="module")
def served_three(tmp_path_factory):
    experiment = serve(tmp_path_factory.mktemp("three"), "left", "right", "third")
    yield experiment
    experiment.stop()


@pytest.fixture
def players(served):
    two = begin_game(served)
    yield two
    close_all(two)


def folder_of(served, player):
    return served.data / "game" / player.game_id


def closed_match(served, player):
    path = folder_of(served, player) / "match.json"
    return wait_until(lambda: match if "ended_at" in (match := json.loads(path.read_text())) else 0)


def stored(served, player, name="frames.csv"):
    return (folder_of(served, player) / name).read_text().splitlines()[1:]


def play_to_the_end(player):
    first = player.frames
    assert player.upload(rows_of(first, FRAMES, ends_at=FRAMES)) == {"next_frame": FRAMES}
    assert player.finish() == {}


def heard(player, event):
    return [payload for name, *payload in player.page.received if name == event]


def assert_played_on(served, honest, reason):
    """The partner was told of nothing but the liar's departure, and plays to the end."""
    assert heard(honest, "game_ended") == []
    play_to_the_end(honest)
    assert honest.page.wait_for("game_ended")["reason"] == "completed"
    match = closed_match(served, honest)
    assert [(cut["seat"], cut["reason"]) for cut in match["cuts"]] == reason
    return match


@pytest.mark.parametrize("seat", [0, 1])
@pytest.mark.parametrize("frames", [0, 30])
def test_an_end_after_a_second_is_the_liars_own(served, players, seat, frames):
    liar, honest = players[seat], players[1 - seat]
    for player in players:
        if frames:
            assert player.play(frames) == {"next_frame": frames}
    assert liar.finish() == {}
    assert liar.page.wait_for("game_ended")["reason"] == "unfinished"
    assert honest.page.wait_for("game_cut") == {
        "game_id": honest.game_id,
        "seat": seat,
        "reason": "unfinished",
    }
    match = assert_played_on(served, honest, [(seat, "unfinished")])
    assert stored(served, honest) == honest.lines
    assert (match["end_reason"], match["frames"]) == ("completed", FRAMES)


@pytest.mark.parametrize("reason", ["desync", "engine_error", "partner_lost"])
def test_whatever_end_a_liar_claims_it_is_theirs(served, players, reason):
    liar, honest = players
    assert liar.finish(reason) == {}
    told = liar.page.wait_for("game_ended")["reason"]
    assert told == ("unfinished" if reason == "partner_lost" else reason)
    assert_played_on(served, honest, [(0, told)])


def test_frames_beyond_the_last_possible_one_are_refused(served, players):
    liar, honest = players
    last = rows_of(0, FRAMES, ends_at=FRAMES)
    assert liar.upload([*last, *rows_of(FRAMES, FRAMES + 1)]) is None
    assert liar.upload(rows_of(0, FRAMES + 1)) is None
    assert liar.upload(last) == {"next_frame": FRAMES}
    assert liar.upload(rows_of(FRAMES, FRAMES + 1)) is None
    assert honest.upload(last) == {"next_frame": FRAMES}
    assert stored(served, honest) == last
    assert "the game has no frame 60" in served.log


FORGED = {
    "a reward that is no number": ("0.0", "banana"),
    "a formula as reward": ("0.0", "=cmd()"),
    "a formula as an action": (",0,false,", ",=cmd(),false,"),
    "an action that nobody has": (",0,false,", ",7,false,"),
    "a flag that is none": (",false,0.0", ",perhaps,0.0"),
    "another step": ("0,0,0,", "0,0,5,"),
    "another episode": ("0,0,0,", "0,3,0,"),
    "another agent": (",left,", ",mallory,"),
    "an end that is none": ("0.0,false,false", "0.0,yes,false"),
    "nobody at the keys": (",0,false,", ",0,,"),
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_cell_of_another_type_is_refused_and_the_honest_row_taken(served, players, forged):
    liar, honest = players
    rows = rows_of(0, 1)
    assert liar.upload([rows[0].replace(*FORGED[forged]), rows[1]]) is None
    assert honest.upload(rows) == liar.upload(rows) == {"next_frame": 1}
    assert stored(served, honest) == rows


@pytest.mark.parametrize("info", ["=cmd()", "@SUM(A1)", "+1", '"-1+1|x"', "a;=1"])
def test_no_spreadsheet_formula_comes_into_a_table(served, players, info):
    liar, honest = players
    liar.columns = [*BASE_COLUMNS, "info_note"]
    assert liar.upload([f"{row},{info}" for row in rows_of(0, 1)]) is None
    assert liar.upload([f"{row},fine" for row in rows_of(0, 1)]) == {"next_frame": 1}
    liar.columns = [*BASE_COLUMNS, "info_x;=cmd()"]
    assert honest.play(1) == {"next_frame": 1}


def test_whoever_uploads_first_decides_neither_columns_nor_rows(served, players):
    liar, honest = players
    liar.columns = [*BASE_COLUMNS, "info_made_up"]
    assert liar.upload([f"{row},1" for row in rows_of(0, 30, score=9.0)]) == {"next_frame": 30}
    for _ in range(3):
        assert honest.play(10)["next_frame"] == honest.frames
    match = json.loads((folder_of(served, honest) / "match.json").read_text())
    assert match["desync"] == {"frame": 0, "seats": [0, 1], "part": "rows"}
    assert stored(served, honest) == []
    assert stored(served, honest, "frames.seat1.csv") == honest.lines
    assert stored(served, honest, "frames.seat0.csv") == liar.lines
    with (folder_of(served, honest) / "frames.seat0.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["info_made_up"] == "1"
    # It ends no game, and the honest one has played it to its end.
    play_to_the_end(honest)
    assert liar.finish() == {}
    assert honest.page.wait_for("game_ended")["reason"] == "completed"
    match = closed_match(served, honest)
    assert (match["end_reason"], match["agreed"]) == ("desync", False)
    assert [copy["agreed"] for copy in match["recordings"]] == [False, False]


def test_one_of_two_cannot_throw_out_a_partner_who_is_there(served, players):
    liar, honest = players
    for _ in range(3):
        liar.say("game_peer_lost", seat=1)
    honest.play(10)
    wait_until(lambda: liar.say("game_peer_lost", seat=1) or heard(liar, "game_ended"))
    assert heard(liar, "game_ended")[0][0]["reason"] == "unwitnessed"
    assert_played_on(served, honest, [(0, "unwitnessed")])


def test_one_of_three_cannot_throw_out_a_partner_who_is_there(served_three):
    three = begin_game(served_three, size=3)
    liar, others = three[2], three[:2]
    wait_until(lambda: liar.say("game_peer_lost", seat=0) or heard(liar, "game_ended"))
    assert heard(liar, "game_ended")[0][0]["reason"] == "unwitnessed"
    for player in others:
        assert player.page.wait_for("game_cut")["seat"] == 2
        assert heard(player, "game_ended") == []
    close_all(three)


def test_two_of_three_who_no_longer_hear_the_third_are_believed(served_three):
    three = begin_game(served_three, size=3)
    lost, witnesses = three[0], three[1:]

    def both_say_so():
        for player in witnesses:
            player.say("game_peer_lost", seat=0)
        return heard(lost, "game_ended")

    wait_until(both_say_so)
    assert heard(lost, "game_ended")[0][0]["reason"] == "connection_lost"
    close_all(three)
