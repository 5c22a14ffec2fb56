import math

import pytest

from interactive_gym.server.data.network_rows import MAX_ROWS, NetworkRow
from interactive_gym.server.games import events as game_events
from interactive_gym.server.games.events import (
    GameEvent,
    GameFinished,
    GameFrames,
    GameNetwork,
    GameQuit,
    GameResumed,
    GameSignal,
)
from interactive_gym.server.messages.signals import Offer
from tests.support.browser_events import is_dropped, message

OFFER = {"type": "offer", "sdp": "v=0"}
DETAIL = {"z": [1, 1.0, None, True, "é"], "a": {}}


def test_payloads_become_messages_with_every_value_as_it_was_sent():
    assert message("game_signal", {"game_id": "g", "to_seat": 2, "signal": OFFER}) == GameSignal(
        "g", 2, Offer("v=0")
    )
    frames = {"columns": ["frame"], "first_frame": 0, "rows": ["0", "0"], "digest": "d"}
    assert message("game_frames", {"game_id": "g", **frames}) == GameFrames("g", **frames)
    told = message("game_event", {"game_id": "g", "kind": "stall", "frame": 3, "detail": DETAIL})
    assert told == GameEvent("g", "stall", 3, DETAIL)
    assert repr(told.detail) == repr(DETAIL)
    network = message("game_network", {"game_id": "g", "rows": [{"ticks": 30, "rtt_ms": None}]})
    assert network == GameNetwork("g", [NetworkRow(ticks=30, rtt_ms=None)])
    finished = {"reason": "partner_lost", "frames": 0, "digest": ""}
    assert message("game_finished", {"game_id": "g", **finished}) == GameFinished("g", **finished)


def test_fields_that_no_event_has_are_ignored():
    assert message("game_quit", {"game_id": "g", "reason": "idle", "why": 1}) == GameQuit(
        "g", "idle"
    )


def test_an_event_may_tell_neither_its_frame_nor_a_detail():
    assert message("game_event", {"game_id": "g", "kind": "hidden"}) == GameEvent("g", "hidden")
    nulls = {"game_id": "g", "kind": "hidden", "frame": None, "detail": None}
    assert message("game_event", nulls) == GameEvent("g", "hidden")


@pytest.mark.parametrize(
    "fields",
    [
        *({"kind": kind} for kind in (None, "cheating", ["hidden"], "\ud800")),
        *({"frame": frame} for frame in (-1, "1", True, 1.0, 2**60, math.nan)),
        *({"detail": detail} for detail in ([math.nan], math.inf, b"bytes", "x" * 5000)),
    ],
)
def test_malformed_game_events_are_refused(fields):
    sound = {"game_id": "g", "kind": "hidden", "frame": 1, "detail": None}
    assert not is_dropped("game_event", sound)
    assert is_dropped("game_event", {**sound, **fields})


def test_a_detail_may_have_just_so_many_characters_as_json():
    longest = "x" * (game_events.MAX_EVENT_DETAIL_CHARS - len('""'))
    event = {"game_id": "g", "kind": "hidden"}
    assert not is_dropped("game_event", {**event, "detail": longest})
    assert is_dropped("game_event", {**event, "detail": longest + "x"})


def test_a_page_tells_the_network_in_at_most_64_rows():
    row = {"frame": 1}
    assert not is_dropped("game_network", {"game_id": "g", "rows": [row] * MAX_ROWS})
    assert is_dropped("game_network", {"game_id": "g", "rows": [row] * (MAX_ROWS + 1)})
    assert is_dropped("game_network", {"game_id": "g", "rows": []})


def test_frames_go_up_to_what_a_browser_can_count():
    assert message("game_resumed", {"game_id": "g", "frame": 2**53}) == GameResumed("g", 2**53)
    assert is_dropped("game_resumed", {"game_id": "g", "frame": 2**53 + 1})
