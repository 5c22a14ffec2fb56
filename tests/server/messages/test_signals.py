import json
import math

import msgspec
import pytest

from interactive_gym.server.messages.signals import (
    MAX_SIGNAL_BYTES,
    Signal,
    check_size,
    relayed,
)


def converted(signal):
    """A signal as it is relayed; raises ValueError if it is not."""
    message = msgspec.convert(signal, Signal, strict=True)
    check_size(message)
    return relayed(message)


SIGNALS = [
    {"type": "offer", "sdp": "v=0"},
    {"type": "answer", "sdp": ""},
    {"type": "candidate", "candidate": None},
    {"type": "candidate", "candidate": {"candidate": "candidate:1", "sdpMLineIndex": 0}},
    {
        "type": "candidate",
        "candidate": {
            "candidate": "candidate:1 1 udp 2122 10.0.0.1 5000 typ host",
            "sdpMid": "0",
            "sdpMLineIndex": 65535,
            "usernameFragment": "x" * 256,
        },
    },
]


@pytest.mark.parametrize("signal", SIGNALS, ids=str)
def test_offers_answers_and_candidates_are_relayed_as_they_came(signal):
    assert converted(signal) == signal


@pytest.mark.parametrize(
    ("signal", "rest"),
    [
        ({"type": "offer", "sdp": "v=0", "more": [1]}, {"type": "offer", "sdp": "v=0"}),
        (
            {"type": "candidate", "candidate": {"candidate": "c", "more": {"a": 1}}, "also": 1},
            {"type": "candidate", "candidate": {"candidate": "c"}},
        ),
    ],
)
def test_fields_that_nobody_knows_are_not_relayed(signal, rest):
    assert converted(signal) == rest


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
    "too large an index": {"type": "candidate", "candidate": {"sdpMLineIndex": 65536}},
    "too long a candidate": {"type": "candidate", "candidate": {"candidate": "x" * 4097}},
    "endlessly nested": {"type": "candidate", "candidate": {"candidate": nested(100_000)}},
}


@pytest.mark.parametrize("signal", HOSTILE.values(), ids=HOSTILE)
def test_everything_else_is_refused(signal):
    with pytest.raises(ValueError):
        converted(signal)


def test_a_signal_may_have_just_so_many_bytes_as_json():
    signal = {"type": "offer", "sdp": ""}
    signal["sdp"] = "x" * (MAX_SIGNAL_BYTES - len(json.dumps(signal)))
    converted(signal)
    signal["sdp"] += "x"
    with pytest.raises(ValueError, match="65536 bytes"):
        converted(signal)
