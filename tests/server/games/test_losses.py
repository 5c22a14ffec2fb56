"""Participants of a running game who are lost: when they are cut, and how everybody goes on."""

import pytest

from interactive_gym.server.data.frame_copies import Desync
from tests.support.played_games import (
    ENDED,
    PLAYING,
    WAITING,
    calls,
    cuts,
    ended,
    finish,
    playing,
    reasons,
    say,
    tell,
)


def test_a_partner_away_too_long_is_cut_and_the_game_ends_where_the_other_finishes_it():
    world = playing()
    world.manager.handle_disconnect("b")
    world.pass_time(8.0)
    assert cuts(world, "a") == []
    world.pass_time(0.5)
    assert cuts(world, "a") == [(1, "disconnected")]
    assert world.manager.states.state_of("a") is PLAYING
    assert world.manager.states.state_of("b") is ENDED
    finish(world, "a")
    assert reasons(world, "a") == ["partner_lost"]
    assert reasons(world, "b") == ["disconnected"]
    assert ("note_cut", 1, "disconnected") in calls(world)


def test_who_comes_back_after_the_cut_hears_how_it_ended():
    world = playing()
    world.manager.handle_disconnect("b")
    world.pass_time(9.0)
    world.manager.handle_reconnect("b")
    world.manager.resync("b")
    assert reasons(world, "b") == ["disconnected"] * 2
    assert world.manager.outcome_of("b") == "left"


def test_who_comes_back_with_a_new_page_after_the_cut_hears_how_it_ended():
    world = playing()
    world.manager.handle_disconnect("b")
    world.pass_time(9.0)
    world.manager.handle_reload("b")
    world.manager.resync("b")
    assert reasons(world, "b")[-1] == "disconnected"
    assert world.sio.to("b", "game_resumable") == []


@pytest.mark.parametrize("first", "ab")
def test_of_two_whose_link_is_dead_one_is_cut_whoever_says_so_first(first):
    world = playing()
    for who in (first, "ba"["ab".index(first)]):
        assert reasons(world, "b") == []
        say(world, "peer_lost", who, seat="ba".index(who))
    assert reasons(world, "b") == ["connection_lost"]
    assert cuts(world, "a") == [(1, "connection_lost")]
    finish(world, "a")
    assert reasons(world, "a") == ["partner_lost"]


@pytest.mark.parametrize("people", ["ab", "abc"])
def test_a_partner_who_is_there_is_not_thrown_out_by_one_who_says_they_are_lost(people):
    world = playing(people, on_cut="neutral")
    for _ in range(19):
        say(world, "peer_lost", "a", seat=1)
        world.pass_time(1.0)
    assert reasons(world, "a") == reasons(world, "b") == []
    for _ in range(2):
        say(world, "peer_lost", "a", seat=1)
        world.pass_time(1.0)
    assert reasons(world, "a") == ["unwitnessed"]
    assert world.manager.outcome_of("a") == "technical_error"
    assert cuts(world, "b") == [(0, "unwitnessed")]
    for who in people[1:]:
        assert world.manager.states.state_of(who) is PLAYING
        finish(world, who, "completed")
    assert reasons(world, "b") == ["completed"]


@pytest.mark.parametrize("max_steps", [None, 900])
def test_who_says_that_the_game_is_over_before_it_is_has_left_it_and_nobody_else(max_steps):
    world = playing("abc", on_cut="neutral", max_steps=max_steps)
    world.store.records[0].complete = False
    finish(world, "a", "completed")
    # Where the environment decides, others might have seen the end, too.
    world.pass_time(0.0 if max_steps else 10.0)
    assert reasons(world, "a") == ["unfinished"]
    assert world.manager.outcome_of("a") == "technical_error"
    assert cuts(world, "b") == [(0, "unfinished")]
    world.pass_time(60.0)
    world.store.records[0].complete = True
    for who in "bc":
        assert world.manager.states.state_of(who) is PLAYING
        finish(world, who, "completed")
    assert reasons(world, "b") == reasons(world, "c") == ["completed"]


@pytest.mark.parametrize("reason", ["desync", "engine_error"])
def test_what_one_page_says_of_itself_ends_the_game_for_itself_only(reason):
    world = playing("abc", on_cut="neutral")
    finish(world, "a", reason)
    world.pass_time(10.0)
    assert reasons(world, "a") == [reason]
    assert cuts(world, "c") == [(0, reason)]
    for who in "bc":
        assert world.manager.states.state_of(who) is PLAYING
        finish(world, who, "completed")
    assert reasons(world, "b") == ["completed"]
    world.pass_time(5.0)
    assert world.ledger.of("game_ended")[0]["reason"] == "completed"
    assert world.ledger.of("game_ended")[0]["desync"] is None


def test_a_loss_that_never_was_cannot_be_finished():
    world = playing()
    finish(world, "a", "partner_lost")
    world.pass_time(10.0)
    assert reasons(world, "a") == ["unfinished"]
    assert reasons(world, "b") == []


def test_who_finished_is_let_go_when_a_partner_does_not_and_that_partner_may_play_on():
    world = playing("abc", on_cut="neutral")
    finish(world, "a", "completed")
    world.pass_time(9.5)
    assert reasons(world, "a") == []
    world.pass_time(0.5)
    assert reasons(world, "a") == ["completed"]
    assert cuts(world, "b") == [(0, "finished")]
    assert ("note_left", 0) in calls(world)
    assert world.manager.states.state_of("b") is PLAYING
    for who in "bc":
        finish(world, who, "completed")
    world.pass_time(5.0)
    assert world.ledger.of("game_ended")[0]["cuts"] == []
    assert world.ledger.of("game_ended")[0]["reason"] == "completed"


def test_a_report_on_somebody_whose_socket_is_lost_leaves_it_to_their_own_clock():
    world = playing()
    world.manager.handle_disconnect("b")
    for _ in range(14):
        world.pass_time(0.5)
        say(world, "peer_lost", "a", seat=1)
    assert cuts(world, "a") == []
    world.manager.handle_reconnect("b")
    world.pass_time(1.0)
    assert cuts(world, "a") == []


def test_of_three_the_one_whom_nobody_hears_is_cut_after_the_others_could_say_so():
    world = playing("abc", on_cut="neutral")
    say(world, "peer_lost", "a", seat=1)
    say(world, "peer_lost", "c", seat=1)
    world.pass_time(0.5)
    assert cuts(world, "a") == []
    world.pass_time(0.5)
    assert cuts(world, "a") == cuts(world, "c") == [(1, "connection_lost")]
    assert reasons(world, "b") == ["connection_lost"]


def test_who_is_gone_or_done_before_it_is_decided_is_not_cut_for_a_dead_link():
    world = playing("abcd", on_cut="neutral")
    for reporter, seat in (("a", 1), ("b", 0), ("d", 2), ("c", 3)):
        say(world, "peer_lost", reporter, seat=seat)
    world.manager.handle_disconnect("b")
    finish(world, "c", "completed")
    world.pass_time(1.5)
    assert cuts(world, "a") == []


def test_two_dead_links_can_cost_two_their_seats():
    world = playing("abcd", on_cut="neutral")
    for reporter, seat in (("a", 1), ("b", 0), ("c", 3), ("d", 2)):
        say(world, "peer_lost", reporter, seat=seat)
    world.pass_time(1.0)
    assert cuts(world, "a") == [(3, "connection_lost"), (1, "connection_lost")]
    assert world.manager.states.state_of("a") is world.manager.states.state_of("c") is PLAYING


@pytest.mark.parametrize("reason", ["hidden", "idle"])
def test_who_is_out_of_the_game_by_their_own_page_is_cut_at_once(reason):
    world = playing()
    say(world, "quit", "b", reason=reason)
    assert cuts(world, "a") == [(1, reason)]
    (told,) = ended(world, "b")
    assert (told["reason"], told["way_on"]) == (reason, "next_scene")
    assert told["message"].endswith("You can go on.")
    assert world.manager.outcome_of("b") == "idle"
    say(world, "quit", "b", reason=reason)
    assert len(ended(world, "b")) == 1


def test_who_quits_before_the_start_gives_the_others_back_to_the_waitroom():
    world = playing(starts=False)
    say(world, "quit", "b", reason="idle")
    assert reasons(world, "b") == ["idle"]
    assert world.manager.states.state_of("b") is ENDED
    assert reasons(world, "a") == ["start_timeout"]
    assert world.manager.states.state_of("a") is WAITING


def test_a_game_of_one_ends_when_they_quit():
    world = playing("a")
    say(world, "quit", "a", reason="hidden")
    assert reasons(world, "a") == ["hidden"]
    world.pass_time(5.0)
    assert calls(world)[-1] == ("close", "partner_lost")


@pytest.mark.parametrize("on_cut", ["neutral", "a_policy"])
def test_a_game_that_goes_on_without_a_seat_is_completed_by_those_who_stay(on_cut):
    world = playing("abc", on_cut=on_cut)
    say(world, "quit", "b", reason="hidden")
    world.pass_time(60.0)
    assert reasons(world, "a") == []
    finish(world, "a", "completed")
    finish(world, "c", "completed")
    assert reasons(world, "a") == reasons(world, "c") == ["completed"]
    assert reasons(world, "b") == ["hidden"]


def test_a_survivor_whose_page_never_finishes_is_not_waited_for_for_ever():
    world = playing()
    say(world, "quit", "b", reason="hidden")
    world.pass_time(9.5)
    assert reasons(world, "a") == []
    world.pass_time(0.5)
    assert reasons(world, "a") == ["partner_lost"]


def test_the_page_of_a_cut_seat_ends_nothing_and_is_still_compared():
    world = playing("abc", on_cut="neutral")
    say(world, "quit", "b", reason="hidden")
    finish(world, "b", "engine_error")
    tell(world, "b", "desync", 4, {"frame": 3, "seat": 0, "part": "rows"})
    assert reasons(world, "a") == []
    frames = {"columns": [], "first_frame": 0, "rows": [], "digest": ""}
    assert say(world, "frames", "b", **frames) == {"next_frame": 0}
    assert ("append_frames", 1, 0) in calls(world)


def test_the_last_who_stays_is_told_why_though_all_others_are_lost():
    world = playing("abc")
    for who in "bc":
        world.manager.handle_disconnect(who)
    world.pass_time(9.0)
    assert sorted(cuts(world, "a")) == [(1, "disconnected"), (2, "disconnected")]
    finish(world, "a")
    assert reasons(world, "a") == ["partner_lost"]


def test_the_ledger_tells_how_every_game_ended():
    world = playing("abc")
    say(world, "quit", "b", reason="hidden")
    finish(world, "a")
    finish(world, "c")
    world.pass_time(5.0)
    (line,) = world.ledger.of("game_ended")
    assert line["game_id"] == world.game_id("a")
    assert line["reason"] == "partner_lost"
    assert line["cuts"] == [{"seat": 1, "reason": "hidden"}]
    assert line["desync"] is None


def test_a_desync_is_in_the_ledger_the_record_and_the_events_whoever_finds_it():
    world = playing()
    found = {"frame": 40, "seat": 1, "part": "state"}
    tell(world, "a", "desync", 44, found)
    assert reasons(world, "a") == reasons(world, "b") == []
    tell(world, "b", "desync", 45, {**found, "seat": 0})
    assert reasons(world, "a") == reasons(world, "b") == ["desync"]
    assert ("log_event", "desync", {"seat": 0, "frame": 44, "detail": found}) in calls(world)
    (noted,) = [call[1] for call in calls(world) if call[0] == "note_desync"]
    assert (noted.frame, noted.seats, noted.part) == (40, (0, 1), "state")
    assert ("close", "desync") not in calls(world)
    world.pass_time(5.0)
    told = {"frame": 40, "seats": (0, 1), "part": "state"}
    assert world.ledger.of("game_ended")[0]["desync"] == told


@pytest.mark.parametrize(("uploaded", "earliest"), [(48, 40), (35, 35)])
def test_of_a_desync_that_was_told_and_one_that_uploads_show_the_earlier_counts(uploaded, earliest):
    world = playing()
    told = {"frame": 40, "seat": 1, "part": "state"}
    tell(world, "a", "desync", 44, told)
    finish(world, "b", "desync")
    world.store.records[0].desync = Desync(uploaded, (0, 1), "rows")
    say(world, "frames", "b", columns=[], first_frame=0, rows=[], digest="")
    world.pass_time(5.0)
    assert world.ledger.of("game_ended")[0]["desync"]["frame"] == earliest


@pytest.mark.parametrize(
    "detail",
    [
        None,
        "x",
        {},
        {"frame": -1, "seat": 0, "part": "rows"},
        {"frame": 1, "seat": 5, "part": "rows"},
        {"frame": 1, "seat": 0, "part": "all"},
        {"frame": True, "seat": 0, "part": "rows"},
        {"frame": 1, "seat": 0, "part": ["rows"]},
    ],
)
def test_a_desync_that_makes_no_sense_is_kept_as_an_event_and_ends_nothing(detail):
    world = playing()
    tell(world, "a", "desync", 4, detail)
    assert reasons(world, "b") == []
    assert ("log_event", "desync", {"seat": 0, "frame": 4, "detail": detail}) in calls(world)
