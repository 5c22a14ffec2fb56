import json
import logging

from interactive_gym.server.data.stored_study import (
    ended_game,
    interrupted_games,
    interrupted_match,
    participant_lines,
)

NOW = "2026-11-26T12:00:00.000Z"


def game(folder, game_id, frames=None, **fields):
    path = folder / "scene" / game_id
    path.mkdir(parents=True)
    match = {"game_id": game_id, "agents": ["left", "right"], **fields}
    (path / "match.json").write_text(json.dumps(match))
    if frames is not None:
        (path / "frames.csv").write_text(frames)
    return lambda: json.loads((path / "match.json").read_text())


def test_all_lines_that_can_be_read_are_read_and_the_others_named(tmp_path, caplog):
    content = b'{"event": "a"}\n[]\n{"event": "b", \xff}\n{"event": "c"}\n{"eve'
    (tmp_path / "participants.jsonl").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert participant_lines(tmp_path) == [{"event": "a"}, {"event": "c"}]
    assert [f"line {n} is left out" in caplog.text for n in (1, 2, 3, 4, 5)] == [
        *(False, True, True, False, True)
    ]


def test_a_first_start_finds_nothing(tmp_path):
    assert participant_lines(tmp_path) == []
    assert interrupted_games(tmp_path) == []


def test_games_that_were_open_are_ended_with_what_had_arrived(tmp_path):
    game(tmp_path, "full", "header\n" + "row\n" * 6)
    game(tmp_path, "torn", "header\n" + "row\n" * 3 + "ro")
    game(tmp_path, "empty")
    game(tmp_path, "over", ended_at="earlier", end_reason="completed", agreed=True)
    games = interrupted_games(tmp_path)
    assert [it.match["game_id"] for it in games] == ["empty", "full", "torn"]
    assert {it.scene_id for it in games} == {"scene"}
    matches = {it.match["game_id"]: interrupted_match(it, NOW) for it in games}
    for name, frames in (("full", 3), ("torn", 1), ("empty", 0)):
        match = matches[name]
        assert (match["ended_at"], match["end_reason"]) == (NOW, "server_stopped")
        assert (match["frames"], match["agreed"]) == (frames, None)


def test_a_match_that_somebody_has_spoiled_is_left_alone_with_a_warning(tmp_path, caplog):
    for name, text in (("torn", "{"), ("list", "[]"), ("other", "{}"), ("bytes", "\udcff")):
        (tmp_path / "scene" / name).mkdir(parents=True)
        content = text.encode("utf-8", "surrogateescape")
        (tmp_path / "scene" / name / "match.json").write_bytes(content)
    game(tmp_path, "open")
    assert [it.match["game_id"] for it in interrupted_games(tmp_path)] == ["open"]
    for name in ("torn", "list", "other", "bytes"):
        assert ended_game(tmp_path, name) is None
        assert f"{name}/match.json is left alone" in caplog.text


def test_a_game_that_has_ended_is_found_by_its_id_and_nothing_else_is(tmp_path):
    game(tmp_path, "over", ended_at="earlier")
    game(tmp_path, "open")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/match.json").write_text('{"ended_at": "earlier"}')
    found = ended_game(tmp_path, "over")
    assert (found.scene_id, found.match["game_id"]) == ("scene", "over")
    for other in ("open", "none", "", "*", "ov?r", "../secret", "over/", ".", "..", "a/../over"):
        assert ended_game(tmp_path, other) is None


def test_the_events_of_a_game_are_those_that_can_be_read(tmp_path):
    game(tmp_path, "g")
    (it,) = interrupted_games(tmp_path)
    assert it.events() == []
    (tmp_path / "scene/g/events.jsonl").write_text('{"kind": "game_start"}\nnothing\n')
    assert it.events() == [{"kind": "game_start"}]
