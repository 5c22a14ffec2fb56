import json
import math

import pytest

from interactive_gym.server.messages.signals import MAX_SIGNAL_BYTES, check_signal

SIGNALS = [
    {"type": "offer", "sdp": "v=0"},
    {"type": "answer", "sdp": ""},
    {"type": "candidate", "candidate": None},
    {"type": "candidate", "candidate": {"candidate": "candidate:1", "sdpMLineIndex": 0}},
    {"type": "offer", "sdp": "v=0", "more": [1, None]},
]


@pytest.mark.parametrize("signal", SIGNALS, ids=str)
def test_offers_answers_and_candidates_pass(signal):
    check_signal(signal)


def nested(depth):
    value = None
    for _ in range(depth):
        value = [value]
    return value


HOSTILE = {
    "nothing": {},
    "no description": {"type": "offer"},
    "a number as description": {"type": "answer", "sdp": 5},
    "no candidate": {"type": "candidate"},
    "a text as candidate": {"type": "candidate", "candidate": "text"},
    "another type": {"type": "redirect", "sdp": "v=0"},
    "no name as type": {"type": ["offer"], "sdp": "v=0"},
    "half a character": {"type": "\ud800", "sdp": "v=0"},
    "bytes": {"type": "candidate", "candidate": {"candidate": b"1"}},
    "not a number": {"type": "candidate", "candidate": {"sdpMLineIndex": math.nan}},
    "endlessly nested": {"type": "candidate", "candidate": {"more": nested(100_000)}},
}


@pytest.mark.parametrize("signal", HOSTILE.values(), ids=HOSTILE)
def test_everything_else_is_refused(signal):
    with pytest.raises(ValueError):
        check_signal(signal)


def test_a_signal_may_have_just_so_many_bytes_as_json():
    signal = {"type": "offer", "sdp": ""}
    signal["sdp"] = "x" * (MAX_SIGNAL_BYTES - len(json.dumps(signal)))
    check_signal(signal)
    signal["sdp"] += "x"
    with pytest.raises(ValueError, match="65536 bytes"):
        check_signal(signal)
