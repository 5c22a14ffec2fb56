"""Pages that are loaded anew during a running game: how they come back, and when they cannot."""

import json

from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.history import history_frames
from interactive_gym.server.data.frame_copies import Desync
from tests.support.matching_fakes import World
from tests.support.played_games import (
    PLAYING,
    calls,
    cuts,
    ended,
    finish,
    playing,
    reasons,
    say,
)


def reload(world: World, subject_id: str) -> None:
    """A page goes and another one comes, with which the server gets in touch."""
    world.manager.handle_disconnect(subject_id)
    world.manager.handle_reload(subject_id)
    world.manager.resync(subject_id)


def come_back(world: World, subject_id: str) -> None:
    """A reload, up to the new page being ready."""
    reload(world, subject_id)
    world.manager.join(subject_id)
    say(world, "ready", subject_id)


def test_a_new_page_is_told_that_it_can_come_back_and_for_how_long():
    world = playing()
    world.manager.handle_disconnect("b")
    world.pass_time(3.0)
    world.manager.handle_reload("b")
    world.manager.resync("b")
    assert world.sio.to("b", "game_resumable") == [
        {"game_id": world.game_id("a"), "remaining_ms": 30_000}
    ]
    assert reasons(world, "a") == []
    assert world.manager.states.state_of("b") is PLAYING
    world.pass_time(4.0)
    world.manager.resync("b")
    assert world.sio.to("b", "game_resumable")[-1]["remaining_ms"] == 26_000


def test_who_comes_back_gets_the_same_game_with_a_higher_incarnation_and_new_connections():
    world = playing("abc")
    reload(world, "b")
    world.manager.join("b")
    first, again = world.sio.to("b", "game_created")
    assert again["game"] == {**first["game"], "incarnation": 1}
    new = {"probe_session_id": None, "incarnation": 0}
    assert again["peers"] == [{**peer, **new} for peer in first["peers"]]
    assert [peer["seat"] for peer in again["peers"]] == [0, 2]
    reload(world, "b")
    world.manager.join("b")
    assert world.sio.to("b", "game_created")[-1]["game"]["incarnation"] == 2


def test_the_others_hear_of_the_new_page_before_it_hears_of_the_game():
    world = playing("abc")
    before = len(world.sio.emitted)
    reload(world, "b")
    world.manager.join("b")
    game_id = world.game_id("b")
    new = world.sio.emitted[before:]
    reloaded = {"game_id": game_id, "seat": 1, "incarnation": 1}
    assert [(to, event) for to, event, _ in new] == [
        ("a", "game_peer_returning"),
        ("c", "game_peer_returning"),
        ("b", "game_resumable"),
        ("a", "game_peer_reloaded"),
        ("c", "game_peer_reloaded"),
        ("b", "game_created"),
    ]
    assert new[3][2] == new[4][2] == reloaded


def test_the_new_page_starts_at_once_when_it_is_ready_and_nobody_else_is_told():
    world = playing()
    come_back(world, "b")
    assert world.sio.to("b", "game_start")[1:] == [
        {"game_id": world.game_id("b"), "countdown_ms": 0}
    ]
    assert len(world.sio.to("a", "game_start")) == 1
    world.pass_time(60.0)
    assert cuts(world, "a") == []


def test_a_page_that_does_not_load_in_its_own_longer_time_is_lost():
    world = playing()
    reload(world, "b")
    world.pass_time(30.0)
    assert cuts(world, "a") == []
    world.pass_time(0.5)
    assert cuts(world, "a") == [(1, "not_loaded")]
    assert reasons(world, "b") == ["not_loaded"]
    assert "did not load" in ended(world, "b")[0]["message"]
    assert world.manager.outcome_of("b") == "technical_error"


def test_a_page_that_has_loaded_and_does_not_connect_is_lost():
    world = playing()
    reload(world, "b")
    world.pass_time(20.0)
    world.manager.join("b")
    world.pass_time(8.0)
    assert cuts(world, "a") == []
    world.pass_time(0.5)
    assert cuts(world, "a") == [(1, "connection_lost")]
    assert reasons(world, "b") == ["connection_lost"]
    say(world, "ready", "b")
    assert len(world.sio.to("b", "game_start")) == 1


def test_who_has_loaded_waits_for_another_who_still_does():
    world = playing()
    stores(world, 9)
    reload(world, "a")
    world.pass_time(5.0)
    reload(world, "b")
    world.manager.join("a")
    world.pass_time(29.0)
    assert cuts(world, "a") == []
    world.manager.join("b")
    world.pass_time(8.0)
    assert cuts(world, "a") == cuts(world, "b") == []


def test_who_goes_away_while_all_others_are_coming_back_is_not_waited_for_for_long():
    world = playing()
    stores(world, 9)
    reload(world, "a")
    world.manager.handle_disconnect("b")
    world.pass_time(8.0)
    assert cuts(world, "a") == []
    world.pass_time(0.5)
    assert reasons(world, "b") == ["disconnected"]


def test_the_others_see_how_far_a_page_is_that_is_coming_back():
    world = playing("abc")
    reload(world, "b")
    say(world, "returning", "b", fraction=0.6)
    game_id = world.game_id("b")
    told = [{"game_id": game_id, "seat": 1, "fraction": fraction} for fraction in (0.0, 0.6)]
    assert world.sio.to("a", "game_peer_returning") == told
    assert world.sio.to("c", "game_peer_returning") == told
    world.manager.handle_disconnect("c")
    world.manager.handle_reconnect("c")
    world.manager.resync("c")
    assert world.sio.to("c", "game_peer_returning")[2:] == told[1:]
    world.manager.handle_disconnect("b")
    assert world.sio.to("a", "game_peer_returning")[2:] == [{**told[0], "fraction": None}]
    assert world.sio.to("b", "game_peer_returning") == []


def test_whoever_plays_is_not_coming_back():
    world = playing()
    say(world, "returning", "b", fraction=0.6)
    come_back(world, "b")
    say(world, "returning", "b", fraction=0.6)
    assert [told["fraction"] for told in world.sio.to("a", "game_peer_returning")] == [0.0]


def test_asking_again_before_being_ready_is_answered_by_the_same_invitation():
    world = playing()
    reload(world, "b")
    for _ in range(2):
        world.manager.join("b")
    first, again = world.sio.to("b", "game_created")[1:]
    assert first == again
    assert len(world.sio.to("a", "game_peer_reloaded")) == 1
    say(world, "ready", "b")
    world.manager.join("b")
    assert len(world.sio.to("b", "game_created")) == 3


def test_a_page_that_was_not_loaded_anew_cannot_join_its_game_again():
    world = playing()
    world.manager.join("b")
    assert len(world.sio.to("b", "game_created")) == 1


def test_who_comes_back_hears_of_everybody_lost_meanwhile():
    world = playing("abcd", on_cut="neutral")
    reload(world, "d")
    say(world, "quit", "b", reason="hidden")
    assert cuts(world, "d") == []
    world.manager.join("d")
    assert cuts(world, "d") == [(1, "hidden")]
    assert [peer["seat"] for peer in world.sio.to("d", "game_created")[-1]["peers"]] == [0, 2]


def test_a_page_whose_socket_was_lost_hears_again_what_it_may_have_missed():
    world = playing("abc", on_cut="neutral")
    world.manager.handle_disconnect("a")
    say(world, "quit", "b", reason="hidden")
    come_back(world, "c")
    before = len(world.sio.emitted)
    world.manager.handle_reconnect("a")
    world.manager.resync("a")
    assert [(event, payload["seat"]) for _, event, payload in world.sio.emitted[before:]] == [
        ("game_peer_reloaded", 2),
        ("game_cut", 1),
    ]


def test_a_page_hears_with_its_game_which_of_its_partners_have_reloaded():
    world = playing("abc")
    come_back(world, "b")
    say(world, "resumed", "b", frame=9)
    come_back(world, "a")
    peers = world.sio.to("a", "game_created")[-1]["peers"]
    assert [(peer["seat"], peer["incarnation"]) for peer in peers] == [(1, 1), (2, 0)]


def row(frame: int, agent: str, action: int) -> str:
    return f"{frame},0,{frame},{agent},{action},false,0.0,false,false"


def stores(world: World, frames: int) -> list[bytes]:
    """Have the game's record hold so many frames; returns their inputs."""
    people = world.scene.human_agents
    world.store.records[0].stored = [
        row(frame, agent, (frame + seat) % 2)
        for frame in range(frames)
        for seat, agent in enumerate(people)
    ]
    return [bytes((frame + seat) % 2 for seat in range(len(people))) for frame in range(frames)]


def given(world: World, subject_id: str) -> tuple[int, list[bytes] | None]:
    """The incarnation with which a page was invited last, and the inputs that it was given."""
    game = world.sio.to(subject_id, "game_created")[-1]["game"]
    config = GameConfig.from_json(json.dumps(game))
    return config.incarnation, None if config.history is None else history_frames(config)


def test_when_all_pages_were_loaded_anew_they_go_on_from_the_stored_frames():
    world = playing()
    inputs = stores(world, 9)
    reload(world, "a")
    reload(world, "b")
    assert reasons(world, "a") == reasons(world, "b") == []
    world.manager.join("a")
    assert given(world, "a") == (1, inputs)
    # The second is given the same, whatever were stored meanwhile.
    stores(world, 12)
    world.manager.join("b")
    assert given(world, "b") == (1, inputs)
    assert [call for call in calls(world) if call[0] == "restore"] == [("restore", [1, 1])]
    for who in "ab":
        say(world, "ready", who)
        say(world, "resumed", who, frame=9)
    world.pass_time(60.0)
    assert reasons(world, "a") == reasons(world, "b") == cuts(world, "a") == []


def test_a_page_that_was_being_given_the_game_by_a_partner_who_reloads_is_invited_again():
    world = playing()
    inputs = stores(world, 9)
    come_back(world, "b")
    assert given(world, "b") == (1, None)
    reload(world, "a")
    assert given(world, "b") == (2, inputs)
    world.manager.join("a")
    assert given(world, "a") == (1, inputs)


def test_whoever_is_given_the_stored_frames_can_hold_the_game_for_the_next():
    world = playing()
    stores(world, 9)
    for who in "ab":
        reload(world, who)
    for who in "ab":
        world.manager.join(who)
    for who in "ab":
        say(world, "ready", who)
    say(world, "resumed", "a", frame=9)
    come_back(world, "b")
    assert given(world, "b") == (2, None)


def test_who_is_away_when_the_frames_are_read_is_invited_when_they_are_back():
    world = playing()
    inputs = stores(world, 9)
    come_back(world, "b")
    world.manager.handle_disconnect("b")
    reload(world, "a")
    world.manager.join("a")
    assert given(world, "a") == (1, inputs)
    assert given(world, "b") == (1, None)
    world.manager.handle_reconnect("b")
    world.manager.resync("b")
    assert len(world.sio.to("b", "game_resumable")) == 2
    world.manager.join("b")
    assert given(world, "b") == (2, inputs)


def test_after_a_page_has_played_on_its_reload_makes_all_go_on_from_later_frames():
    world = playing("a")
    stores(world, 9)
    come_back(world, "a")
    later = stores(world, 12)
    come_back(world, "a")
    assert given(world, "a") == (2, later)
    assert [call[1] for call in calls(world) if call[0] == "restore"] == [[1], [2]]


def test_one_who_resumed_can_hold_the_game_for_the_other():
    world = playing()
    come_back(world, "b")
    say(world, "resumed", "b", frame=900)
    assert ("log_event", "resumed", {"seat": 1, "frame": 900}) in calls(world)
    reload(world, "a")
    world.manager.join("a")
    assert given(world, "a") == (1, None)


def test_whose_partner_is_lost_meanwhile_goes_on_from_the_stored_frames():
    world = playing()
    inputs = stores(world, 9)
    come_back(world, "b")
    world.manager.handle_disconnect("a")
    for _ in range(10):
        say(world, "peer_lost", "b", seat=0)
        world.pass_time(1.0)
    assert reasons(world, "a") == ["disconnected"]
    assert given(world, "b") == (2, inputs)
    assert ("restore", [256, 2]) in calls(world)


def test_one_who_plays_alone_and_reloads_goes_on_from_the_stored_frames():
    world = playing("a")
    inputs = stores(world, 9)
    reload(world, "a")
    assert len(world.sio.to("a", "game_resumable")) == 1
    world.manager.join("a")
    assert given(world, "a") == (1, inputs)
    say(world, "ready", "a")
    assert world.sio.to("a", "game_start")[-1]["countdown_ms"] == 0


def test_a_game_whose_frames_cannot_be_read_has_ended():
    world = playing("a")
    world.store.records[0].full = True
    come_back(world, "a")
    assert reasons(world, "a") == ["reloaded"]
    assert world.manager.outcome_of("a") == "technical_error"


def test_copies_that_differ_are_no_frames_to_go_on_from():
    world = playing()
    world.store.records[0].desync = Desync(3, (0, 1), "rows")
    world.pass_time(1.0)
    reload(world, "a")
    come_back(world, "b")
    assert reasons(world, "a") == reasons(world, "b") == ["reloaded"]


def test_who_reloads_when_the_game_is_as_good_as_over_is_done():
    world = playing("abc")
    finish(world, "a", "completed")
    reload(world, "b")
    assert reasons(world, "b") == ["completed"]
    assert reasons(world, "a") == []
    finish(world, "c", "completed")
    assert reasons(world, "a") == reasons(world, "c") == ["completed"]
    assert len(ended(world, "b")) == 1


def test_what_happened_to_the_page_is_in_the_events():
    world = playing()
    come_back(world, "b")
    kinds = [call[1] for call in calls(world) if call[0] == "log_event"]
    assert kinds == ["game_start", "disconnected", "reloaded", "rejoined"]


def test_who_is_present_again_can_be_reported_as_lost():
    world = playing()
    come_back(world, "b")
    say(world, "peer_lost", "a", seat=1)
    say(world, "peer_lost", "b", seat=0)
    assert reasons(world, "b") == ["connection_lost"]
