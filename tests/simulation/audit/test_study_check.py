import json

import pytest

from interactive_gym.server.ledger.schema import ExitLine, GameEndedLine, MatchedLine, PlanLine
from interactive_gym.simulation.audit.study_check import check_exits, check_games


@pytest.fixture
def scene_folder(tmp_path):
    (tmp_path / "game").mkdir()
    return tmp_path / "game"


def told_of(scene_folder, *exits):
    lines = [
        {
            "event": "waitroom_ended",
            "scene_id": "game",
            "subject_id": who,
            "reason": why,
            "waited_ms": waited_ms,
        }
        for who, why, waited_ms in exits
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (scene_folder.parent / "participants.jsonl").write_text(text)


A, B = ExitLine("a", "idle", 5), ExitLine("b", "waitroom_timeout", 9)
PLAN = PlanLine({}, "")


def test_the_same_exits_are_confirmed(scene_folder):
    told_of(scene_folder, ("a", "idle", 5), ("b", "waitroom_timeout", 9), ("a", "idle", 6))
    assert check_exits([PLAN, A, B, ExitLine("a", "idle", 6)], scene_folder) == ([], 3)


def test_other_reasons_and_exits_that_one_of_both_does_not_have_are_named(scene_folder):
    told_of(scene_folder, ("a", "reloaded", 5), ("c", "idle", 1))
    found, confirmed = check_exits([PLAN, A, B, PLAN, B, PLAN], scene_folder)
    assert confirmed == 0
    assert [finding.line_number for finding in found] == [2, None]
    assert "participants.jsonl has 'reloaded'" in found[0].what
    assert "no line tells that c left" in found[1].what


def test_a_server_may_be_killed_between_the_two_files(scene_folder):
    told_of(scene_folder)
    assert check_exits([PLAN, A], scene_folder) == ([], 0)
    assert len(check_exits([PLAN, A, B], scene_folder)[0]) == 1


MATCH = {"group": [{"seat": 0}], "edges": [], "seed": 3, "plan_digest": "d"}
MATCHED = MatchedLine("g1", **MATCH)
ENDED = GameEndedLine("g1", "completed", [{"seat": 0, "reason": "idle"}], None)


def stored(scene_folder, game_id="g1", **changes):
    (scene_folder / game_id).mkdir()
    match = {**MATCH, "end_reason": "completed", "cuts": [{"seat": 0, "reason": "idle", "at": "x"}]}
    (scene_folder / game_id / "match.json").write_text(json.dumps(match | changes))


def test_the_same_games_are_confirmed_and_those_without_a_folder_left(scene_folder):
    stored(scene_folder)
    other = MatchedLine("g2", **MATCH)
    assert check_games([PLAN, MATCHED, ENDED, other], scene_folder) == ([], 1)


@pytest.mark.parametrize(
    ("changes", "line", "what"),
    [
        ({"seed": 4}, 2, "its seed is another"),
        ({"group": []}, 2, "its group is another"),
        ({"end_reason": "desync"}, 3, "its reason is another"),
        ({"cuts": []}, 3, "its cuts is another"),
        ({"desync": {"frame": 1}}, 3, "its desync is another"),
    ],
)
def test_what_differs_from_a_match_is_named(scene_folder, changes, line, what):
    stored(scene_folder, **changes)
    (finding,) = check_games([PLAN, MATCHED, ENDED], scene_folder)[0]
    assert (finding.line_number, what in finding.what) == (line, True)


def test_late_data_may_change_all_but_why_a_game_ended(scene_folder):
    stored(scene_folder, amended_at="x", cuts=[], desync={"frame": 1})
    assert check_games([PLAN, MATCHED, ENDED], scene_folder) == ([], 1)


def test_a_folder_that_no_line_tells_of_is_named(scene_folder):
    stored(scene_folder, "g7")
    (finding,) = check_games([PLAN], scene_folder)[0]
    assert "a game g7 that no line tells of" in finding.what


@pytest.mark.parametrize(("reason", "count"), [("completed", 1), ("server_stopped", 0), (None, 0)])
def test_a_game_that_ended_needs_its_line_unless_a_restart_ended_it(scene_folder, reason, count):
    stored(scene_folder, end_reason=reason)
    found, confirmed = check_games([PLAN, MATCHED], scene_folder)
    assert (len(found), confirmed) == (count, 1)
    assert all("no line tells of the end of the game g1" in finding.what for finding in found)
