import pytest

from interactive_gym.verification.outcome import GameOutcome
from interactive_gym.verification.progress import Progress, fingerprint_of
from interactive_gym.verification.study import check_games, game_folders
from tests.support.simulated_network import game_config
from tests.support.verified_study import VerifiedStudy, stub_code


@pytest.fixture
def file(tmp_path):
    return tmp_path / "study.verified.jsonl"


def test_equal_games_are_remembered_and_no_others(file) -> None:
    progress = Progress(file)
    progress.note(GameOutcome("s", "equal", 7, confirmed_by="CPython"), "a")
    progress.note(GameOutcome("s", "without code", code_missing="gone"), "b")
    again = Progress(file)
    assert again.outcome_of("a") == GameOutcome("s", "equal", 7, confirmed_by="CPython")
    assert again.outcome_of("b") is None
    assert Progress(file, is_fresh=True).outcome_of("a") is None


def test_half_a_line_of_a_run_that_was_killed_is_left_out(file) -> None:
    Progress(file).note(GameOutcome("s", "one"), "a")
    file.write_bytes(file.read_bytes() + b'{"fingerprint": "b"')
    progress = Progress(file)
    progress.note(GameOutcome("s", "three"), "c")
    assert [Progress(file).outcome_of(it) is not None for it in "abc"] == [True, False, True]


def test_nothing_is_kept_without_a_file() -> None:
    progress = Progress(None)
    progress.note(GameOutcome("s", "one"), "a")
    assert progress.outcome_of("a") is None


def test_any_file_of_a_game_and_its_place_make_its_fingerprint(tmp_path) -> None:
    for game in ("one", "two"):
        (tmp_path / game).mkdir()
        (tmp_path / game / "frames.csv").write_text("a")
    first = fingerprint_of(tmp_path / "one")
    assert first != fingerprint_of(tmp_path / "two")
    (tmp_path / "one/frames.csv").write_text("b")
    assert first != fingerprint_of(tmp_path / "one")


def test_a_game_is_checked_again_once_a_file_or_its_code_has_changed(tmp_path, file) -> None:
    study, code = VerifiedStudy(tmp_path), stub_code()
    game = study.played("game", game_config(seed=3), code)

    def status() -> str:
        folders = game_folders(study.folder)
        (outcome,) = check_games(study.folder, folders, 1, Progress(file))
        return outcome.status

    assert [status(), status()] == ["equal", "equal"]
    assert len(file.read_text().splitlines()) == 1
    frames = game / "frames.csv"
    true = frames.read_text()
    frames.write_text(true.replace(",false,", ",true,", 1))
    assert status() == "differs"
    frames.write_text(true)
    assert status() == "equal"
    environment = study.folder / "code" / code.digest / "environment.py"
    environment.write_text(environment.read_text() + "#")
    assert status() == "code missing"
