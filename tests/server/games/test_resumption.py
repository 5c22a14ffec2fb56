import pytest

from interactive_gym.server.data.wall_times import utc_iso
from interactive_gym.server.games.remote_game import Cut, Departure
from interactive_gym.server.games.resumption import resumed_game

BEGAN_WALL_S = 1_700_000_000.0
NOW_S = 500.0
WALL_NOW_S = BEGAN_WALL_S + 100.0
"""A hundred seconds after the game was made."""


def match(size=3, on_cut="end"):
    return {
        "game_id": "g",
        "on_cut": on_cut,
        "created_at": utc_iso(BEGAN_WALL_S),
        "group": [
            {"seat": seat, "agent": f"agent{seat}", "subject_id": "abc"[seat], "waited_ms": 2500}
            for seat in range(size)
        ],
    }


def event(kind, after_s, **fields):
    return {"time": utc_iso(BEGAN_WALL_S + after_s), "kind": kind, **fields}


START = event("game_start", 10.0)


def resumed(*events, **options):
    return resumed_game(match(**options), events, now_s=NOW_S, wall_now_s=WALL_NOW_S)


def test_a_game_that_had_not_begun_is_none():
    assert resumed() is None
    assert resumed(event("disconnected", 5.0, seat=1)) is None


def test_times_are_those_of_the_new_clock():
    game = resumed(START)
    assert game.created_at_s == pytest.approx(400.0)
    assert game.started_at_s == pytest.approx(410.0)
    assert [seat.waiting_since_s for seat in game.seats] == pytest.approx([397.5] * 3)


def test_all_are_there_and_away_since_now():
    game = resumed(START, event("hidden", 20.0, seat=1, frame=3, detail=None))
    assert [seat.subject_id for seat in game.remaining] == ["a", "b", "c"]
    assert [game.absent_for_s(who, NOW_S + 1.0) for who in "abc"] == [1.0] * 3
    assert game.end_reason is None
    for who in "abc":
        assert game.is_ready(who) and not game.is_new_page(who)
        game.mark_back(who, NOW_S + 2.0)
        assert game.absent_for_s(who, NOW_S + 3.0) == 0.0


def test_who_was_away_before_has_been_so_since_then():
    game = resumed(
        START,
        event("disconnected", 20.0, seat=0),
        event("disconnected", 20.0, seat=1),
        event("reconnected", 30.0, seat=1),
    )
    assert game.absent_for_s("a", NOW_S) == pytest.approx(80.0)
    assert game.absent_for_s("b", NOW_S) == 0.0


def test_cut_and_finished_seats_are_gone_in_their_order():
    game = resumed(
        START,
        event("finished", 20.0, seat=2, reason="completed", completeness="complete"),
        event("left", 30.0, seat=2),
        event("cut", 40.0, seat=0, reason="hidden"),
        on_cut="neutral",
    )
    assert game.departures == [Departure(2, "finished"), Departure(0, "hidden")]
    assert game.cuts == [Cut(0, "hidden")]
    assert [seat.subject_id for seat in game.remaining] == ["b"]


def test_who_has_finished_is_waited_for_no_more():
    game = resumed(START, event("finished", 20.0, seat=0, reason="completed", completeness="open"))
    assert not game.is_waited_for("a")
    assert game.is_waited_for("b")
    assert game.is_finishing


def test_reloads_are_counted_and_a_page_that_was_not_back_is_new():
    game = resumed(
        START,
        event("reloaded", 20.0, seat=0),
        event("rejoined", 21.0, seat=0, incarnation=1),
        event("resumed", 22.0, seat=0, frame=40),
        event("reloaded", 30.0, seat=1),
        event("reloaded", 40.0, seat=2),
        event("rejoined", 41.0, seat=2, incarnation=1),
    )
    assert game.incarnations == {0: 1, 1: 0, 2: 1}
    assert [game.is_new_page(who) for who in "abc"] == [False, True, False]
    assert game.mark_resumed("c", NOW_S) and not game.mark_resumed("a", NOW_S)


def test_who_reloaded_when_another_had_finished_is_out():
    game = resumed(
        START,
        event("finished", 20.0, seat=0, reason="completed", completeness="complete"),
        event("reloaded", 21.0, seat=1),
    )
    assert [seat.subject_id for seat in game.remaining] == ["a", "c"]


def test_one_page_that_has_found_a_desync_still_needs_another():
    game = resumed(START, event("desync", 20.0, seat=0, frame=8, detail={}))
    assert game.end_reason is None
    assert game.report_desync("b", NOW_S) == "desync"


def test_a_game_that_had_ended_takes_its_last_frames_and_is_over_then():
    game = resumed(START, event("game_ended", 99.0, reason="partner_lost"))
    assert game.end_reason == "partner_lost"
    assert not game.is_over(NOW_S)
    assert game.is_over(NOW_S + 5.0)
