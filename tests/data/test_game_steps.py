import json

import pandas as pd
import pytest

from interactive_gym.data import load_study
from interactive_gym.data.game_steps import NETWORK_FIGURES, true_copy
from interactive_gym.server.data.network_rows import COLUMNS
from interactive_gym.verification.study import Codes, check, match_of
from interactive_gym.verification.verdict import verdict_of
from tests.support.simulated_network import game_config
from tests.support.stub_game import StubGame
from tests.support.verified_study import VerifiedStudy, recorded, stub_code, with_reward


@pytest.fixture
def study(tmp_path) -> VerifiedStudy:
    return VerifiedStudy(tmp_path)


def change(game, **fields) -> None:
    match = json.loads((game / "match.json").read_text())
    (game / "match.json").write_text(json.dumps(match | fields))


def write_network(game, rows) -> None:
    lines = [",".join(str(row.get(name, "")) for name in COLUMNS) for row in rows]
    (game / "network.csv").write_text("\n".join([",".join(COLUMNS), *lines]) + "\n")


def with_a_forged_copy(study, tmp_path):
    """A game of which seat 1 has changed a reward, and the verification has said so."""
    honest = study.played("honest", game_config(seed=3), stub_code())
    columns, rows = recorded(honest)
    copies = {0: rows, 1: with_reward(rows, 5, "99.0")}
    game = study.stored("forged", game_config(seed=3), stub_code(), columns, copies)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    match = match_of(game)
    outcome = check(game, match, Codes(study.folder, scratch).of_game(match))
    change(game, verified=verdict_of(outcome, match))
    return game


def test_steps_go_on_with_the_copy_that_is_true(study, tmp_path) -> None:
    with_a_forged_copy(study, tmp_path)
    tables = load_study(study.folder)
    steps = dict(list(tables["steps"].groupby("game_id")))
    pd.testing.assert_frame_equal(
        steps["forged"].drop(columns="game_id").reset_index(drop=True),
        steps["honest"].drop(columns="game_id").reset_index(drop=True),
    )
    games = tables["games"].set_index("game_id")["steps_from"]
    assert (games["honest"], games["forged"]) == ("frames.csv", "frames.seat0.csv")


def test_steps_end_where_nobody_can_say_which_copy_is_true(study, tmp_path) -> None:
    game = with_a_forged_copy(study, tmp_path)
    verified = json.loads((game / "match.json").read_text())["verified"]
    for true_seats in ([], [0, 1]):
        change(game, verified=verified | {"true_seats": true_seats})
        assert true_copy(game, match_of(game)) == "frames.csv"
        steps = load_study(study.folder)["steps"]
        assert steps[steps["game_id"] == "forged"]["frame"].max() == 4


def test_of_true_copies_with_the_same_frames_the_longer_is_taken(tmp_path) -> None:
    (tmp_path / "frames.seat0.csv").write_text("frame\n1\n2\n")
    (tmp_path / "frames.seat2.csv").write_text("frame\n1\n2\n3\n")
    match = {"verified": {"true_seats": [0, 2]}}
    assert true_copy(tmp_path, match) == "frames.seat2.csv"


def test_every_frame_has_the_network_of_the_second_in_which_it_was_simulated(study) -> None:
    game = study.played("a", game_config(3, seed=3), stub_code(3), lambda: StubGame(3))
    rows = [
        {"seat": seat, "frame": frame, "peer_seat": peer, "rtt_ms": 10 * seat + peer + frame}
        | {"rollbacks": frame % 7 + peer}
        for seat in (0, 1)
        for frame in (7, 30, 55)
        for peer in (0, 1, 2)
        if peer != seat
    ]
    write_network(game, rows)
    tables = load_study(study.folder)
    steps = tables["steps"]
    worst = pd.DataFrame(rows).groupby(["seat", "frame"], as_index=False).max()
    expected = pd.merge_asof(
        steps[["seat", "frame", "agent"]].astype({"seat": int, "frame": int}).sort_values("frame"),
        worst.sort_values("frame"),
        on="frame",
        by="seat",
        direction="forward",
        allow_exact_matches=False,
    ).sort_values(["frame", "agent"])
    assert expected["rtt_ms"].notna().sum() > 100
    for name in ("rtt_ms", "rollbacks"):
        found = steps[name].astype("Float64").fillna(-1).tolist()
        assert found == expected[name].fillna(-1).tolist()
    assert len(tables["network"]) == len(rows)
    assert set(tables["network"]["subject_id"]) == {"subject_0", "subject_1"}


def test_steps_name_condition_and_probed_rtt(study) -> None:
    game = study.played("a", game_config(seed=3), stub_code())
    change(
        game,
        latency={"target_ms": 120, "levels_ms": [0, 50], "level_ms": 50},
        edges=[{"seats": [0, 1], "rtt_ms": 33.5}],
    )
    arrival = {"kind": "arrival", "subject_id": "subject_1", "attributes": {"condition": "b"}}
    (game.parent / "matching.jsonl").write_text(json.dumps(arrival) + "\n")
    steps = load_study(study.folder)["steps"]
    assert set(steps["level_ms"]) == {50} and set(steps["probed_rtt_ms"]) == {33.5}
    with_attributes = steps.dropna(subset="attributes")
    assert set(with_attributes["subject_id"]) == {"subject_1"}
    assert set(with_attributes["attributes"]) == {'{"condition": "b"}'}


def test_the_figures_are_columns_of_the_networks_file() -> None:
    assert set(NETWORK_FIGURES) <= set(COLUMNS)


def test_a_row_with_other_cells_than_the_header_is_named(study) -> None:
    game = study.played("a", game_config(seed=3), stub_code())
    file = game / "frames.csv"
    file.write_text(file.read_text() + "1,2,3\n4,5,6\n")
    with pytest.raises(ValueError, match="row of 3 cells"):
        load_study(study.folder)
