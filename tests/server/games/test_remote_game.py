import pytest

from interactive_gym.server.games.remote_game import (
    FINISH_GRACE_S,
    LATE_FRAMES_S,
    LONE_WITNESS_S,
    MAX_INCARNATION,
    OUTAGE_TIMEOUT_S,
    RESUME_TIMEOUT_S,
    START_TIMEOUT_S,
    Cut,
    Departure,
    RemoteGame,
    Seat,
)

PARTNER_TIMEOUT_S = 8.0
RETURN_TIMEOUT_S = 30.0


def game(size: int = 2, *, started: bool = False, ends_on_cut: bool = True) -> RemoteGame:
    seats = [Seat(index, f"agent-{index}", "abcd"[index], 0.0) for index in range(size)]
    new = RemoteGame("g", seats, created_at_s=100.0, ends_on_cut=ends_on_cut)
    if started:
        for seat in seats:
            new.mark_ready(seat.subject_id, 100.0)
    return new


def due(a_game: RemoteGame, now_s: float) -> str | None:
    return a_game.due_end(now_s, PARTNER_TIMEOUT_S)


def due_cut(a_game: RemoteGame, now_s: float) -> Cut | None:
    return a_game.due_cut(now_s, PARTNER_TIMEOUT_S, RETURN_TIMEOUT_S)


def due_cut_unheard(a_game: RemoteGame, now_s: float, *seats: int) -> Cut | None:
    """The cut that is due when the others have just said that they hear nothing of these seats."""
    for seat in seats:
        for other in a_game.remaining:
            if other.seat not in seats:
                a_game.report_lost(other.subject_id, seat, now_s)
    return due_cut(a_game, now_s)


def reload(a_game: RemoteGame, subject_id: str, now_s: float) -> None:
    """The page is gone, loaded anew, and invited again."""
    a_game.mark_away(subject_id, now_s)
    a_game.mark_reloaded(subject_id, now_s)
    assert a_game.invite_again(subject_id)


def test_a_game_starts_when_everybody_is_ready_and_whoever_asks_again_may_play():
    three = game(3)
    assert not three.mark_ready("a", 100.0)
    assert not three.mark_ready("a", 100.0)
    assert not three.mark_ready("b", 100.0)
    assert three.mark_ready("c", 100.0)
    assert three.mark_ready("c", 100.0)
    assert three.started


def test_a_game_that_is_not_ready_in_time_ends_by_start_timeout():
    waiting = game()
    waiting.mark_ready("a", 100.0)
    assert due(waiting, 100.0 + START_TIMEOUT_S - 0.1) is None
    assert due(waiting, 100.0 + START_TIMEOUT_S) == "start_timeout"


def test_somebody_away_too_long_before_the_start_is_a_start_timeout():
    waiting = game()
    waiting.mark_away("b", 101.0)
    assert due_cut(waiting, 101.0 + PARTNER_TIMEOUT_S + 0.1) is None
    assert due(waiting, 101.0 + PARTNER_TIMEOUT_S + 0.1) == "start_timeout"


def test_a_started_game_ends_by_no_clock_while_everybody_is_there():
    assert due(game(started=True), 10_000.0) is None
    assert due_cut(game(started=True), 10_000.0) is None


def test_somebody_away_too_long_whom_nobody_hears_is_cut():
    playing = game(started=True)
    playing.mark_away("b", 200.0)
    assert due_cut_unheard(playing, 200.0 + PARTNER_TIMEOUT_S, 1) is None
    assert due_cut_unheard(playing, 200.0 + PARTNER_TIMEOUT_S + 0.1, 1) == Cut(1, "disconnected")


def test_whom_a_partner_hears_may_be_without_the_server_for_as_long_as_they_play():
    playing = game(started=True)
    playing.mark_away("b", 200.0)
    playing.report_lost("a", 1, 201.0)
    assert due_cut(playing, 10_000.0) is None


@pytest.mark.parametrize("lost", [[], ["a"], ["a", "b"]])
def test_whom_only_some_hear_has_a_minute_more(lost):
    playing = game(3, started=True)
    playing.mark_away("c", 200.0)
    at_s = 200.0 + PARTNER_TIMEOUT_S
    cut = {}
    for now_s in (at_s + 0.1, at_s + LONE_WITNESS_S, at_s + LONE_WITNESS_S + 0.1):
        for who in lost:
            playing.report_lost(who, 2, now_s)
        cut[round(now_s - at_s, 1)] = due_cut(playing, now_s)
    gone = Cut(2, "disconnected")
    expected = [[None] * 3, [None, None, gone], [gone] * 3][len(lost)]
    assert list(cut.values()) == expected


def test_while_all_are_without_the_server_nobody_is_cut_for_a_quarter_of_an_hour():
    playing = game(started=True)
    playing.mark_away("a", 200.0)
    playing.mark_away("b", 230.0)
    assert due_cut(playing, 200.0 + OUTAGE_TIMEOUT_S) is None
    assert due_cut(playing, 200.1 + OUTAGE_TIMEOUT_S) == Cut(0, "disconnected")


def test_who_is_back_first_decides_nothing_by_that():
    playing = game(started=True)
    playing.mark_away("a", 200.0)
    playing.mark_away("b", 200.0)
    playing.mark_back("a", 260.0)
    assert due_cut(playing, 270.0) is None
    assert due_cut_unheard(playing, 270.0, 1) == Cut(1, "disconnected")


def test_what_was_said_before_an_absence_is_forgotten_with_its_end():
    playing = game(started=True)
    playing.mark_away("b", 200.0)
    playing.report_lost("a", 1, 201.0)
    playing.mark_back("b", 201.5)
    playing.report_lost("b", 0, 202.0)
    assert due_cut(playing, 202.0) is None


def test_who_plays_alone_keeps_nobody_waiting_and_has_more_time():
    playing = game(1, started=True)
    playing.mark_away("a", 200.0)
    assert due_cut(playing, 200.0 + OUTAGE_TIMEOUT_S) is None
    assert due_cut(playing, 200.1 + OUTAGE_TIMEOUT_S) == Cut(0, "disconnected")


def test_being_back_in_time_saves_the_seat():
    playing = game(started=True)
    playing.mark_away("b", 200.0)
    playing.mark_away("b", 207.0)
    playing.mark_back("b", 208.0)
    assert due_cut(playing, 300.0) is None
    playing.mark_away("b", 300.0)
    assert due_cut(playing, 307.0) is None


def test_who_reloads_is_absent_from_the_loss_of_the_socket_until_the_new_page_is_ready():
    playing = game(started=True)
    playing.mark_away("b", 200.0)
    playing.mark_reloaded("b", 203.0)
    assert playing.absent_for_s("b", 204.0) == 4.0
    playing.invite_again("b")
    assert due_cut_unheard(playing, 233.0, 1) is None
    assert due_cut_unheard(playing, 233.1, 1) == Cut(1, "not_loaded")
    assert playing.mark_ready("b", 207.0)
    assert playing.absent_for_s("b", 208.5) == 0.0
    assert due_cut(playing, 208.5) is None


def test_a_page_that_reloads_without_a_word_of_the_socket_is_absent_too():
    playing = game(started=True)
    playing.mark_reloaded("b", 200.0)
    assert playing.absent_for_s("b", 203.0) == 3.0


def test_a_socket_lost_while_the_new_page_connects_does_not_make_it_present_when_it_is_back():
    playing = game(started=True)
    reload(playing, "b", 200.0)
    playing.mark_away("b", 203.0)
    assert due_cut_unheard(playing, 211.5, 1) == Cut(1, "disconnected")
    playing.mark_back("b", 204.0)
    assert due_cut_unheard(playing, 230.0, 1) is None
    assert due_cut_unheard(playing, 230.1, 1) == Cut(1, "not_loaded")


def test_a_new_page_is_not_ready_before_it_is_invited():
    playing = game(started=True)
    playing.mark_reloaded("b", 200.0)
    assert not playing.mark_ready("b", 201.0)
    assert playing.is_new_page("b")


def test_every_reload_raises_the_incarnation_once_and_not_beyond_what_a_datagram_can_say():
    playing = game(started=True)
    assert not playing.invite_again("b")
    for incarnation in range(1, MAX_INCARNATION + 1):
        reload(playing, "b", 200.0)
        assert not playing.invite_again("b")
        assert playing.incarnations == {0: 0, 1: incarnation}
    playing.mark_reloaded("b", 200.0)
    assert not playing.invite_again("b")


def test_a_page_that_never_gets_to_the_end_of_its_resuming_is_cut():
    playing = game(started=True)
    reload(playing, "b", 200.0)
    playing.mark_ready("b", 202.0)
    assert due_cut(playing, 202.0 + RESUME_TIMEOUT_S) is None
    assert due_cut(playing, 202.1 + RESUME_TIMEOUT_S) == Cut(1, "not_loaded")
    assert playing.mark_resumed("b", 230.0)
    assert not playing.mark_resumed("b", 230.0)
    assert due_cut(playing, 202.1 + RESUME_TIMEOUT_S) is None


def test_the_game_ends_when_nobody_is_left_who_holds_it():
    playing = game(started=True)
    reload(playing, "b", 200.0)
    assert due(playing, 200.0) is None
    reload(playing, "a", 201.0)
    assert due(playing, 201.0) == "reloaded"


def test_a_resumed_page_holds_the_game_for_the_next_who_reloads():
    playing = game(started=True)
    reload(playing, "b", 200.0)
    playing.mark_ready("b", 202.0)
    playing.mark_resumed("b", 203.0)
    reload(playing, "a", 204.0)
    assert due(playing, 204.0) is None


def test_a_cut_can_take_the_last_page_that_holds_the_game():
    playing = game(started=True)
    reload(playing, "b", 200.0)
    playing.cut(Cut(0, "disconnected"), 201.0)
    assert due(playing, 201.0) == "reloaded"


def test_one_who_plays_alone_cannot_come_back_from_a_reload():
    alone = game(1, started=True)
    alone.mark_reloaded("a", 200.0)
    assert due(alone, 200.0) == "reloaded"


def test_of_two_one_is_cut_once_both_say_that_the_other_is_lost():
    playing = game(started=True)
    playing.report_lost("b", 0, 200.0)
    assert due_cut(playing, 200.0) is None
    playing.report_lost("a", 1, 201.0)
    assert due_cut(playing, 201.0) == Cut(1, "connection_lost")


def test_what_is_said_of_somebody_absent_or_by_somebody_absent_does_not_count():
    playing = game(started=True)
    playing.mark_away("b", 200.0)
    playing.report_lost("a", 1, 201.0)
    playing.report_lost("b", 0, 201.0)
    assert due_cut(playing, 202.0) is None
    playing.mark_back("b", 202.0)
    assert due_cut(playing, 202.0) is None


def test_who_has_finished_may_be_silent_and_away():
    playing = game(3, started=True)
    playing.report_finished("b", "completed", 200.0)
    playing.report_lost("a", 1, 201.0)
    playing.mark_away("b", 201.0)
    assert due_cut(playing, 209.5) is None


def test_a_cut_ends_the_game_of_two_when_the_other_has_finished():
    playing = game(started=True)
    playing.cut(Cut(1, "hidden"), 200.0)
    assert due(playing, 200.0) is None
    assert playing.is_over_for("b")
    playing.report_finished("a", "partner_lost", 201.0)
    assert due(playing, 201.0) == "partner_lost"


def test_a_game_that_goes_on_without_a_seat_can_still_be_completed():
    playing = game(3, started=True, ends_on_cut=False)
    playing.cut(Cut(1, "idle"), 200.0)
    assert due(playing, 10_000.0) is None
    playing.report_finished("a", "completed", 300.0)
    playing.report_finished("c", "completed", 300.0)
    assert due(playing, 300.0) == "completed"


def test_survivors_who_do_not_finish_are_waited_for_no_longer_than_a_grace():
    playing = game(3, started=True)
    playing.cut(Cut(1, "idle"), 200.0)
    assert due(playing, 200.0 + FINISH_GRACE_S - 0.1) is None
    assert due(playing, 200.0 + FINISH_GRACE_S) == "partner_lost"


def test_the_grace_after_a_cut_begins_when_everybody_else_is_there_and_up_to_date():
    playing = game(3, started=True)
    playing.cut(Cut(1, "idle"), 200.0)
    reload(playing, "c", 201.0)
    assert due(playing, 201.0 + FINISH_GRACE_S) is None
    playing.mark_ready("c", 208.0)
    assert due(playing, 208.0 + FINISH_GRACE_S) is None
    playing.mark_resumed("c", 220.0)
    assert due(playing, 220.0 + FINISH_GRACE_S - 0.1) is None
    assert due(playing, 220.0 + FINISH_GRACE_S) == "partner_lost"


def test_the_game_is_over_when_nobody_remains():
    playing = game(started=True)
    playing.cut(Cut(0, "hidden"), 200.0)
    playing.cut(Cut(1, "idle"), 201.0)
    assert playing.remaining == []
    assert due(playing, 201.0) == "partner_lost"


def released(a_game: RemoteGame, now_s: float, frames=(30, 30, 30), fps=30.0) -> Departure | None:
    return a_game.due_release(now_s, frames[: len(a_game.seats)], fps)


def test_who_completed_waits_for_the_others_for_a_while_and_they_are_awaited_on():
    playing = game(started=True)
    assert playing.report_finished("a", "completed", 500.0) is None
    assert playing.is_finishing
    assert released(playing, 500.0 + FINISH_GRACE_S - 0.1) is None
    departure = released(playing, 500.0 + FINISH_GRACE_S)
    assert departure == Departure(0, "finished")
    playing.release(departure, 510.0)
    assert playing.is_over_for("a") and not playing.is_over_for("b")
    assert (playing.departures, playing.cuts) == ([departure], [])
    assert released(playing, 600.0) is None
    assert due(playing, 10_000.0) is None
    playing.report_finished("b", "completed", 600.0)
    assert due(playing, 600.0) == "completed"


def test_who_completed_while_another_plays_on_beyond_has_not():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    assert released(playing, 510.0, frames=(30, 31)) == Departure(0, "unfinished")
    playing.cut(Cut(0, "unfinished"), 510.0)
    assert playing.outcome == "partner_lost"
    assert playing.reason_for("a", "partner_lost") == "partner_lost"


def test_who_completed_sooner_than_their_frames_can_be_played_has_not():
    for finished_at_s, reason in ((126.9, "unfinished"), (127.1, "finished")):
        playing = game(started=True)
        playing.report_finished("a", "completed", finished_at_s)
        frames = (900, 20)
        assert released(playing, finished_at_s + 10.0, frames) == Departure(0, reason)


def test_nobody_is_let_go_before_the_start_or_after_the_end_or_for_nobody_else():
    assert released(game(), 10_000.0) is None
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    playing.report_finished("b", "completed", 500.0)
    assert released(playing, 600.0) is None
    playing.end("completed", 500.0)
    assert released(playing, 600.0) is None


def test_who_completed_is_told_so_whatever_ended_the_game():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    assert playing.reason_for("a", "desync") == "completed"
    assert playing.reason_for("b", "desync") == "desync"


def test_the_end_of_a_game_that_is_not_complete_is_the_senders_alone():
    playing = game(3, started=True)
    cut = playing.report_finished("a", "completed", 101.0, completeness="incomplete")
    assert cut == Cut(0, "unfinished")
    assert not playing.is_finishing
    without_end = game(3, started=True, ends_on_cut=False)
    without_end.cut(Cut(2, "idle"), 101.0)
    assert without_end.report_finished("b", "partner_lost", 101.0) == Cut(1, "unfinished")


def test_an_end_that_frames_do_not_show_needs_a_witness():
    playing = game(started=True)
    assert playing.report_finished("a", "completed", 200.0, completeness="open") is None
    assert playing.outcome == "partner_lost"
    assert released(playing, 210.0) == Departure(0, "unfinished")
    playing.report_finished("b", "completed", 205.0, completeness="open")
    assert due(playing, 205.0) == "completed"
    assert playing.reason_for("a", "completed") == "completed"


def test_a_loss_may_be_said_before_it_is_decided_and_not_without_one():
    for is_lost, reason in ((True, "finished"), (False, "unfinished")):
        playing = game(3, started=True)
        assert playing.report_finished("a", "partner_lost", 200.0) is None
        if is_lost:
            playing.cut(Cut(1, "idle"), 201.0)
        assert released(playing, 210.0) == Departure(0, reason)


def test_nobody_can_be_their_own_witness():
    alone = game(1, started=True)
    cut = alone.report_finished("a", "completed", 200.0, completeness="open")
    assert cut == Cut(0, "unfinished")
    assert game(1, started=True).report_finished("a", "partner_lost", 200.0) == cut
    left_alone = game(started=True)
    left_alone.report_finished("a", "completed", 200.0, completeness="open")
    left_alone.cut(Cut(1, "idle"), 201.0)
    assert due(left_alone, 201.0) == "partner_lost"
    assert left_alone.reason_for("a", "partner_lost") == "partner_lost"


def test_when_the_others_have_finished_the_last_has_more_time():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    playing.mark_away("b", 500.0)
    assert due_cut(playing, 500.0 + OUTAGE_TIMEOUT_S) is None
    assert due_cut(playing, 500.1 + OUTAGE_TIMEOUT_S) == Cut(1, "disconnected")


def test_when_all_have_reported_the_game_is_completed_at_once():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    playing.report_finished("b", "completed", 501.0)
    assert due(playing, 501.0) == "completed"


def test_a_partner_who_was_let_go_may_be_lost_to_who_lacks_their_inputs():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    playing.release(Departure(0, "finished"), 510.0)
    assert playing.report_finished("b", "partner_lost", 511.0) is None
    assert due(playing, 511.0) == "completed"
    assert playing.reason_for("b", "partner_lost") == "partner_lost"


def test_a_desync_ends_the_game_for_everyone_once_two_have_found_it():
    playing = game(3, started=True)
    assert playing.report_finished("b", "desync", 500.0) is None
    assert playing.report_desync("b", 501.0) is None
    assert playing.report_finished("c", "desync", 502.0) == "desync"


def test_a_desync_that_only_one_has_found_is_their_own():
    playing = game(3, started=True)
    playing.report_desync("b", 500.0)
    playing.report_desync("b", 505.0)
    assert due_cut(playing, 509.9) is None
    assert due_cut(playing, 510.0) == Cut(1, "desync")


def test_an_engine_that_fails_ends_the_game_for_everyone_once_it_has_for_all():
    playing = game(started=True)
    for who, seat in (("a", 0), ("b", 1)):
        assert due(playing, 500.0) is None
        cut = playing.report_finished(who, "engine_error", 500.0)
        assert cut == Cut(seat, "engine_error")
        playing.cut(cut, 500.0)
    assert due(playing, 500.0) == "engine_error"


def test_what_the_page_of_a_cut_seat_says_ends_nothing():
    playing = game(3, started=True)
    playing.cut(Cut(1, "idle"), 200.0)
    for reason in ("desync", "engine_error", "completed"):
        assert playing.report_finished("b", reason, 201.0) is None
    assert not playing.is_finishing


def test_who_has_finished_finds_nothing_more():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    for reason in ("desync", "engine_error", "partner_lost"):
        assert playing.report_finished("a", reason, 501.0) is None
    assert playing.report_finished("b", "desync", 501.0) is None


def test_an_engine_that_fails_after_somebody_completed_spoils_nothing():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    playing.cut(playing.report_finished("b", "engine_error", 501.0), 501.0)
    assert due(playing, 501.0) == "completed"


def test_one_seat_reporting_twice_does_not_complete_the_game():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    playing.report_finished("a", "completed", 501.0)
    assert due(playing, 501.0) is None


def test_the_first_reason_to_end_stays():
    playing = game(started=True)
    playing.end("desync", 500.0)
    playing.end("completed", 501.0)
    assert playing.end_reason == "desync"
    assert due(playing, 10_000.0) is None


def test_late_frames_are_taken_for_a_few_seconds():
    playing = game(started=True)
    assert not playing.is_over(10_000.0)
    playing.end("partner_lost", 500.0)
    assert not playing.is_over(500.0 + LATE_FRAMES_S - 0.1)
    assert playing.is_over(500.0 + LATE_FRAMES_S)


def reported_by_all(reason: str) -> RemoteGame:
    playing = game(started=True)
    for subject_id in "ab":
        playing.report_finished(subject_id, reason, 500.0)
    playing.end(reason, 500.0)
    return playing


def test_a_game_that_everybody_reported_is_over_at_once_but_not_after_a_desync():
    assert reported_by_all("completed").is_over(500.0)
    assert not reported_by_all("desync").is_over(500.0)


def test_only_participants_have_seats():
    assert game().seat_of("b").seat == 1
    assert game().seat_of("mallory") is None


def test_the_times_of_a_game_are_those_that_participants_and_researchers_are_told():
    assert (START_TIMEOUT_S, FINISH_GRACE_S, LATE_FRAMES_S) == (30.0, 10.0, 5.0)
    assert (RESUME_TIMEOUT_S, OUTAGE_TIMEOUT_S, LONE_WITNESS_S) == (120.0, 900.0, 60.0)
    assert MAX_INCARNATION == 255


def test_a_new_game_has_everybody_in_it_and_nothing_has_happened():
    new = game(3)
    assert new.subject_ids == ["a", "b", "c"]
    assert [seat.seat for seat in new.remaining] == [0, 1, 2]
    assert new.incarnations == {0: 0, 1: 0, 2: 0}
    assert (new.started, new.end_reason, new.cuts, new.is_finishing) == (False, None, [], False)
    assert new.outcome == "partner_lost"
    for subject_id in "abc":
        assert not new.is_over_for(subject_id)
        assert not new.is_ready(subject_id)
        assert not new.is_away(subject_id)
        assert not new.is_new_page(subject_id)
        assert new.is_waited_for(subject_id)
        assert new.absent_for_s(subject_id, 1000.0) == 0.0


def test_a_page_that_is_ready_again_before_the_start_starts_nothing_twice():
    three = game(3)
    assert [three.mark_ready(who, 100.0) for who in "abab"] == [False] * 4
    assert three.is_ready("a") and not three.is_ready("c")


def test_after_the_end_or_a_cut_nobody_gets_ready_or_resumes():
    playing = game(3, started=True)
    reload(playing, "b", 200.0)
    playing.cut(Cut(1, "disconnected"), 201.0)
    assert not playing.mark_ready("b", 202.0)
    assert not playing.mark_resumed("b", 202.0)
    ended = game(2)
    ended.end("start_timeout", 130.0)
    assert not ended.mark_ready("a", 131.0)
    assert not ended.is_ready("a")


def test_only_a_page_that_is_ready_and_holds_nothing_can_have_resumed():
    playing = game(started=True)
    assert not playing.mark_resumed("b", 200.0)
    reload(playing, "b", 200.0)
    assert not playing.mark_resumed("b", 201.0)
    playing.mark_ready("b", 202.0)
    assert playing.mark_resumed("b", 203.0)


def test_a_page_that_says_twice_that_it_is_ready_resumes_since_the_first_time():
    playing = game(started=True)
    reload(playing, "b", 200.0)
    assert playing.mark_ready("b", 202.0)
    assert playing.mark_ready("b", 260.0)
    assert due_cut(playing, 202.1 + RESUME_TIMEOUT_S) == Cut(1, "not_loaded")


def test_a_page_that_was_there_all_the_time_has_nothing_to_resume():
    playing = game(started=True)
    assert playing.mark_ready("b", 200.0)
    assert due_cut(playing, 1000.0) is None


def test_an_absence_before_the_start_is_one_of_the_socket_alone():
    waiting = game()
    assert waiting.absent_for_s("b", 105.0) == 0.0
    waiting.mark_away("b", 101.0)
    assert waiting.is_away("b")
    assert waiting.absent_for_s("b", 105.0) == 4.0
    assert due(waiting, 101.0 + PARTNER_TIMEOUT_S) is None
    waiting.mark_back("b", 106.0)
    assert not waiting.is_away("b")
    assert waiting.absent_for_s("b", 107.0) == 0.0
    assert due(waiting, 120.0) is None


def test_a_long_timeout_of_the_scene_holds_for_who_plays_alone_too():
    playing = game(1, started=True)
    playing.mark_away("a", 200.0)
    assert playing.due_cut(200.0 + 1200.0, 1200.0, 1200.0) is None
    assert playing.due_cut(200.1 + 1200.0, 1200.0, 1200.0) == Cut(0, "disconnected")


def test_before_the_start_and_after_the_end_nobody_is_cut():
    waiting = game()
    waiting.mark_away("b", 101.0)
    waiting.report_lost("a", 1, 101.0)
    assert due_cut(waiting, 129.0) is None
    playing = game(started=True)
    playing.mark_away("b", 200.0)
    playing.end("desync", 201.0)
    assert due_cut(playing, 300.0) is None
    assert due(playing, 300.0) is None


def test_of_several_who_are_lost_the_first_seat_is_cut_first_and_the_others_after_it():
    playing = game(4, started=True)
    for subject_id in "cb":
        playing.mark_away(subject_id, 200.0)
    cuts = []
    while (cut := due_cut_unheard(playing, 208.1, 1, 2)) is not None:
        cuts.append(cut)
        playing.cut(cut, 208.1)
    assert cuts == [Cut(1, "disconnected"), Cut(2, "disconnected")]
    assert playing.cuts == cuts
    assert [seat.seat for seat in playing.remaining] == [0, 3]
    assert playing.incarnations == {0: 0, 3: 0}


def test_of_more_than_two_the_dead_links_are_waited_for():
    playing = game(3, started=True)
    playing.report_lost("a", 2, 200.0)
    playing.report_lost("c", 0, 200.0)
    assert due_cut(playing, 200.9) is None
    assert due_cut(playing, 201.0) == Cut(2, "connection_lost")


def test_an_absent_third_makes_no_game_of_two_of_the_others():
    playing = game(3, started=True)
    playing.mark_away("c", 199.0)
    playing.report_lost("b", 0, 200.0)
    playing.report_lost("a", 1, 200.0)
    assert due_cut(playing, 200.0) is None
    assert due_cut(playing, 201.0) == Cut(1, "connection_lost")


def test_who_was_cut_or_dismissed_or_is_done_is_not_waited_for():
    playing = game(4, started=True)
    playing.cut(Cut(1, "idle"), 200.0)
    playing.dismiss("c")
    playing.report_finished("d", "completed", 200.0)
    assert [playing.is_waited_for(who) for who in "abcd"] == [True, False, False, False]
    assert [playing.is_over_for(who) for who in "abcd"] == [False, True, True, False]
    playing.end("completed", 201.0)
    assert all(playing.is_over_for(who) for who in "abcd")


def test_a_dismissal_is_no_cut():
    playing = game(started=True)
    playing.dismiss("b")
    assert playing.cuts == []
    assert due(playing, 10_000.0) is None
    playing.report_finished("a", "completed", 200.0)
    assert due(playing, 200.0) == "completed"


def test_what_was_completed_stays_so_whoever_reports_what_after_it():
    playing = game(3, started=True)
    playing.report_finished("a", "partner_lost", 500.0)
    assert playing.outcome == "partner_lost"
    playing.report_finished("b", "completed", 504.0)
    assert playing.outcome == "completed"
    playing.report_finished("c", "partner_lost", 505.0)
    assert playing.outcome == "completed"


def test_each_waits_from_their_own_report_on():
    playing = game(3, started=True)
    playing.report_finished("a", "completed", 500.0)
    playing.report_finished("b", "completed", 506.0)
    assert released(playing, 510.0) == Departure(0, "finished")
    playing.release(Departure(0, "finished"), 510.0)
    assert released(playing, 515.9) is None
    assert released(playing, 516.0) == Departure(1, "finished")


def test_where_a_cut_does_not_end_the_game_no_grace_runs_after_one():
    playing = game(3, started=True, ends_on_cut=False)
    playing.cut(Cut(1, "idle"), 200.0)
    assert due(playing, 10_000.0) is None
    without = game(3, started=True)
    assert due(without, 10_000.0) is None


def test_the_grace_after_a_cut_begins_anew_when_somebody_else_is_gone_or_back():
    playing = game(3, started=True)
    playing.cut(Cut(1, "idle"), 200.0)
    playing.mark_away("c", 205.0)
    assert due(playing, 212.0) is None
    playing.mark_back("c", 212.0)
    assert due(playing, 221.9) is None
    assert due(playing, 222.0) == "partner_lost"


def test_a_second_cut_gives_the_survivors_the_grace_once_more():
    playing = game(4, started=True)
    playing.cut(Cut(1, "idle"), 200.0)
    playing.cut(Cut(2, "idle"), 207.0)
    assert due(playing, 216.9) is None
    assert due(playing, 217.0) == "partner_lost"


def test_a_game_of_which_only_some_reported_is_over_after_its_late_frames():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    playing.end("completed", 510.0)
    assert not playing.is_over(514.9)
    assert playing.is_over(515.0)


def test_also_what_a_cut_seat_reports_counts_for_all_having_reported():
    playing = game(started=True)
    playing.cut(Cut(1, "idle"), 490.0)
    playing.report_finished("a", "partner_lost", 500.0)
    playing.end("partner_lost", 500.0)
    assert not playing.is_over(500.0)
    playing.report_finished("b", "partner_lost", 501.0)
    assert playing.is_over(501.0)
