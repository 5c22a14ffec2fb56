import logging

import pytest

from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.games import open_game
from interactive_gym.server.games.inbox import GAME_EVENTS
from tests.support.browser_events import OFFER, SOUND, events, is_dropped, network, served
from tests.support.matching_fakes import FakeRecord, FakeScene, FakeStore, World


def playing(size: int = 2) -> World:
    agents = ("one", "two", "three")[:size]
    world = World(data_store=FakeStore(), scene=FakeScene(human_agents=agents))
    world.join(*"abc"[:size])
    world.start_game(*"abc"[:size])
    return world


def record(world: World) -> FakeRecord:
    return world.store.records[0]


def frames(world: World, **fields):
    return {**sound(world, "game_frames"), **fields}


def sound(world: World, event: str):
    """A payload of an event about the game that is played."""
    return {**SOUND[event], "game_id": world.game_id("a")}


def test_frames_go_to_the_record_of_the_senders_seat():
    world = playing()
    assert world.send("b", "game_frames", **frames(world)) == {"next_frame": 1}
    assert ("append_frames", 1, 0) in record(world).calls


def test_frames_that_the_record_refuses_are_not_acknowledged():
    world = playing()
    assert world.send("a", "game_frames", **frames(world, digest="bad")) is None
    assert world.sio.to("a", "game_ended") == []


def test_frames_that_cannot_be_written_are_asked_for_again():
    world = playing()
    record(world).full = True
    assert world.send("a", "game_frames", **frames(world)) == {"next_frame": 0}
    record(world).full = False
    assert world.send("a", "game_frames", **frames(world)) == {"next_frame": 1}


def test_while_files_cannot_be_written_a_game_stays_open_for_its_frames():
    world = playing()
    for who in "ab":
        finished = {"game_id": world.game_id("a"), "reason": "engine_error"}
        world.send(who, "game_finished", **finished, frames=1, digest="")
        record(world).is_failing = True
    world.pass_time(600.0)
    record(world).is_failing = False
    world.pass_time(29.0)
    assert ("close", "engine_error") not in record(world).calls
    assert world.send("b", "game_frames", **frames(world)) == {"next_frame": 1}
    world.pass_time(2.0)
    assert ("close", "engine_error") in record(world).calls


def test_uploads_that_differ_end_no_game_and_are_kept_in_the_ledger():
    world = playing()
    record(world).desync = Desync(0, (0, 1), "rows")
    assert world.send("a", "game_frames", **frames(world)) == {"next_frame": 1}
    assert world.sio.to("b", "game_ended") == []
    for who in "ab":
        finished = {"game_id": world.game_id("a"), "reason": "completed"}
        world.send(who, "game_finished", **finished, frames=1, digest="")
    # Those who have played it all have completed it, but the game is not agreed.
    assert [world.sio.to(who, "game_ended")[0]["reason"] for who in "ab"] == ["completed"] * 2
    world.pass_time(5.0)
    (line,) = world.ledger.of("game_ended")
    assert line["reason"] == "desync"
    assert line["desync"] == {"frame": 0, "seats": (0, 1), "part": "rows"}


def test_of_a_game_without_a_last_step_nobody_can_upload_more_than_can_be_played():
    world = playing()
    many = frames(world, rows=["0", "0"], first_frame=10_000)
    assert world.send("a", "game_frames", **many) == {"next_frame": 0}
    world.pass_time(1.0)
    assert world.send("a", "game_frames", **many) == {"next_frame": 10_001}
    far = frames(world, rows=["0", "0"], first_frame=2**53)
    assert world.send("a", "game_frames", **far) == {"next_frame": 0}


def test_late_frames_are_taken_for_a_few_seconds_after_the_end():
    world = playing()
    world.send("b", "game_quit", game_id=world.game_id("b"), reason="idle")
    finished = {"game_id": world.game_id("a"), "reason": "partner_lost", "frames": 1, "digest": ""}
    world.send("a", "game_finished", **finished)
    assert world.send("b", "game_frames", **frames(world)) == {"next_frame": 1}
    world.pass_time(5.0)
    assert world.send("b", "game_frames", **frames(world)) is None


def test_frames_before_the_start_are_refused():
    world = World(data_store=FakeStore())
    world.join("a", "b")
    assert world.send("a", "game_frames", **frames(world)) is None


def test_game_signals_go_to_the_seat_they_are_for():
    world = playing(3)
    payload = {"game_id": world.game_id("a"), "to_seat": 2, "signal": OFFER}
    world.send("b", "game_signal", **payload)
    assert world.sio.to("c", "game_signal") == [
        {"game_id": world.game_id("a"), "from_seat": 1, "signal": OFFER}
    ]
    assert world.sio.to("a", "game_signal") == []


@pytest.mark.parametrize("to_seat", [0, 3])
def test_game_signals_to_nobody_or_oneself_are_dropped(to_seat):
    world = playing(3)
    payload = {"game_id": world.game_id("a"), "to_seat": to_seat, "signal": OFFER}
    world.send("a", "game_signal", **payload)
    assert not any(event == "game_signal" for _, event, _ in world.sio.emitted)


def test_so_many_game_signals_over_a_link_pass_and_no_more(monkeypatch):
    monkeypatch.setattr(open_game, "MAX_SIGNALS", 3)
    world = playing(3)
    for to_seat in (1, 1, 1, 1, 2):
        payload = {"game_id": world.game_id("a"), "to_seat": to_seat, "signal": OFFER}
        world.send("a", "game_signal", **payload)
    assert len(world.sio.to("b", "game_signal")) == 3
    assert len(world.sio.to("c", "game_signal")) == 1


def test_no_game_signal_passes_after_the_end():
    world = playing()
    world.manager.leave("b", "excluded")
    payload = {"game_id": world.game_id("a"), "to_seat": 1, "signal": OFFER}
    world.send("a", "game_signal", **payload)
    assert world.sio.to("b", "game_signal") == []


def test_game_events_are_kept_with_the_seat():
    world = playing()
    event = {"kind": "hidden", "frame": 12, "detail": None}
    told = events(event, event, first=3)
    answer = world.send("b", "game_events", game_id=world.game_id("a"), **told)
    assert answer == {"next": 5}
    fields = {"seat": 1, "frame": 12, "detail": None}
    assert ("log_event", "hidden", fields) in record(world).calls


@pytest.mark.parametrize("reason", ["completed", "desync"])
def test_a_game_cannot_be_finished_before_it_started(reason):
    world = World()
    world.join("a", "b")
    finished = {"game_id": world.game_id("a"), "reason": reason, "frames": 0, "digest": ""}
    assert world.send("a", "game_finished", **finished) is None
    assert world.sio.to("a", "game_ended") == []


def test_rows_of_the_network_go_to_the_record_with_the_senders_seat():
    world = playing()
    row = {"frame": 1, "age_ms": 500}
    assert world.send("b", "game_network", game_id=world.game_id("b"), **network(row)) == {
        "next": 1
    }
    (rows,) = [call[2] for call in record(world).calls if call[:2] == ("add_network", 1)]
    assert [(age_s, it.frame) for age_s, it in rows] == [(0.5, 1)]


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        *(("game_peer_lost", {"seat": seat}) for seat in (None, True, -1, 0, 2, "1", 1.0, [1])),
        *(
            ("game_quit", {"reason": reason})
            for reason in (None, "disconnected", "bored", ["idle"])
        ),
        *(("game_resumed", {"frame": frame}) for frame in (None, -1, True, "9", 2**60)),
        *(("game_events", events({"kind": kind})) for kind in (None, "cheating", ["hidden"])),
        *(("game_events", {"first": first}) for first in (None, -1, "0", 0.5)),
        *(("game_events", {"incarnation": number}) for number in (None, -1, 256, True)),
        *(("game_finished", {"reason": reason}) for reason in (None, "won", "hidden", ["desync"])),
        *(("game_frames", {"first_frame": frame}) for frame in (None, "0", True, 0.5)),
        *(("game_frames", {"rows": rows}) for rows in (None, "00", [1], {"0": "0"})),
        *(("game_network", {"rows": rows}) for rows in (None, [], [{"subject_id": "x"}])),
        *(("game_signal", {"to_seat": seat}) for seat in (None, True, -1, 0, 2, "1")),
        *(("game_signal", {"signal": signal}) for signal in (None, {}, {"type": "redirect"})),
    ],
)
def test_what_the_protocol_does_not_know_is_dropped_and_logged_once(event, fields, caplog):
    world = playing()
    before = (list(world.sio.emitted), list(record(world).calls))
    pages = served(world.manager)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert pages.receive("a", event, {**sound(world, event), **fields}) is None
    assert (world.sio.emitted, record(world).calls) == before
    assert len(caplog.records) == 1


@pytest.mark.parametrize("event", ["game_peer_lost", "game_resumed"])
def test_before_the_start_nobody_is_lost_and_nobody_resumes(event):
    world = World(data_store=FakeStore())
    world.join("a", "b")
    before = list(world.sio.emitted)
    payload = {"game_id": world.game_id("a"), "seat": 1, "frame": 3}
    world.send("a", event, **payload)
    world.pass_time(2.0)
    assert [event for _, event, _ in world.sio.emitted[len(before) :]] == []


@pytest.mark.parametrize("event", GAME_EVENTS)
def test_a_stranger_cannot_act_on_a_game(event):
    world = playing()
    before = (list(world.sio.emitted), list(record(world).calls))
    payload = sound(world, event)
    assert not is_dropped(event, payload)
    assert world.send("mallory", event, **payload) is None
    assert (world.sio.emitted, record(world).calls) == before


@pytest.mark.parametrize("payload", [None, [], "x", {}, {"game_id": 5}, {"game_id": "unknown"}])
@pytest.mark.parametrize("event", GAME_EVENTS)
def test_malformed_payloads_change_nothing_and_are_logged_at_most_once(event, payload, caplog):
    world = playing()
    before = (list(world.sio.emitted), list(record(world).calls))
    pages = served(world.manager)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert pages.receive("a", event, payload) is None
    assert (world.sio.emitted, record(world).calls) == before
    assert len(caplog.records) <= 1
