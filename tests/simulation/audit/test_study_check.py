import json
import shutil

import pytest

from interactive_gym.server.ledger.schema import ExitLine
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.audit.study_check import check_exits, check_games
from interactive_gym.simulation.ledger_replay import parse_ledger, read_lines
from tests.support.audited_study import AuditedStudy, answer, eventful_start


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    study = AuditedStudy(tmp_path_factory.mktemp("study"), FIFOMatchmaker(150))
    study.prober.inside = answer
    eventful_start(study).close()
    return study.folder


@pytest.fixture
def folder(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "copy") / "game"


def lines_of(folder):
    return [line for _, line in read_lines(parse_ledger((folder / "matching.jsonl").read_text()))]


def whats(findings):
    return [finding.what for finding in findings]


def rewrite(path, change):
    path.write_text(change(path.read_text()))


def test_a_study_agrees_with_its_ledger(folder):
    lines = lines_of(folder)
    exits = sum(isinstance(line, ExitLine) for line in lines)
    assert check_exits(lines, folder) == ([], exits)
    found, games = check_games(lines, folder)
    assert found == [] and games == len(list(folder.glob("*/match.json"))) > 1


def test_an_exit_that_only_one_of_the_files_tells_of_is_named(folder):
    lines = lines_of(folder)
    path = folder.parent / "participants.jsonl"
    rewrite(path, lambda text: text.replace('"waitroom_timeout"', '"boredom"', 1))
    (said,) = whats(check_exits(lines, folder)[0])
    assert "'waitroom_timeout' after" in said and "has 'boredom' after" in said
    kept = [row for row in path.read_text().splitlines() if '"boredom"' not in row]
    path.write_text("".join(f"{row}\n" for row in kept))
    (said,) = whats(check_exits(lines, folder)[0])
    assert said.endswith("and participants.jsonl does not")
    without_exits = [line for line in lines if not isinstance(line, ExitLine)]
    assert all(
        "no line tells that" in what for what in whats(check_exits(without_exits, folder)[0])
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("seed", 7, "its seed is another"),
        ("plan_digest", "0", "its plan_digest is another"),
        ("end_reason", "partner_lost", "its reason is another"),
        ("cuts", [{"seat": 1, "reason": "absent"}], "its cuts is another"),
        ("desync", {"frame": 3}, "its desync is another"),
    ],
)
def test_a_game_that_was_another_is_named(folder, field, value, said):
    path = sorted(folder.glob("*/match.json"))[0]
    match = json.loads(path.read_text())
    path.write_text(json.dumps({**match, field: value}))
    (what,) = whats(check_games(lines_of(folder), folder)[0])
    assert what.startswith(said)


def test_a_game_that_was_amended_may_differ_in_all_but_why_it_ended(folder):
    path = sorted(folder.glob("*/match.json"))[0]
    amended = {**json.loads(path.read_text()), "amended_at": "later", "desync": {"frame": 3}}
    path.write_text(json.dumps(amended))
    assert check_games(lines_of(folder), folder)[0] == []
    path.write_text(json.dumps({**amended, "end_reason": "desync"}))
    assert len(check_games(lines_of(folder), folder)[0]) == 1


def test_a_folder_that_no_line_tells_of_and_a_file_that_cannot_be_read_are_named(folder):
    games = sorted(folder.glob("*/match.json"))
    shutil.copytree(games[0].parent, folder / "unknown")
    games[1].write_text("{")
    said = whats(check_games(lines_of(folder), folder)[0])
    assert any("its match.json cannot be read" in what for what in said)
    assert said[-1] == "there is a folder of a game unknown that no line tells of"
