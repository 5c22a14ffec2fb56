import pytest

from interactive_gym.server.remote_game import (
    FINISH_GRACE_S,
    LATE_FRAMES_S,
    START_TIMEOUT_S,
    RemoteGame,
    Seat,
)

PARTNER_TIMEOUT_S = 8.0


def game(size: int = 2, *, started: bool = False) -> RemoteGame:
    seats = [Seat(index, f"agent-{index}", "abcd"[index], 0.0) for index in range(size)]
    new = RemoteGame("g", seats, created_at_s=100.0)
    if started:
        for seat in seats:
            new.mark_ready(seat.subject_id)
    return new


def due(a_game: RemoteGame, now_s: float) -> str | None:
    return a_game.due_end(now_s, PARTNER_TIMEOUT_S)


def test_a_game_starts_when_everybody_is_ready_and_only_once():
    three = game(3)
    assert not three.mark_ready("a")
    assert not three.mark_ready("a")
    assert not three.mark_ready("b")
    assert three.mark_ready("c")
    assert not three.mark_ready("c")
    assert three.started


def test_a_game_that_is_not_ready_in_time_ends_by_start_timeout():
    waiting = game()
    waiting.mark_ready("a")
    assert due(waiting, 100.0 + START_TIMEOUT_S - 0.1) is None
    assert due(waiting, 100.0 + START_TIMEOUT_S) == "start_timeout"


def test_somebody_away_too_long_before_the_start_is_a_start_timeout():
    waiting = game()
    waiting.mark_away("b", 101.0)
    assert due(waiting, 101.0 + PARTNER_TIMEOUT_S + 0.1) == "start_timeout"


def test_a_started_game_has_no_start_timeout():
    assert due(game(started=True), 10_000.0) is None


def test_somebody_away_too_long_ends_the_game():
    playing = game(started=True)
    playing.mark_away("b", 200.0)
    assert due(playing, 200.0 + PARTNER_TIMEOUT_S) is None
    assert due(playing, 200.0 + PARTNER_TIMEOUT_S + 0.1) == "partner_left"


def test_being_back_in_time_saves_the_game():
    playing = game(started=True)
    playing.mark_away("b", 200.0)
    playing.mark_away("b", 207.0)
    playing.mark_back("b")
    assert due(playing, 300.0) is None
    playing.mark_away("b", 300.0)
    assert due(playing, 307.0) is None


def test_the_first_completed_report_gives_the_others_time_for_theirs():
    playing = game(started=True)
    assert playing.report_finished("a", "completed", 500.0) is None
    assert playing.nearly_completed
    assert due(playing, 500.0 + FINISH_GRACE_S - 0.1) is None
    assert due(playing, 500.0 + FINISH_GRACE_S) == "completed"


def test_when_all_have_reported_the_game_is_completed_at_once():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    assert playing.report_finished("b", "completed", 501.0) == "completed"


def test_a_partner_who_fell_silent_because_they_were_done_is_no_loss():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    assert playing.report_finished("b", "partner_lost", 501.0) == "completed"


@pytest.mark.parametrize("reason", ["partner_lost", "desync", "engine_error"])
def test_other_reports_end_the_game_for_everybody_at_once(reason):
    assert game(3, started=True).report_finished("b", reason, 500.0) == reason


def test_a_desync_counts_even_after_somebody_completed():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    assert playing.report_finished("b", "desync", 501.0) == "desync"


def test_one_seat_reporting_twice_does_not_complete_the_game():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    assert playing.report_finished("a", "completed", 501.0) is None


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


def test_a_game_that_everybody_reported_is_over_at_once():
    playing = game(started=True)
    playing.report_finished("a", "completed", 500.0)
    playing.report_finished("b", "completed", 500.0)
    playing.end("completed", 500.0)
    assert playing.is_over(500.0)


def test_only_participants_have_seats():
    assert game().seat_of("b").seat == 1
    assert game().seat_of("mallory") is None
