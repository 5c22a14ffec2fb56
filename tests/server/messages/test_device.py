import msgspec
import pytest

from interactive_gym.server.messages.device import DeviceReport
from tests.support import browser_events

SOUND = browser_events.SOUND["advance_scene"]["device"]


def read(**fields):
    return msgspec.convert({**SOUND, **fields}, DeviceReport, strict=True)


def test_what_a_page_sends_is_read():
    assert msgspec.to_builtins(read()) == SOUND


@pytest.mark.parametrize(
    "fields",
    [
        {"user_agent": "x" * 501},
        {"user_agent": None},
        {"window_width": -1},
        {"window_width": 1.5},
        {"screen_height": 10**9},
        {"keyboard": 1},
        {"pointer": "eyes"},
        {"missing": ["x"] * 11},
        {"missing": ["x" * 51]},
        {"webrtc": True},
        {"turn": "maybe"},
        {"frame_ms": -0.1},
        {"frame_ms": float("nan")},
        {"frame_p95_ms": float("inf")},
    ],
)
def test_a_figure_that_no_page_finds_is_refused(fields):
    with pytest.raises(msgspec.ValidationError):
        read(**fields)
