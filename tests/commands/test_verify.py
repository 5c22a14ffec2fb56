import json

import pytest

from interactive_gym.cli import main
from interactive_gym.server.matchmaker import FIFOMatchmaker
from tests.support.audited_study import AuditedStudy, eventful_start
from tests.support.simulated_network import game_config
from tests.support.verified_study import VerifiedStudy, stub_code


@pytest.fixture
def study(tmp_path):
    return VerifiedStudy(tmp_path)


def verify(study, capsys, *options):
    status = main(["verify", str(study.folder), *options])
    return status, capsys.readouterr().out


def test_the_result_is_said_in_lines_and_in_json(study, capsys):
    game = study.played("game", game_config(seed=3), stub_code())
    frames = json.loads((game / "match.json").read_text())["frames"]
    status, out = verify(study, capsys)
    # Nobody was matched here, so there is no ledger.
    assert (status, "ledger of game: it is missing" in out) == (1, True)
    assert f"1 games: 1 equal; {frames} frames are proved." in out
    status, out = verify(study, capsys, "--json")
    told = json.loads(out)
    assert told["is_well"] is False
    assert [(it["game_id"], it["status"]) for it in told["games"]] == [("game", "equal")]
    assert told["ledgers"] == {"game": ["it is missing"]}


def test_a_cut_ledger_and_games_without_code_are_named(tmp_path, capsys):
    study = eventful_start(AuditedStudy(tmp_path, FIFOMatchmaker(150)))
    study.close()
    _, out = verify(study, capsys)
    assert "code missing: there is no code/" in out
    assert "1 ledgers: nothing differs." in out
    lines = study.path.read_text().splitlines(keepends=True)
    study.path.write_text("".join(lines[:-2]))
    status, out = verify(study, capsys)
    assert status == 1
    assert "ledger of game: " in out
    assert "lines are missing at the end" in out


def test_a_game_of_which_only_the_ledger_tells_is_missed(tmp_path, capsys):
    study = eventful_start(AuditedStudy(tmp_path, FIFOMatchmaker(150)))
    study.close()
    game = next(study.folder.glob("game/*/match.json")).parent
    for file in game.iterdir():
        file.unlink()
    game.rmdir()
    status, out = verify(study, capsys)
    assert status == 1
    assert f"game/{game.name}: incomplete: its folder is missing" in out


def test_a_folder_that_is_no_study_is_refused_with_one_sentence(tmp_path, capsys):
    assert main(["verify", str(tmp_path)]) == 2
    assert "name the folder of an experiment" in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "none")]) == 2
