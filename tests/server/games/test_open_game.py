"""The record of a game: when it is opened, written and closed."""

import pytest

from tests.support.matching_fakes import FakeScene, FakeStore, World
from tests.support.played_games import PLAYING, WAITING, calls, finish, playing, say, tell


def test_the_record_is_opened_before_anybody_hears_of_the_game():
    class Noting(FakeStore):
        def open_game(self, scene_id, game_id, match):
            heard.extend(world.sio.events_to("a"))
            return super().open_game(scene_id, game_id, match)

    heard: list[str] = []
    world = World(data_store=Noting())
    world.join("a", "b")
    assert heard == ["waitroom_update"]
    assert world.sio.events_to("a") == ["waitroom_update", "game_created"]


def test_the_record_is_closed_after_the_last_frames():
    world = playing()
    say(world, "quit", "b", reason="idle")
    finish(world, "a", "partner_lost")
    assert ("close", "partner_lost") not in calls(world)
    world.pass_time(5.0)
    assert calls(world)[-1] == ("close", "partner_lost")
    assert ("finish", 0, 9, "d") in calls(world)


def test_a_completed_games_record_is_closed_by_the_next_tick():
    world = playing()
    finish(world, "a", "completed")
    finish(world, "b", "completed")
    world.manager.tick()
    assert calls(world)[-1] == ("close", "completed")


def test_what_is_noted_of_a_game_is_written_in_the_order_in_which_it_happened():
    world = playing()
    world.manager.handle_disconnect("b")
    tell(world, "a", "hidden", 3)
    world.manager.handle_reconnect("b")
    say(world, "quit", "b", reason="idle")
    finish(world, "a")
    written = [call[1] if call[0] == "log_event" else call[0] for call in calls(world)]
    assert written == [
        *("game_start", "disconnected", "hidden", "reconnected"),
        *("note_cut", "finish", "finished", "game_ended"),
    ]


def test_an_event_about_a_participant_has_their_seat():
    world = playing("abc")
    world.manager.handle_disconnect("c")
    assert calls(world)[1:] == [("log_event", "disconnected", {"seat": 2})]


@pytest.mark.parametrize("agents", [("left", "right"), ("alone",)])
def test_a_record_that_cannot_be_opened_is_retried_and_nobody_is_stuck(agents, caplog):
    store = FakeStore(fails=True)
    world = World(data_store=store, scene=FakeScene(human_agents=agents))
    world.join(*"ab"[: len(agents)])
    assert "No space left on device" in caplog.text
    events = [e for e in world.sio.events_to("a") if e.startswith("game")]
    assert events == ["game_created", "game_ended"]
    assert world.manager.states.state_of("a") is WAITING
    store.fails = False
    world.pass_time(3.0)
    assert len(store.records) == 1
    assert world.manager.states.state_of("a") is PLAYING


def test_without_a_store_frames_are_acknowledged():
    world = playing(data_store=None)
    frames = {"columns": [], "first_frame": 4, "rows": ["x"] * 6, "digest": ""}
    answer = world.send("a", "game_frames", game_id=world.game_id("a"), **frames)
    assert answer == {"next_frame": 7}


def test_a_page_is_told_how_to_upload_where_its_record_says_so_also_after_a_reload():
    class Routed(FakeStore):
        def open_game(self, scene_id, game_id, match):
            record = super().open_game(scene_id, game_id, match)
            record.routes[1] = {"address": "recorder/1/socket.io/", "key": "signed"}
            return record

    world = playing(data_store=Routed())
    assert world.sio.to("a", "game_created")[0]["uploads"] is None
    world.manager.handle_disconnect("b")
    world.manager.handle_reload("b")
    world.manager.join("b")
    routes = [told["uploads"] for told in world.sio.to("b", "game_created")]
    assert routes == [{"address": "recorder/1/socket.io/", "key": "signed"}] * 2
