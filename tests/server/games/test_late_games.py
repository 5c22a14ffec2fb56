"""Data of games whose records are closed already."""

import hashlib
import itertools
import json
import logging

import msgspec
import pytest

from interactive_gym.server.data.data_store import DataStore, NoDataStore
from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from interactive_gym.server.games import late_games
from interactive_gym.server.games.events import (
    EventReport,
    GameEvents,
    GameFinished,
    GameFrames,
    GameNetwork,
    NetworkReport,
)
from interactive_gym.server.games.late_games import LateGames

NOON_S = 1_795_694_400.0
COLUMNS = list(BASE_COLUMNS)
FRAMES = 8


def match_of(game_id, **fields):
    group = [
        {"seat": seat, "agent": agent, "subject_id": who, "waited_ms": 0}
        for seat, (agent, who) in enumerate([("left", "ann"), ("right", "ben")])
    ]
    return {
        "game_id": game_id,
        "agents": ["left", "right"],
        "group": group,
        "num_episodes": 1,
        "max_steps": FRAMES,
        "fps": 30,
        "created_at": "2026-11-26T12:00:00.000Z",
        **fields,
    }


def rows(first, last, reward="0.0"):
    return [
        f"{frame},0,{frame},{agent},0,false,{reward},false,{str(frame + 1 == FRAMES).lower()}"
        for frame in range(first, last)
        for agent in ("left", "right")
    ]


def digest(last, reward="0.0"):
    lines = [header_line(COLUMNS), *(f"{row}\n" for row in rows(0, last, reward))]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def frames(first, last, reward="0.0", **fields):
    told = {"rows": rows(first, last, reward), "digest": digest(last, reward), **fields}
    return GameFrames(**{"game_id": "game", "columns": COLUMNS, "first_frame": first, **told})


def finished(last=FRAMES, reason="completed", reward="0.0"):
    return GameFinished("game", reason=reason, frames=last, digest=digest(last, reward))


def stall(first=0):
    events = [EventReport("stall", 3_600_000.0, 5)]
    return GameEvents("game", incarnation=0, first=first, events=events)


class Study:
    """A data folder, in which one game was closed."""

    def __init__(self, folder):
        self.folder = folder
        self.now_s = NOON_S
        self.restart()

    def restart(self):
        self.store = DataStore(
            self.folder, "study", wall_clock=lambda: self.now_s, clock=lambda: self.now_s
        )
        self.late = LateGames(self.store, wall_clock=lambda: self.now_s)

    def play(self, ann, ben, *, game_id="game", cut=None, reason="completed", claims=(), **fields):
        """Play a game of which so many frames arrive."""
        record = self.store.open_game("scene", game_id, match_of(game_id, **fields))
        for seat, count in enumerate((ann, ben)):
            if count:
                record.append_frames(seat, COLUMNS, 0, rows(0, count), digest(count))
        for seat, count in claims:
            record.finish(seat, count, digest(count))
            record.log_event("finished", seat=seat, frames=count, digest=digest(count))
        if cut is not None:
            record.note_cut(cut, "disconnected")
        record.close(reason)
        self.now_s += 3600

    def path(self, name="match.json"):
        return self.folder / "study/scene/game" / name

    @property
    def match(self):
        return json.loads(self.path().read_text())

    def lines(self, kind):
        lines = map(json.loads, self.path("events.jsonl").read_text().splitlines())
        return [line for line in lines if line["kind"] == kind]


@pytest.fixture
def study(tmp_path):
    study = Study(tmp_path)
    yield study
    study.store.close()


def test_a_game_whose_last_frames_come_late_is_as_one_whose_came_in_time(study):
    study.play(FRAMES, 3, claims=[(0, FRAMES)])
    assert (study.match["frames"], study.match["agreed"]) == (FRAMES, False)
    assert study.late.take("ben", frames(3, FRAMES)) == {"next_frame": FRAMES}
    assert study.late.take("ben", finished()) == {}
    match = study.match
    whole = {"frames": FRAMES, "digest": digest(FRAMES), "agreed": True}
    assert match["recordings"] == [{"seat": seat, **whole} for seat in (0, 1)]
    assert (match["agreed"], match["frames"]) == (True, FRAMES)
    assert (match["end_reason"], match["ended_at"]) == ("completed", "2026-11-26T12:00:00.000Z")
    assert match["amended_at"] == "2026-11-26T13:00:00.000Z"
    table = [",".join(COLUMNS), *rows(0, FRAMES)]
    assert study.path("frames.csv").read_text().splitlines() == table


@pytest.mark.parametrize("restarts", [False, True])
def test_frames_that_nobody_had_are_added(study, restarts):
    study.play(3, 2, cut=1, reason="partner_lost")
    for first in range(3, FRAMES):
        assert study.late.take("ann", frames(first, first + 1)) == {"next_frame": first + 1}
        if restarts:
            study.restart()
    assert study.match["frames"] == FRAMES
    assert study.match["cuts"][0]["frames"] == FRAMES
    assert study.path("frames.csv").read_text().splitlines()[1:] == rows(0, FRAMES)


def test_what_is_asked_for_is_what_is_missing(study):
    study.play(FRAMES, 3)
    assert study.late.take("ben", frames(5, 6)) == {"next_frame": 3}
    assert study.late.take("ben", frames(0, 4)) == {"next_frame": 3}


def test_late_frames_that_differ_make_a_desync_and_name_nobody(study):
    study.play(FRAMES, 0, claims=[(0, FRAMES)])
    study.late.take("ben", frames(0, FRAMES, reward="1.0"))
    study.late.take("ben", finished(reward="1.0"))
    match = study.match
    assert match["desync"] == {"frame": 0, "seats": [0, 1], "part": "rows"}
    assert (match["agreed"], match["frames"]) == (False, 0)
    assert [it["agreed"] for it in match["recordings"]] == [False, False]
    assert study.path("frames.seat1.csv").read_text().splitlines()[1:] == rows(0, FRAMES, "1.0")


def test_a_game_that_a_restart_had_ended_is_made_whole_by_both(study):
    record = study.store.open_game("scene", "game", match_of("game"))
    record.append_frames(0, COLUMNS, 0, rows(0, 4), digest(4))
    study.restart()
    (game,) = [*study.folder.glob("*/*/game")]
    stored = late_games.StoredGame(game, json.loads((game / "match.json").read_text()))
    study.store.end_interrupted_game(stored)
    assert study.match["agreed"] is None
    assert study.late.take("ann", frames(4, FRAMES)) == {"next_frame": FRAMES}
    assert study.match["agreed"] is None
    assert study.match["recordings"][1]["frames"] is None
    assert study.late.take("ben", frames(0, FRAMES)) == {"next_frame": FRAMES}
    for who in ("ann", "ben"):
        assert study.late.take(who, finished()) == {}
    assert study.match["agreed"] is True


def test_who_says_a_game_was_longer_than_what_came_is_not_agreed_with(study):
    study.play(FRAMES, 3, claims=[(1, FRAMES)])
    study.late.take("ben", frames(3, 5))
    assert study.match["recordings"][1]["agreed"] is False
    study.late.take("ben", frames(5, FRAMES))
    assert study.match["recordings"][1]["agreed"] is True


def test_events_and_rows_of_the_network_are_added_with_their_own_time_and_once(study):
    study.play(FRAMES, FRAMES)
    row = NetworkReport(frame=5, age_ms=1000)
    network = GameNetwork("game", incarnation=0, first=0, rows=[row])
    for _ in range(2):
        assert study.late.take("ben", stall()) == {"next": 1}
        assert study.late.take("ben", network) == {"next": 1}
        study.restart()
    (line,) = study.lines("stall")
    assert (line["time"], line["seat"], line["frame"]) == ("2026-11-26T12:00:00.000Z", 1, 5)
    header, line = study.path("network.csv").read_text().splitlines()
    assert line.startswith("2026-11-26T12:59:59.000Z,1,0,")
    assert line.count(",") == header.count(",")
    assert "amended_at" not in study.match


def test_how_a_game_ended_is_told_once(study):
    study.play(FRAMES, FRAMES)
    for _ in range(2):
        study.late.take("ben", finished())
    study.restart()
    study.late.take("ben", finished())
    (line,) = study.lines("finished")
    fields = {"seat": 1, "reason": "completed", "frames": FRAMES, "completeness": "complete"}
    assert {name: line[name] for name in fields} == fields


@pytest.mark.parametrize("message", [frames(0, 1), finished(), stall()])
def test_who_had_no_seat_can_add_nothing(study, message, caplog):
    study.play(3, 3)
    before = {path: path.read_bytes() for path in study.path().parent.iterdir()}
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert study.late.take("mallory", message) is None
    assert {path: path.read_bytes() for path in study.path().parent.iterdir()} == before
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "message",
    [
        frames(3, 5, digest="wrong"),
        frames(3, 5, columns=["frame"]),
        frames(3, FRAMES, rows=[*rows(3, FRAMES), *rows(FRAMES, FRAMES + 1)]),
        frames(3, 5, rows=["=cmd()"] * 4),
    ],
)
def test_late_frames_follow_the_same_rules(study, message):
    study.play(FRAMES, 3)
    assert study.late.take("ben", message) is None
    assert "amended_at" not in study.match


def test_of_a_game_without_a_last_step_nobody_can_upload_more_than_can_be_played(study):
    study.play(3, 3, max_steps=None)
    far = frames(3, 4, first_frame=2**50)
    assert study.late.take("ben", far) == {"next_frame": 3}


def test_of_a_game_that_never_began_only_what_happened_is_taken(study):
    study.play(0, 0, reason="start_timeout")
    assert study.late.take("ann", frames(0, 3)) is None
    assert study.late.take("ann", finished()) is None
    assert study.late.take("ann", stall()) == {"next": 1}
    assert "amended_at" not in study.match


def test_games_that_go_on_or_are_not_there_are_not_touched(study):
    study.store.open_game("scene", "game", match_of("game"))
    assert study.late.take("ann", frames(0, 3)) is None
    assert study.late.take("ann", frames(0, 3, game_id="other")) is None
    assert study.late.take("ann", frames(0, 3, game_id="../study")) is None
    assert not study.path("frames.csv").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path("frames.csv").unlink(),
        lambda path: path("frames.csv").write_text("frame\n\x00,,\n"),
        lambda path: path().write_text("{"),
        lambda path: path().write_text("[]"),
        lambda path: path("events.jsonl").write_text('{"kind": "left"}\n'),
        lambda path: path("network.csv").write_text("a,b\n1,2\n"),
    ],
)
def test_files_that_somebody_has_changed_harm_nobody(study, change):
    study.play(FRAMES, 3, claims=[(0, FRAMES)])
    study.play(FRAMES, 3, game_id="sound")
    change(study.path)
    assert study.late.take("ben", frames(3, 5)) in (None, {"next_frame": 0})
    assert study.late.take("ben", frames(3, 5, game_id="sound")) == {"next_frame": 5}


def test_only_so_many_records_are_open_at_once(study, monkeypatch):
    monkeypatch.setattr(late_games, "MAX_REOPENED", 2)
    games = [f"game{number}" for number in range(4)]
    for game in games:
        study.play(FRAMES, 2, game_id=game)
    for first, game in itertools.product(range(2, 6), games):
        told = frames(first, first + 1, game_id=game)
        assert study.late.take("ben", told) == {"next_frame": first + 1}
        assert len(study.late._reopened) <= 2


def test_of_a_study_that_keeps_nothing_nothing_is_found(tmp_path):
    late = LateGames(
        NoDataStore(tmp_path, "study", wall_clock=lambda: NOON_S), wall_clock=lambda: NOON_S
    )
    assert late.take("ann", frames(0, 3)) is None


def test_the_end_of_a_game_that_went_on_from_its_rows_is_told_by_its_new_page_alone(study):
    study.play(FRAMES, FRAMES, claims=[(0, FRAMES)])
    with study.path("events.jsonl").open("a") as events:
        events.write(json.dumps({"kind": "restored", "frame": 5, "incarnations": [1, 1]}) + "\n")
    of_new_page = msgspec.structs.replace(finished(), incarnation=1)
    assert study.late.take("ben", finished()) == {}
    assert len(study.lines("finished")) == 1
    study.late.take("ben", of_new_page)
    told = study.lines("finished")[1:]
    assert [(line["seat"], line["frames"]) for line in told] == [(1, FRAMES)]
