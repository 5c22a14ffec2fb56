import json
from pathlib import Path

import pytest

from interactive_gym.verification.game_check import check_game
from interactive_gym.verification.resimulator import Played
from tests.support.simulated_network import game_config
from tests.support.verified_study import VerifiedStudy, stub_code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return VerifiedStudy(tmp_path).played("game", game_config(seed=3), stub_code())


def checked(folder: Path, played: Played):
    match = json.loads((folder / "match.json").read_text())
    return check_game(folder, match, lambda config, inputs: played)


def stored(folder: Path) -> tuple[list[str], list[str]]:
    header, *rows = (folder / "frames.csv").read_text().splitlines()
    return header.split(","), rows


def test_what_is_computed_alike_is_equal(folder: Path) -> None:
    columns, rows = stored(folder)
    outcome = checked(folder, Played(columns, rows, True, None))
    assert outcome.status == "equal" and outcome.frames > 0


def test_a_game_that_cannot_be_simulated_is_incomplete_and_not_different(folder: Path) -> None:
    outcome = checked(folder, Played(None, [], False, "no env"))
    assert (outcome.status, outcome.is_simulated) == ("incomplete", False)
    assert "no env" in outcome.missing[0]


def test_an_error_of_the_simulation_is_what_a_frame_differs_by(folder: Path) -> None:
    columns, rows = stored(folder)
    outcome = checked(folder, Played(columns, rows[: len(rows) // 2], False, "it fell over"))
    assert outcome.status == "differs"
    assert "it fell over" in str(outcome.differences[0])


def test_a_completed_game_reaches_its_end(folder: Path) -> None:
    columns, rows = stored(folder)
    outcome = checked(folder, Played(columns, rows, False, None))
    assert outcome.status == "incomplete"
    assert "do not reach its end" in outcome.missing[0]
