import logging

import pytest

from interactive_gym.server.messages.rejections import (
    MAX_FAULT_CHARS,
    RejectedInput,
    is_worth_a_line,
)


def test_bad_input_is_logged_once_for_each_participant_and_event(caplog):
    rejected = RejectedInput()
    with caplog.at_level(logging.WARNING):
        for subject_id in ("a", "a", "b"):
            for why in ("no frame", "no number"):
                rejected.note(subject_id, "game_frames", why)
        rejected.note("a", "game_events", "no kind")
        rejected.note(None, "a packet", "no text")
    assert [record.getMessage() for record in caplog.records] == [
        "Dropped game_frames of participant a: no frame",
        "Dropped game_frames of participant b: no frame",
        "Dropped game_events of participant a: no kind",
        "Dropped a packet of a connection without participant: no text",
    ]


def test_what_is_dropped_again_and_again_is_counted(caplog):
    rejected = RejectedInput()
    for _ in range(1234):
        rejected.note("a", "game_frames", "no frame")
    assert [record.getMessage() for record in caplog.records[1:]] == [
        f"Dropped game_frames of participant a: no frame ({times} times by now)"
        for times in (10, 100, 1000)
    ]


@pytest.mark.parametrize(
    ("times", "is_worth"),
    [(0, False), (1, True), (2, False), (10, True), (11, False), (20, False), (1000, True)],
)
def test_powers_of_ten_are_worth_a_line(times, is_worth):
    assert is_worth_a_line(times) is is_worth


def test_each_who_receives_input_keeps_an_account_of_their_own(caplog):
    with caplog.at_level(logging.WARNING):
        for rejected in (RejectedInput(), RejectedInput()):
            rejected.note("a", "game_frames", "no frame")
    assert len(caplog.records) == 2


def test_what_a_page_sent_can_neither_fill_the_log_nor_add_lines_to_it(caplog):
    with caplog.at_level(logging.WARNING):
        RejectedInput().note("a", "x", "Invalid enum value 'one\nWARNING two\ud800" + "x" * 10_000)
    (message,) = (record.getMessage() for record in caplog.records)
    assert "\n" not in message
    assert message.encode("ascii")
    assert len(message) < 2 * MAX_FAULT_CHARS
