"""Records that go on after a restart of the server, from what is on disk."""

import hashlib
import itertools
import json
import re
import shutil
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from interactive_gym.server.data.game_folder import FolderOnDisk
from interactive_gym.server.data.game_record import GameRecord
from interactive_gym.server.data.network_rows import NetworkRow
from interactive_gym.server.data.page_reports import PageRow
from tests.support.files_on_disk import new_files, new_folder

COLUMNS = [*BASE_COLUMNS, "info_score"]
AGENTS = ["left", "right", "third"]
GROUP = [{"seat": seat, "agent": agent} for seat, agent in enumerate(AGENTS)]
MATCH = {"agents": AGENTS, "group": GROUP, "num_episodes": 2, "max_steps": 6}
FRAMES = 12


def block(frame, score):
    """The rows of one frame of a game of two episodes."""
    episode, step = divmod(frame, 6)
    over = str(step == 5).lower()
    return [f"{frame},{episode},{step},{who},1,false,0.0,false,{over},{score}" for who in AGENTS]


class Page:
    """A page that keeps all rows of its game, and sends what the server asks for."""

    def __init__(self, seat, scores):
        self.seat = seat
        self.blocks = [block(frame, score) for frame, score in enumerate(scores)]
        self.next_frame = 0

    def digest(self, frames):
        lines = [header_line(COLUMNS), *(f"{row}\n" for it in self.blocks[:frames] for row in it)]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def send(self, record, count):
        last = min(self.next_frame + count, len(self.blocks))
        if last == self.next_frame:
            return
        rows = list(itertools.chain.from_iterable(self.blocks[self.next_frame : last]))
        self.next_frame = record.append_frames(
            self.seat, COLUMNS, self.next_frame, rows, self.digest(last)
        )

    def finish(self, record):
        frames = len(self.blocks)
        record.finish(self.seat, frames, self.digest(frames))


def take_up(path):
    match = json.loads((path / "match.json").read_text())
    record = GameRecord(
        FolderOnDisk(path, new_files(), takes_up=True), match, now=lambda age_s=0: "now"
    )
    record.take_up()
    return record


def files(path):
    """The content of all files, but for which seats are named as those that differ."""
    content = {file.name: file.read_text() for file in path.iterdir() if file.stat().st_size}
    return {name: re.sub(r'"seats": \[[^]]*\]', "", text) for name, text in content.items()}


scores = st.lists(st.sampled_from([0, 0, 0, 0, 1]), min_size=FRAMES, max_size=FRAMES)
steps = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5), st.booleans()), max_size=14)


@given(st.lists(scores, min_size=3, max_size=3), steps)
def test_a_record_is_the_same_however_often_the_server_is_restarted(all_scores, steps):
    folder = Path(tempfile.mkdtemp())
    try:
        ends = []
        for restarts in (False, True):
            path = folder / str(restarts)
            record = GameRecord(new_folder(path), MATCH, now=lambda age_s=0: "now")
            record.begin()
            pages = [Page(seat, it) for seat, it in enumerate(all_scores)]
            for seat, count, is_restart in steps:
                pages[seat].send(record, count)
                if restarts and is_restart:
                    record = take_up(path)
            for page in pages:
                for _ in range(2 * FRAMES):
                    page.send(record, FRAMES)
                page.finish(record)
                assert page.next_frame == FRAMES
                assert record.is_complete(page.seat)
            record.close("completed")
            ends.append(files(path))
        assert ends[0] == ends[1]
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "game"


@pytest.fixture
def record(path):
    with closing(new_folder(path)) as folder:
        record = GameRecord(folder, MATCH, now=lambda age_s=0: "now")
        record.begin()
        yield record


def pages(*all_scores):
    return [Page(seat, scores) for seat, scores in enumerate(all_scores)]


def test_a_page_that_says_that_it_is_done_need_not_send_anything_again(record, path):
    for page in (players := pages(*[[0] * FRAMES] * 3)):
        page.send(record, FRAMES)
    again = take_up(path)
    for page in players:
        assert again.next_frame(page.seat) == 0
        page.finish(again)
        assert again.is_complete(page.seat)
    again.close("completed")
    assert json.loads((path / "match.json").read_text())["agreed"] is True


def test_of_a_page_that_did_not_come_back_it_is_not_known_what_it_had(record, path):
    for page in (players := pages(*[[0] * FRAMES] * 3)):
        page.send(record, FRAMES)
    again = take_up(path)
    for page in players[:2]:
        page.finish(again)
    again.note_cut(2, "disconnected")
    again.close("completed")
    match = json.loads((path / "match.json").read_text())
    assert match["recordings"][2] == {"seat": 2, "frames": None, "digest": None, "agreed": None}
    assert match["agreed"] is True
    assert match["cuts"][0]["frames"] == FRAMES


def test_frames_that_a_power_failure_has_taken_are_asked_for_again(record, path):
    (page, *_) = pages(*[[0] * FRAMES] * 3)
    page.send(record, 5)
    lines = (path / "frames.csv").read_text().splitlines(keepends=True)
    (path / "frames.csv").write_text("".join(lines[: 1 + 3 * 2 + 1]))
    again = take_up(path)
    page.send(again, 5)
    assert page.next_frame == 0
    page.send(again, FRAMES)
    assert page.next_frame == FRAMES
    assert len((path / "frames.csv").read_text().splitlines()) == 1 + 3 * FRAMES


def test_a_server_killed_while_copies_were_parted_loses_none_of_them(record, path):
    players = pages([0] * FRAMES, [0] * FRAMES, [0] * 4 + [1] * 8)
    players[0].send(record, 8)
    players[1].send(record, 6)
    common = (path / "frames.csv").read_text()
    players[2].send(record, 6)
    # The first copy has its own file, the others not yet, and the common one is not shortened.
    (path / "frames.csv").write_text(common)
    for seat in (1, 2):
        (path / f"frames.seat{seat}.csv").unlink()
    again = take_up(path)
    players[2].next_frame = 0
    for page in players:
        for _ in range(2 * FRAMES):
            page.send(again, FRAMES)
        page.finish(again)
    again.close("completed")
    match = json.loads((path / "match.json").read_text())
    assert match["frames"] == 4
    assert [it["frames"] for it in match["recordings"]] == [FRAMES] * 3
    assert match["desync"] == {"frame": 4, "seats": [0, 1, 2], "part": "rows"}


def test_what_was_said_before_stays(record, path):
    record.reports.add_network(1, 0, 0, [PageRow(0, NetworkRow(frame=3))])
    record.note_cut(1, "hidden")
    again = take_up(path)
    again.reports.add_network(1, 0, 1, [PageRow(0, NetworkRow(frame=4))])
    again.close("partner_lost")
    assert len((path / "network.csv").read_text().splitlines()) == 3
    match = json.loads((path / "match.json").read_text())
    assert [(cut["seat"], cut["reason"]) for cut in match["cuts"]] == [(1, "hidden")]
