import logging

from interactive_gym.server.messages.rejections import MAX_FAULT_CHARS, RejectedInput


def test_bad_input_is_logged_once_for_each_participant_and_event(caplog):
    rejected = RejectedInput()
    with caplog.at_level(logging.WARNING):
        for subject_id in ("a", "a", "b"):
            for why in ("no frame", "no number"):
                rejected.note(subject_id, "game_frames", why)
        rejected.note("a", "game_event", "no kind")
    assert [record.getMessage() for record in caplog.records] == [
        "Dropped game_frames of participant a: no frame",
        "Dropped game_frames of participant b: no frame",
        "Dropped game_event of participant a: no kind",
    ]


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
