import logging

import pytest

from interactive_gym.server.data.game_record import Desync
from interactive_gym.server.games import inbox as game_inbox
from tests.support.matching_fakes import FakeRecord, FakeScene, FakeStore, World

OFFER = {"type": "offer", "sdp": "v=0"}


def playing(size: int = 2) -> World:
    agents = ("one", "two", "three")[:size]
    world = World(data_store=FakeStore(), scene=FakeScene(human_agents=agents))
    world.join(*"abc"[:size])
    world.start_game(*"abc"[:size])
    return world


def record(world: World) -> FakeRecord:
    return world.store.records[0]


def frames(world: World, **fields):
    return {
        "game_id": world.game_id("a"),
        "columns": ["frame"],
        "first_frame": 0,
        "rows": ["0", "0"],
        "digest": "ok",
        **fields,
    }


def test_frames_go_to_the_record_of_the_senders_seat():
    world = playing()
    assert world.manager.handle_game_frames("b", frames(world)) == {"next_frame": 1}
    assert ("append_frames", 1, 0) in record(world).calls


def test_frames_that_the_record_refuses_are_not_acknowledged():
    world = playing()
    assert world.manager.handle_game_frames("a", frames(world, digest="bad")) is None
    assert world.sio.to("a", "game_ended") == []


def test_uploads_that_differ_end_the_game_as_a_desync():
    world = playing()
    record(world).desync = Desync(0, 1, "rows")
    assert world.manager.handle_game_frames("a", frames(world)) == {"next_frame": 1}
    assert world.sio.to("b", "game_ended")[0]["reason"] == "desync"


def test_late_frames_are_taken_for_a_few_seconds_after_the_end():
    world = playing()
    finished = {"game_id": world.game_id("a"), "reason": "engine_error", "frames": 1, "digest": ""}
    world.manager.handle_game_finished("a", finished)
    assert world.manager.handle_game_frames("b", frames(world)) == {"next_frame": 1}
    world.pass_time(5.0)
    assert world.manager.handle_game_frames("b", frames(world)) is None


def test_frames_before_the_start_are_refused():
    world = World(data_store=FakeStore())
    world.join("a", "b")
    assert world.manager.handle_game_frames("a", frames(world)) is None


@pytest.mark.parametrize(
    "fields", [{"first_frame": "0"}, {"first_frame": True}, {"rows": "00"}, {"rows": None}]
)
def test_frames_of_another_form_are_refused(fields):
    world = playing()
    assert world.manager.handle_game_frames("a", frames(world, **fields)) is None
    assert not any(call[0] == "append_frames" for call in record(world).calls)


def test_game_signals_go_to_the_seat_they_are_for():
    world = playing(3)
    payload = {"game_id": world.game_id("a"), "to_seat": 2, "signal": OFFER}
    world.manager.handle_game_signal("b", payload)
    assert world.sio.to("c", "game_signal") == [
        {"game_id": world.game_id("a"), "from_seat": 1, "signal": OFFER}
    ]
    assert world.sio.to("a", "game_signal") == []


@pytest.mark.parametrize("to_seat", [-1, 0, 3, True, "1", None])
def test_game_signals_to_nobody_or_oneself_are_dropped(to_seat):
    world = playing(3)
    payload = {"game_id": world.game_id("a"), "to_seat": to_seat, "signal": OFFER}
    world.manager.handle_game_signal("a", payload)
    assert not any(event == "game_signal" for _, event, _ in world.sio.emitted)


def test_no_game_signal_passes_after_the_end():
    world = playing()
    world.manager.leave("b", "excluded")
    payload = {"game_id": world.game_id("a"), "to_seat": 1, "signal": OFFER}
    world.manager.handle_game_signal("a", payload)
    assert world.sio.to("b", "game_signal") == []


def test_game_events_are_kept_with_the_seat():
    world = playing()
    event = {"game_id": world.game_id("a"), "kind": "hidden", "frame": 12, "detail": None}
    world.manager.handle_game_event("b", event)
    fields = {"seat": 1, "frame": 12, "detail": None}
    assert ("log_event", "hidden", fields) in record(world).calls


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "cheating"},
        {"kind": ["hidden"]},
        {"frame": -1},
        {"frame": "1"},
        {"detail": "x" * 5000},
        {"detail": [float("nan")]},
        {"detail": b"bytes"},
        {"frame": 2**60},
    ],
)
def test_malformed_game_events_are_dropped(fields):
    world = playing()
    before = list(record(world).calls)
    event = {"game_id": world.game_id("a"), "kind": "hidden", "frame": 1, "detail": None}
    world.manager.handle_game_event("a", {**event, **fields})
    assert record(world).calls == before


def tell(world: World, **fields) -> int:
    """Have "a" tell an event; how many of its events are kept by now."""
    event = {"game_id": world.game_id("a"), "kind": "stall", "frame": 1, "detail": None}
    world.manager.handle_game_event("a", {**event, **fields})
    return [call[1] for call in record(world).calls].count("stall")


def test_the_detail_of_an_event_has_at_most_4096_characters():
    world = playing()
    quotes = len('""')
    assert tell(world, detail="x" * (4096 - quotes)) == 1
    assert tell(world, detail="x" * (4097 - quotes)) == 1


def test_frames_are_numbered_from_0_to_the_largest_whole_number_of_a_browser():
    world = playing()
    for kept, frame in ((1, 0), (2, 2**53), (2, 2**53 + 1), (2, -1), (3, None)):
        assert tell(world, frame=frame) == kept


def test_a_page_may_tell_twenty_thousand_events_and_not_one_more():
    world = playing()
    event = {"game_id": world.game_id("a"), "kind": "stall", "frame": 1, "detail": None}
    for _ in range(19_999):
        world.manager.handle_game_event("a", event)
    assert tell(world) == 20_000
    assert tell(world) == 20_000


def test_no_page_can_fill_the_disk_with_events(monkeypatch):
    monkeypatch.setattr(game_inbox, "MAX_EVENTS", 2)
    world = playing()
    for who, times in (("a", 4), ("b", 1)):
        for _ in range(times):
            event = {"game_id": world.game_id(who), "kind": "stall", "frame": 1, "detail": None}
            world.manager.handle_game_event(who, event)
    assert [call[1] for call in record(world).calls].count("stall") == 3


@pytest.mark.parametrize("reason", ["completed", "desync"])
def test_a_game_cannot_be_finished_before_it_started(reason):
    world = World()
    world.join("a", "b")
    finished = {"game_id": world.game_id("a"), "reason": reason, "frames": 0, "digest": ""}
    assert world.manager.handle_game_finished("a", finished) is None
    assert world.sio.to("a", "game_ended") == []


@pytest.mark.parametrize("reason", [None, "won", "hidden", ["completed"]])
def test_unknown_reasons_to_finish_are_dropped(reason):
    world = playing()
    finished = {"game_id": world.game_id("a"), "reason": reason, "frames": 0, "digest": ""}
    assert world.manager.handle_game_finished("a", finished) is None
    assert world.sio.to("a", "game_ended") == []


def test_rows_of_the_network_go_to_the_record_with_the_senders_seat():
    world = playing()
    world.manager.handle_game_network("b", {"game_id": world.game_id("b"), "rows": [{"frame": 1}]})
    assert ("append_network", 1, [{"frame": 1}]) in record(world).calls


@pytest.mark.parametrize(
    ("handler", "fields"),
    [
        *(("peer_lost", {"seat": seat}) for seat in (None, True, -1, 2, "1", 1.0, [1])),
        ("peer_lost", {"seat": 0}),
        *(("quit", {"reason": reason}) for reason in (None, "disconnected", "bored", ["idle"])),
        *(("resumed", {"frame": frame}) for frame in (None, -1, True, "9", 2**60)),
    ],
)
def test_what_the_protocol_does_not_know_is_dropped_and_logged_once(handler, fields, caplog):
    world = playing()
    before = (list(world.sio.emitted), list(record(world).calls))
    payload = {"game_id": world.game_id("a"), **fields}
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            getattr(world.manager, f"handle_game_{handler}")("a", payload)
    assert (world.sio.emitted, record(world).calls) == before
    assert len(caplog.records) == 1


@pytest.mark.parametrize("handler", ["peer_lost", "resumed"])
def test_before_the_start_nobody_is_lost_and_nobody_resumes(handler):
    world = World(data_store=FakeStore())
    world.join("a", "b")
    before = list(world.sio.emitted)
    payload = {"game_id": world.game_id("a"), "seat": 1, "frame": 3}
    getattr(world.manager, f"handle_game_{handler}")("a", payload)
    world.pass_time(2.0)
    assert [event for _, event, _ in world.sio.emitted[len(before) :]] == []


HANDLERS = [
    "handle_game_ready",
    "handle_game_signal",
    "handle_game_resumed",
    "handle_game_peer_lost",
    "handle_game_quit",
    "handle_game_frames",
    "handle_game_event",
    "handle_game_network",
    "handle_game_finished",
]


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_stranger_cannot_act_on_a_game(handler):
    world = playing()
    before = (list(world.sio.emitted), list(record(world).calls))
    payload = {
        **frames(world),
        "reason": "completed",
        "kind": "hidden",
        "to_seat": 0,
        "signal": OFFER,
        "seat": 1,
        "frame": 5,
    }
    assert getattr(world.manager, handler)("mallory", payload) is None
    assert (world.sio.emitted, record(world).calls) == before


@pytest.mark.parametrize("payload", [None, [], "x", {}, {"game_id": 5}, {"game_id": "unknown"}])
@pytest.mark.parametrize("handler", HANDLERS)
def test_malformed_payloads_change_nothing_and_are_logged_at_most_once(handler, payload, caplog):
    world = playing()
    before = (list(world.sio.emitted), list(record(world).calls))
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert getattr(world.manager, handler)("a", payload) is None
    assert (world.sio.emitted, record(world).calls) == before
    assert len(caplog.records) <= 1
