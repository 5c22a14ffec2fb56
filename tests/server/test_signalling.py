from __future__ import annotations

import json
from typing import Any

import pytest

from interactive_gym.server.signalling import signal_fault

EMPTY = len(json.dumps({"type": "offer", "sdp": ""}))


def test_a_signal_has_at_most_64_kibibytes() -> None:
    fitting = "x" * (64 * 1024 - EMPTY)
    assert signal_fault({"type": "offer", "sdp": fitting}) is None
    too_large = signal_fault({"type": "offer", "sdp": fitting + "x"})
    assert too_large == "a signal must have at most 65536 bytes"


@pytest.mark.parametrize(
    "signal",
    [
        {"type": "offer", "sdp": "v=0"},
        {"type": "answer", "sdp": "v=0"},
        {"type": "candidate", "candidate": {"candidate": "", "sdpMid": "0"}},
        {"type": "candidate", "candidate": None},
    ],
)
def test_what_browsers_send_to_connect_may_pass(signal: dict[str, Any]) -> None:
    assert signal_fault(signal) is None


@pytest.mark.parametrize(
    ("signal", "fault"),
    [
        (None, "an object"),
        ([], "an object"),
        ("offer", "an object"),
        ({}, "the type"),
        ({"type": "bye", "sdp": ""}, "the type"),
        ({"type": ["offer"], "sdp": ""}, "the type"),
        ({"type": "offer"}, "an offer must carry its sdp"),
        ({"type": "answer", "sdp": 7}, "an answer must carry its sdp"),
        ({"type": "candidate"}, "an object or null"),
        ({"type": "candidate", "candidate": "x"}, "an object or null"),
        ({"type": "offer", "sdp": "", "extra": b""}, "must be JSON"),
    ],
)
def test_anything_else_is_refused_with_what_is_wrong(signal: Any, fault: str) -> None:
    assert fault in (signal_fault(signal) or "")
