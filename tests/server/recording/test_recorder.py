"""The records that a recorder keeps, and takes up from their files when it is started anew."""

import hashlib
import json

import pytest

from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from interactive_gym.server.games.events import GameFinished, GameFrames
from interactive_gym.server.recording.messages import Open, Write
from interactive_gym.server.recording.recorder import Recorder
from tests.support.uploading import rows_of

AT = "2026-01-01T10:00:00.000Z"
MATCH = {
    "game_id": "game-1",
    "agents": ["left", "right"],
    "group": [{"seat": 0, "agent": "left"}, {"seat": 1, "agent": "right"}],
    "created_at": AT,
    "fps": 30,
    "num_episodes": 1,
    "max_steps": 20,
}
OPEN = Open(1, "game-1", "game", MATCH)
START = Write(2, "game-1", "log_event", {"kind": "game_start"}, AT)
CUT = Write(3, "game-1", "note_cut", {"seat": 1, "reason": "idle"}, AT)
CLOSE = Write(4, "game-1", "close", {"reason": "partner_lost"}, AT)


def digest_of(frames):
    table = header_line(list(BASE_COLUMNS)) + "".join(f"{row}\n" for row in rows_of(0, frames))
    return hashlib.sha256(table.encode()).hexdigest()


def frames(first, last):
    rows, columns = rows_of(first, last), list(BASE_COLUMNS)
    return GameFrames("game-1", columns, first, rows, digest_of(last))


@pytest.fixture
def new_recorder(tmp_path):
    """A recorder's process, as if started anew."""
    return lambda: Recorder(tmp_path, clock=lambda: 0.0, wall_clock=lambda: 1_800_000_000.0)


@pytest.fixture
def game_folder(tmp_path):
    return tmp_path / "game" / "game-1"


def events(folder):
    lines = (folder / "events.jsonl").read_text().splitlines()
    return [json.loads(line)["kind"] for line in lines]


def test_frames_are_taken_once_the_game_has_started(new_recorder):
    recorder = new_recorder()
    assert recorder.take("game-1", 0, frames(0, 5)) is None
    recorder.open(OPEN)
    assert recorder.take("game-1", 0, frames(0, 5)).fault == "the game has not started"
    recorder.write(START)
    assert recorder.take("game-1", 0, frames(0, 5)) == ({"next_frame": 5}, None)
    assert recorder.state_of("game-1").next_frames == [5, 0]


def test_the_state_is_told_when_it_has_changed(new_recorder):
    recorder = new_recorder()
    recorder.open(OPEN)
    recorder.write(START)
    assert [(state.game_id, state.confirmed) for state in recorder.news()] == [("game-1", 2)]
    assert recorder.news() == []
    recorder.take("game-1", 0, frames(0, 5))
    assert recorder.news(with_frames=False) == []
    assert [state.next_frames for state in recorder.news()] == [[5, 0]]


def test_commands_that_come_again_change_nothing(new_recorder, game_folder):
    recorder = new_recorder()
    recorder.open(OPEN)
    for command in (START, CUT):
        recorder.write(command)
    again = new_recorder()
    again.open(OPEN)
    for command in (START, CUT):
        again.write(command)
    assert events(game_folder) == ["game_start", "cut"]
    assert len(json.loads((game_folder / "match.json").read_text())["cuts"]) == 1
    again.write(Write(5, "game-1", "log_event", {"kind": "game_start"}, AT))
    assert events(game_folder) == ["game_start", "cut", "game_start"]


def test_a_recorder_that_is_started_anew_goes_on_with_the_frames_that_it_has(new_recorder):
    recorder = new_recorder()
    recorder.open(OPEN)
    recorder.write(START)
    for seat in (0, 1):
        recorder.take("game-1", seat, frames(0, 5))
    again = new_recorder()
    again.open(OPEN)
    assert again.state_of("game-1").known == [False, False]
    assert again.take("game-1", 0, frames(5, 9)) == ({"next_frame": 9}, None)
    told = GameFinished("game-1", "completed", 5, digest_of(5))
    assert again.take("game-1", 1, told) == ({"next_frame": 5}, None)
    assert again.state_of("game-1").known == [True, True]


def test_a_half_line_that_a_killed_recorder_has_left_is_removed(new_recorder, game_folder):
    recorder = new_recorder()
    recorder.open(OPEN)
    recorder.write(START)
    with (game_folder / "events.jsonl").open("a") as file:
        file.write('{"time": "2026')
    again = new_recorder()
    again.open(OPEN)
    again.write(START)
    again.write(CUT)
    assert events(game_folder) == ["game_start", "cut"]


def test_a_game_is_over_once_its_end_is_told_to_be_stored(new_recorder):
    recorder = new_recorder()
    recorder.open(OPEN)
    recorder.write(CLOSE)
    assert not recorder.has("game-1")
    assert recorder.take("game-1", 0, frames(0, 5)) is None
    assert [state.confirmed for state in recorder.news()] == [4]
    assert recorder.state_of("game-1") is None


def test_what_is_written_after_the_end_belongs_to_the_main_process(new_recorder, game_folder):
    recorder = new_recorder()
    recorder.open(OPEN)
    recorder.write(CLOSE)
    amended = json.loads((game_folder / "match.json").read_text()) | {"amended_at": AT}
    (game_folder / "match.json").write_text(json.dumps(amended))
    again = new_recorder()
    again.open(OPEN)
    assert not again.has("game-1")
    again.write(CLOSE)
    assert [state.confirmed for state in again.news()] == [4]
    assert json.loads((game_folder / "match.json").read_text()) == amended


def test_nothing_is_confirmed_while_it_cannot_be_written_and_all_is_afterwards(
    new_recorder, game_folder
):
    game_folder.parent.write_text("no folder")
    recorder = new_recorder()
    recorder.open(OPEN)
    recorder.write(START)
    assert all(state.confirmed == 0 and state.is_failing for state in recorder.news())
    game_folder.parent.unlink()
    recorder.write(CUT)
    recorder.tick()
    assert recorder.state_of("game-1").confirmed == CUT.number
    assert events(game_folder) == ["game_start", "cut"]
