import math

import pytest

from interactive_gym.server.data.network_rows import MAX_ROWS
from interactive_gym.server.games import events as game_events
from interactive_gym.server.games.events import (
    EventReport,
    GameEvents,
    GameFinished,
    GameFrames,
    GameNetwork,
    GameQuit,
    GameResumed,
    GameSignal,
    NetworkReport,
)
from interactive_gym.server.messages.signals import Offer
from tests.support.browser_events import events, is_dropped, message, network

OFFER = {"type": "offer", "sdp": "v=0"}
DETAIL = {"z": [1, 1.0, None, True, "é"], "a": {}}


def test_payloads_become_messages_with_every_value_as_it_was_sent():
    assert message("game_signal", {"game_id": "g", "to_seat": 2, "signal": OFFER}) == GameSignal(
        "g", 2, Offer("v=0")
    )
    frames = {"columns": ["frame"], "first_frame": 0, "rows": ["0", "0"], "digest": "d"}
    assert message("game_frames", {"game_id": "g", **frames}) == GameFrames("g", **frames)
    stall = {"kind": "stall", "frame": 3, "detail": DETAIL}
    told = message("game_events", {"game_id": "g", **events(stall, first=7)})
    event = EventReport("stall", 0, 3, DETAIL)
    assert told == GameEvents("g", incarnation=0, first=7, events=[event])
    assert repr(told.events[0].detail) == repr(DETAIL)
    row = {"age_ms": 1.5, "ticks": 30, "rtt_ms": None}
    told = message("game_network", {"game_id": "g", **network(row)})
    rows = [NetworkReport(ticks=30, rtt_ms=None, age_ms=1.5)]
    assert told == GameNetwork("g", incarnation=0, first=0, rows=rows)
    finished = {"reason": "partner_lost", "frames": 0, "digest": ""}
    assert message("game_finished", {"game_id": "g", **finished}) == GameFinished("g", **finished)


def test_fields_that_no_event_has_are_ignored():
    assert message("game_quit", {"game_id": "g", "reason": "idle", "why": 1}) == GameQuit(
        "g", "idle"
    )


def test_an_event_may_tell_neither_its_frame_nor_a_detail():
    for event in ({"kind": "hidden"}, {"kind": "hidden", "frame": None, "detail": None}):
        told = message("game_events", {"game_id": "g", **events(event)})
        assert told.events == [EventReport("hidden", 0)]


@pytest.mark.parametrize(
    "fields",
    [
        *({"kind": kind} for kind in (None, "cheating", ["hidden"], "\ud800")),
        *({"frame": frame} for frame in (-1, "1", True, 1.0, 2**60, math.nan)),
        *({"detail": detail} for detail in ([math.nan], math.inf, b"bytes", "x" * 5000)),
        *({"age_ms": age} for age in (-1, "1", None, True, 1e300, math.nan)),
    ],
)
def test_malformed_game_events_are_refused(fields):
    sound = {"kind": "hidden", "frame": 1, "detail": None}
    assert not is_dropped("game_events", {"game_id": "g", **events(sound)})
    assert is_dropped("game_events", {"game_id": "g", **events(sound, {**sound, **fields})})


def test_a_detail_may_have_just_so_many_characters_as_json():
    longest = "x" * (game_events.MAX_EVENT_DETAIL_CHARS - len('""'))
    for detail in (longest, longest + "x"):
        told = events({"kind": "hidden", "detail": detail})
        assert is_dropped("game_events", {"game_id": "g", **told}) == (detail != longest)


def test_a_page_tells_the_network_in_at_most_64_rows():
    for count in (0, 1, MAX_ROWS, MAX_ROWS + 1):
        told = network(*[{"frame": 1}] * count)
        assert is_dropped("game_network", {"game_id": "g", **told}) == (count not in (1, MAX_ROWS))


def test_frames_go_up_to_what_a_browser_can_count():
    assert message("game_resumed", {"game_id": "g", "frame": 2**53}) == GameResumed("g", 2**53)
    assert is_dropped("game_resumed", {"game_id": "g", "frame": 2**53 + 1})
