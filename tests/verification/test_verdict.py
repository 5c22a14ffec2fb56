"""What match.json says of a game that was simulated again, and whom it names."""

import json
from pathlib import Path

import pytest

from interactive_gym.netcode.resimulation import resimulate
from interactive_gym.verification.progress import Progress
from interactive_gym.verification.study import check_games
from interactive_gym.verification.verdict import MAX_FINDINGS, verdict_of
from tests.support.simulated_network import game_config
from tests.support.stub_game import StubGame
from tests.support.verified_study import VerifiedStudy, recorded, stub_code, with_reward

CONFIG = game_config(seed=3)
CODE = stub_code()


@pytest.fixture
def study(tmp_path: Path) -> VerifiedStudy:
    return VerifiedStudy(tmp_path)


@pytest.fixture
def true_game(study):
    """The columns and rows of a game as it was played."""
    return recorded(study.played("true", CONFIG, CODE))


def verdict_on(study: VerifiedStudy, game: Path):
    (outcome,) = check_games(study.folder, [game], 1, Progress(None))
    return verdict_of(outcome, json.loads((game / "match.json").read_text()))


def test_a_true_game_is_equal_and_names_nobody(study, true_game) -> None:
    _, rows = true_game
    verdict = verdict_on(study, study.folder / "game" / "true")
    assert verdict == {
        "status": "equal",
        "by": "CPython",
        "frames": len(rows) // 2,
        "findings": [],
        "true_seats": [],
        "untrue_seats": [],
    }


@pytest.mark.parametrize(("honest", "forger"), [(0, 1), (1, 0)])
def test_of_copies_that_differ_the_true_one_and_the_untrue_one_are_told(
    study, true_game, honest, forger
) -> None:
    columns, rows = true_game
    copies = {honest: rows, forger: with_reward(rows, 30, "1.0")}
    game = study.stored("forged", CONFIG, CODE, columns, copies, reason="desync")
    verdict = verdict_on(study, game)
    assert verdict["status"] == "differs"
    assert (verdict["true_seats"], verdict["untrue_seats"]) == ([honest], [forger])
    assert "differs at frame 30 in column reward" in verdict["findings"][0]


def test_all_who_uploaded_what_they_made_up_together_are_named(study, true_game) -> None:
    columns, rows = true_game
    forged = with_reward(rows, 30, "1.0")
    game = study.stored("both", CONFIG, CODE, columns, {0: forged, 1: forged})
    assert verdict_on(study, game)["untrue_seats"] == [0, 1]


def test_who_was_gone_before_the_made_up_frame_is_not_named(study, true_game) -> None:
    columns, rows = true_game
    copies = {0: with_reward(rows, 30, "1.0"), 1: rows[:40]}
    game = study.stored("gone", CONFIG, CODE, columns, copies, reason="partner_lost")
    assert verdict_on(study, game)["untrue_seats"] == [0]


def test_copies_that_are_all_true_name_nobody(study, true_game) -> None:
    columns, _ = true_game
    inputs = [bytes([n % 4, 1]) for n in range(500)]
    rows, _ = resimulate(StubGame(), CONFIG, inputs)
    others, _ = resimulate(StubGame(), CONFIG, [*inputs[:25], b"\x02\x02", *inputs[26:]])
    game = study.stored("two", CONFIG, CODE, columns, {0: rows, 1: others}, reason="desync")
    verdict = verdict_on(study, game)
    assert verdict["status"] == "differs"
    assert (verdict["true_seats"], verdict["untrue_seats"]) == ([0, 1], [])


def test_what_the_server_wrote_wrongly_names_nobody(study, true_game) -> None:
    game = study.folder / "game" / "true"
    match = json.loads((game / "match.json").read_text())
    (game / "match.json").write_text(json.dumps(match | {"frames": 3}))
    verdict = verdict_on(study, game)
    assert (verdict["status"], verdict["untrue_seats"]) == ("differs", [])


def test_only_the_first_findings_are_kept(study, true_game) -> None:
    game = study.folder / "game" / "true"
    match = json.loads((game / "match.json").read_text())
    match["cuts"] = [{"seat": 0, "frames": number} for number in range(MAX_FINDINGS + 5)]
    (game / "match.json").write_text(json.dumps(match))
    assert len(verdict_on(study, game)["findings"]) == MAX_FINDINGS
