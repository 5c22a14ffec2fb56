from tests.support.matching_fakes import FakeStore, World, answering
from tests.support.played_games import ENDED, IDLE, PLAYING, WAITING, cuts, reasons


def world_with_game(*, started: bool = True, **parts) -> World:
    """`a` and `b` in a game."""
    world = World(data_store=parts.pop("data_store", FakeStore()), **parts)
    world.join("a", "b")
    if started:
        world.start_game("a", "b")
    return world


def finish(world: World, subject_id: str, reason: str = "completed"):
    payload = {"game_id": world.game_id(subject_id), "reason": reason, "frames": 9, "digest": "d"}
    return world.send(subject_id, "game_finished", **payload)


def test_the_game_starts_for_everybody_when_all_are_ready():
    world = world_with_game(started=False)
    game_id = world.game_id("a")
    for _ in range(2):
        world.send("a", "game_ready", game_id=game_id)
    assert world.sio.to("a", "game_start") == []
    world.send("b", "game_ready", game_id=game_id)
    start = [{"game_id": game_id, "countdown_ms": 3000}]
    assert world.sio.to("a", "game_start") == world.sio.to("b", "game_start") == start


def test_a_page_that_missed_the_start_hears_of_it_when_it_says_again_that_it_is_ready():
    world = world_with_game()
    ready = {"game_id": world.game_id("b")}
    world.send("b", "game_ready", **ready)
    assert world.sio.to("b", "game_start")[1:] == [{**ready, "countdown_ms": 0}]
    assert len(world.sio.to("a", "game_start")) == 1
    for who in "ab":
        finish(world, who, "engine_error")
    world.send("b", "game_ready", **ready)
    assert len(world.sio.to("b", "game_start")) == 2


def test_a_game_that_does_not_start_gives_everybody_back_and_is_retried_later():
    world = world_with_game(started=False)
    world.send("a", "game_ready", game_id=world.game_id("a"))
    world.pass_time(30.0)
    for subject_id in "ab":
        assert reasons(world, subject_id) == ["start_timeout"]
        events = world.sio.events_to(subject_id)
        assert set(events[events.index("game_ended") + 1 :]) == {"waitroom_update"}
        assert world.manager.states.state_of(subject_id) is WAITING
    assert len(world.games()) == 1
    world.pass_time(2.0)
    assert len(world.games()) == 2


def test_a_failed_start_keeps_the_time_already_waited():
    world = World()
    world.join("a")
    world.clock.advance(5.0)
    world.join("b")
    world.pass_time(30.0)
    assert world.sio.to("a", "waitroom_update")[-1]["waited_ms"] == 35_000


def test_after_a_failed_start_the_connection_is_probed_again():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.prober.last.complete(20)
    world.pass_time(33.0)
    assert world.prober.pairs == [("a", "b"), ("a", "b")]


def test_who_is_ready_is_matched_with_somebody_else_at_once_after_a_failed_start():
    world = world_with_game(started=False)
    world.send("a", "game_ready", game_id=world.game_id("a"))
    world.join("c")
    world.pass_time(30.0)
    assert [set(game) for game in world.games()] == [{"a", "b"}, {"a", "c"}]


def test_who_was_away_at_a_failed_start_joins_again_when_back():
    world = world_with_game(started=False)
    world.manager.handle_disconnect("b")
    world.pass_time(9.0)
    assert world.manager.states.state_of("a") is WAITING
    assert world.manager.states.state_of("b") is IDLE
    assert reasons(world, "b") == []
    world.manager.handle_reconnect("b")
    world.manager.resync("b")
    assert reasons(world, "b") == ["start_timeout"]
    assert world.sio.events_to("b")[-1] == "waitroom_update"
    assert world.manager.states.state_of("b") is WAITING


def test_a_reload_before_the_start_costs_nobody_the_game():
    world = world_with_game(started=False)
    world.manager.handle_disconnect("b")
    world.manager.handle_reload("b")
    world.manager.resync("b")
    assert reasons(world, "a") == ["start_timeout"]
    assert reasons(world, "b") == []
    assert world.manager.states.state_of("b") is IDLE
    world.join("b")
    assert len(world.games()) == 2


def test_a_lost_connection_is_waited_for():
    world = world_with_game()
    world.manager.handle_disconnect("b")
    world.pass_time(7.5)
    world.manager.handle_reconnect("b")
    world.pass_time(60.0)
    assert reasons(world, "a") == []
    assert world.manager.outcome_of("a") is None


def test_leaving_a_game_cuts_the_leaver_who_hears_no_more_of_it():
    world = world_with_game()
    world.manager.leave("b", "excluded")
    assert cuts(world, "a") == [(1, "disconnected")]
    assert reasons(world, "b") == []
    assert world.manager.states.state_of("b") is IDLE


def test_a_game_is_completed_when_everybody_says_so():
    world = world_with_game()
    assert finish(world, "a") == {}
    assert reasons(world, "a") == []
    assert world.manager.outcome_of("a") is None
    finish(world, "b")
    for subject_id in "ab":
        assert reasons(world, subject_id) == ["completed"]
        assert world.manager.outcome_of(subject_id) == "completed"


def test_who_does_not_report_in_time_is_still_awaited_when_the_others_are_let_go():
    world = world_with_game()
    finish(world, "a")
    world.manager.handle_disconnect("b")
    world.pass_time(9.5)
    assert reasons(world, "a") == []
    world.pass_time(0.5)
    assert reasons(world, "a") == ["completed"]
    # No partner waits, so there is time to come back.
    world.pass_time(100.0)
    world.manager.handle_reconnect("b")
    world.manager.resync("b")
    finish(world, "b")
    assert reasons(world, "b") == ["completed"]


def test_who_reloads_after_the_partner_completed_has_completed_too():
    world = world_with_game()
    finish(world, "a")
    world.manager.handle_reload("b")
    world.manager.resync("b")
    assert reasons(world, "a") == reasons(world, "b") == ["completed"]


def test_an_engine_that_cannot_start_does_not_take_the_partner_with_it():
    world = world_with_game(started=False)
    finish(world, "a", "engine_error")
    assert reasons(world, "a") == ["engine_error"]
    assert world.manager.states.state_of("a") is ENDED
    assert reasons(world, "b") == ["start_timeout"]
    assert world.manager.states.state_of("b") is WAITING


def test_links_that_cannot_be_opened_give_both_back_to_the_waitroom():
    world = world_with_game(started=False)
    finish(world, "a", "partner_lost")
    assert world.manager.states.state_of("a") is world.manager.states.state_of("b") is WAITING
    assert len(world.games()) == 1
    world.pass_time(2.5)
    assert len(world.games()) == 2


def test_nobody_can_be_forgotten_out_of_a_running_game():
    world = world_with_game()
    world.manager.forget("a")
    assert world.manager.states.state_of("a") is PLAYING
    for who in "ab":
        finish(world, who, "desync")
    assert reasons(world, "a") == ["desync"]


def test_a_page_loaded_after_the_decision_hears_nothing_of_the_game_it_lost():
    class SlowStore(FakeStore):
        def open_game(self, scene_id, game_id, match):
            world.manager.handle_reload("b")
            return super().open_game(scene_id, game_id, match)

    world = World(data_store=SlowStore())
    world.join("a", "b")
    assert world.sio.to("b", "game_created") == []
    events = [event for event in world.sio.events_to("a") if event.startswith("game")]
    assert events == ["game_created", "game_ended"]
    assert world.manager.states.state_of("a") is WAITING


def test_leaving_after_the_verdict_gives_the_other_back_to_the_waitroom():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(20))
    world.join("a", "b")
    world.manager.leave("b", "closed the page")
    assert world.manager.states.state_of("a") is WAITING
    assert world.sio.to("a", "game_ended")[0]["reason"] == "start_timeout"
    assert world.sio.events_to("a")[-1] == "waitroom_update"
    assert world.manager.states.state_of("b") is IDLE
