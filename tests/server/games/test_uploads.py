import pytest

from interactive_gym.server.games.events import GameFrames
from interactive_gym.server.games.uploads import (
    FREE_FRAMES,
    completeness_of,
    frames_at_most,
    take_frames,
)


class StubRecord:
    num_agents = 2

    def __init__(self, error=None, *, complete=False, failing=False):
        self.error, self.complete, self.is_failing = error, complete, failing
        self.taken = []

    def next_frame(self, seat):
        return 7

    def is_complete(self, seat):
        return self.complete

    def append_frames(self, seat, columns, first_frame, rows, digest, incarnation):
        if self.error is not None:
            raise self.error
        self.taken.append(first_frame)
        return first_frame + len(rows) // self.num_agents


def frames(first_frame=7, rows=4):
    return GameFrames("g", ["frame"], first_frame, ["1"] * rows, "0" * 64)


def test_a_game_with_a_last_step_is_limited_by_its_record_and_others_by_the_clock():
    assert frames_at_most({"max_steps": 10, "fps": 30}, 1e6) is None
    assert frames_at_most({"fps": 30}, 0.0) == FREE_FRAMES
    assert frames_at_most({"max_steps": None, "fps": 30}, 10.0) == FREE_FRAMES + 600


def test_rows_are_taken_up_to_the_last_that_can_have_been_played():
    record = StubRecord()
    assert take_frames(record, 0, frames(), at_most=9) == ({"next_frame": 9}, None)
    answer, fault = take_frames(record, 0, frames(), at_most=8)
    assert answer == {"next_frame": 7} and "so many frames" in fault
    assert record.taken == [7]


@pytest.mark.parametrize(
    ("error", "answer", "fault"),
    [(ValueError("no"), None, "no"), (OSError(28, "full"), {"next_frame": 7}, None)],
)
def test_what_is_malformed_is_a_fault_and_a_full_disk_is_none(error, answer, fault):
    assert take_frames(StubRecord(error), 0, frames(), None) == (answer, fault)


def test_a_page_is_believed_while_nothing_can_be_written():
    assert completeness_of(StubRecord(complete=True), 0, 10) == "complete"
    assert completeness_of(StubRecord(failing=True), 0, 10) == "complete"
    assert completeness_of(StubRecord(), 0, 10) == "incomplete"
    assert completeness_of(StubRecord(), 0, None) == "open"
