"""What a recorder and the main process tell each other, as lines."""

import pytest

from interactive_gym.server.recording.messages import (
    Answer,
    Ask,
    Hello,
    Open,
    Settings,
    State,
    Write,
    decoded_by_main,
    decoded_by_recorder,
    encoded,
)

LONE_HALF = "ä\n\ud83d"
"""A text that browsers may send, and that has no form in UTF-8."""


@pytest.mark.parametrize(
    "message",
    [
        Settings(1, "/data/pilot", "pilot", "secret", "/", None),
        Open(2, "game-1", "game", {"agents": ["left"], "rtt_ms": 1.5, "text": LONE_HALF}),
        Write(3, "game-1", "log_event", {"kind": "cut", "seat": 0}, "2026-01-01T00:00:00.000Z"),
        Ask(4, "game-1", 0, "game_events", {"detail": LONE_HALF}),
        Hello(5),
    ],
)
def test_a_recorder_reads_what_it_is_told(message):
    line = encoded(message)
    assert line.count(b"\n") == 1
    assert decoded_by_recorder(line) == message


@pytest.mark.parametrize(
    "message",
    [
        Answer(4, {"next": 3}),
        Answer(4, fault=LONE_HALF),
        State("game-1", 3, [1, 2], [True, False], [False, False], False, {"frame": 1}),
    ],
)
def test_the_main_process_reads_what_it_is_told(message):
    assert decoded_by_main(encoded(message)) == message


def test_neither_takes_what_the_other_says():
    with pytest.raises(ValueError, match="Invalid value"):
        decoded_by_main(encoded(Hello(1)))
    with pytest.raises(ValueError, match="Invalid value"):
        decoded_by_recorder(encoded(Answer(1)))
