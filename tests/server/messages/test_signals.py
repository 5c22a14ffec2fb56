import json

import pytest

from interactive_gym.server.messages.signals import MAX_SIGNAL_BYTES, signal_fault

CANDIDATE = {"candidate": "candidate:1 1 udp 1 10.0.0.1 9 typ host", "sdpMid": "0"}


@pytest.mark.parametrize(
    "signal",
    [
        {"type": "offer", "sdp": "v=0"},
        {"type": "answer", "sdp": ""},
        {"type": "candidate", "candidate": CANDIDATE},
        {"type": "candidate", "candidate": None},
    ],
)
def test_what_two_browsers_tell_each_other_to_connect_is_relayed(signal):
    assert signal_fault(signal) is None


@pytest.mark.parametrize(
    "signal",
    [
        None,
        "offer",
        [],
        {},
        {"sdp": "v=0"},
        {"type": "offer"},
        {"type": "offer", "sdp": None},
        {"type": "answer", "sdp": 5},
        {"type": "candidate"},
        {"type": "candidate", "candidate": "text"},
        {"type": "redirect", "sdp": "v=0"},
        {"type": ["offer"], "sdp": "v=0"},
    ],
)
def test_anything_else_is_not(signal):
    assert signal_fault(signal)


def test_a_signal_has_at_most_64_kib():
    offer = {"type": "offer", "sdp": ""}
    offer["sdp"] = "x" * (MAX_SIGNAL_BYTES - len(json.dumps(offer)))
    assert len(json.dumps(offer)) == MAX_SIGNAL_BYTES == 65_536
    assert signal_fault(offer) is None
    offer["sdp"] += "x"
    assert signal_fault(offer)


def test_a_signal_that_is_no_json_is_not_relayed():
    nested: list = []
    for _ in range(100_000):
        nested = [nested]
    for value in (b"raw", {1, 2}, nested):
        assert signal_fault({"type": "candidate", "candidate": {"more": value}})
