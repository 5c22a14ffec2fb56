"""A record that a recorder keeps: what is sent again, and what is known of it meanwhile."""

import itertools
from pathlib import Path

import pytest

from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.recording.messages import Answer, State
from interactive_gym.server.recording.remote_record import RemoteRecord

MATCH = {
    "game_id": "game-1",
    "agents": ["left", "right"],
    "group": [{"seat": 0, "agent": "left"}, {"seat": 1, "agent": "right"}],
}
FOLDER = Path("no folder")
ROUTES = [{"address": "recorder/1/socket.io/", "key": key} for key in ("a", "b")]


class FakeLink:
    """Keeps what it is to send, and answers as told."""

    def __init__(self):
        self._numbers = itertools.count(1)
        self.sent = []
        self.answer = Answer(0, {"next_frame": 5})

    def new_number(self):
        return next(self._numbers)

    def send(self, command):
        self.sent.append(command)

    def ask(self, question):
        self.sent.append(question)
        if self.answer is None:
            raise OSError("no answer")
        return self.answer


@pytest.fixture
def link():
    return FakeLink()


@pytest.fixture
def record(link):
    return RemoteRecord(
        link, "game", MATCH, folder=FOLDER, routes=ROUTES, now=lambda: "now", is_new=True
    )


def state(record, *, confirmed, next_frames=(0, 0), known=(True, True), **fields):
    told = State("game-1", confirmed, [*next_frames], [*known], [False, False], **fields)
    record.note_state(told)


def test_what_is_not_confirmed_is_sent_again_in_its_order(link, record):
    record.log_event("game_start")
    record.note_cut(1, "idle")
    record.note_left(0)
    opened, start, cut, left = link.sent
    assert record.commands() == [opened, start, cut, left]
    assert not record.is_confirmed
    state(record, confirmed=start.number)
    assert record.commands() == [opened, cut, left]
    state(record, confirmed=left.number)
    assert record.commands() == [opened]
    assert record.is_confirmed
    assert (cut.fields, cut.time) == ({"seat": 1, "reason": "idle"}, "now")


def test_a_record_is_closed_once_its_end_is_stored_and_nothing_is_written_afterwards(link, record):
    record.close("completed")
    closing = link.sent[-1]
    record.close("completed")
    record.log_event("hidden")
    assert link.sent[-1] == closing
    assert not record.is_closed
    state(record, confirmed=closing.number)
    assert record.is_closed


def test_frames_are_passed_on_and_answered(link, record):
    assert record.append_frames(1, ["frame"], 0, ["0", "0"], "digest") == 5
    asked = link.sent[-1]
    assert (asked.seat, asked.event, asked.message["game_id"]) == (1, "game_frames", "game-1")
    link.answer = Answer(0, fault="the digest does not match the rows")
    with pytest.raises(ValueError, match="digest"):
        record.append_frames(1, ["frame"], 0, ["0", "0"], "digest")


@pytest.mark.parametrize("answer", [None, Answer(0)])
def test_a_recorder_that_cannot_answer_is_like_a_disk_that_cannot_be_written(link, record, answer):
    link.answer = answer
    with pytest.raises(OSError, match=r"answer|at the moment"):
        record.append_frames(1, ["frame"], 0, ["0", "0"], "digest")


@pytest.mark.parametrize("answer", [None, Answer(0)])
def test_an_end_that_is_not_answered_is_not_known(link, record, answer):
    link.answer = answer
    record.finish(0, 9, "digest")
    assert not record.is_known(0)
    assert record.is_known(1)
    link.answer = Answer(0, {"next_frame": 9})
    record.finish(0, 9, "digest")
    assert record.is_known(0)


def test_an_end_is_told_again_to_a_recorder_that_was_started_anew(link, record):
    assert record.finish(0, 9, "digest")
    assert not record.finish(0, 9, "digest")
    told = record.commands()[1]
    assert (told.event, told.seat, told.message["frames"]) == ("game_finished", 0, 9)


def test_what_is_asked_is_what_was_told_last(record):
    assert [record.next_frame(0), record.is_known(0), record.desync] == [0, True, None]
    told = {"frame": 3, "seats": [0, 1], "part": "rows"}
    state(record, confirmed=1, next_frames=(7, 4), known=(False, True), desync=told)
    assert [record.next_frame(0), record.next_frame(1), record.is_known(0)] == [7, 4, False]
    assert record.desync == Desync(3, (0, 1), "rows")


def test_only_an_earlier_difference_is_told(link, record):
    record.note_desync(Desync(5, (0, 1), "state"))
    record.note_desync(Desync(5, (0, 1), "state"))
    record.note_desync(Desync(8, (0, 1), "rows"))
    assert [command.kind for command in link.sent[1:]] == ["note_desync"]
    assert record.desync == Desync(5, (0, 1), "state")


def test_a_record_that_is_taken_up_knows_nothing_until_it_is_told(link):
    record = RemoteRecord(
        link, "game", MATCH, folder=FOLDER, routes=ROUTES, now=lambda: "now", is_new=False
    )
    assert not record.is_known(0)
    assert record.upload_route(1) == ROUTES[1]


def test_a_game_is_restored_from_the_file_once_the_recorder_has_heard_of_it(link, tmp_path):
    record = RemoteRecord(
        link, "game", MATCH, folder=tmp_path, routes=ROUTES, now=lambda: "now", is_new=True
    )
    assert record.restore([1, 1]) == []
    _opened, write, hello = link.sent
    assert (write.kind, write.fields) == ("restore", {"incarnations": [1, 1]})
    assert hello.number > write.number
    # The last line is of half a frame.
    (tmp_path / "frames.csv").write_text("frame,agent\n0,left\n0,right\n1,left\n")
    assert record.restore([2, 256]) == ["0,left", "0,right"]
    assert [record.takes(0, 1), record.takes(0, 2), record.takes(1, 255)] == [False, True, False]
    link.answer = None
    with pytest.raises(OSError, match="no answer"):
        record.restore([3, 256])
