from interactive_gym.data.durations import times

START = {"event": "started", "completion_code": "OWN"}


def line(at_s, event, subject_id="s1", **fields):
    minutes, seconds = divmod(at_s, 60)
    time = f"2026-01-01T12:{minutes:02}:{seconds:02}.000Z"
    return {"time": time, "event": event, "subject_id": subject_id, **fields}


def started(at_s=0, subject_id="s1"):
    return line(at_s, **START, subject_id=subject_id)


def seconds(*lines):
    (row,) = times([started(), *lines])
    return row["connected_s"], row["waited_s"], row["played_s"]


def test_everybody_has_a_row_with_when_they_came_and_how_it_ended():
    lines = [
        started(),
        started(5, "s2"),
        line(9, "completed", outcome="no_partner", completion_code="ALONE"),
        line(11, "page_loaded", subject_id="s2"),
        line(12, "load_failed", subject_id="stranger"),
    ]
    first, second = times(lines)
    assert first["subject_id"] == "s1"
    assert (first["outcome"], first["completion_code"]) == ("no_partner", "ALONE")
    assert (first["started_at"], first["last_at"]) == (lines[0]["time"], lines[2]["time"])
    assert (second["outcome"], second["completion_code"]) == (None, None)
    assert (first["connected_s"], second["connected_s"]) == (9, 6)


def test_a_connection_that_was_lost_does_not_count():
    lines = [
        line(0, "page_loaded"),
        line(10, "disconnected"),
        line(70, "reconnected"),
        line(75, "disconnected"),
        line(80, "page_loaded"),
        line(90, "scene_entered"),
    ]
    assert seconds(*lines) == (25, 0, 0)


def test_waits_end_with_a_game_or_without_and_a_restart_does_not_count_them_twice():
    lines = [
        line(10, "waitroom_entered"),
        line(20, "waitroom_ended"),
        line(30, "waitroom_entered"),
        # The server was started again.
        line(40, "waitroom_entered"),
        line(45, "game_entered"),
        line(50, "waitroom_entered"),
        line(52, "game_entered"),
    ]
    assert seconds(*lines) == (52, 27, 0)


def test_whoever_meets_a_partner_at_once_has_waited_for_nothing():
    assert seconds(line(10, "game_entered"), line(13, "game_started")) == (13, 0, 0)


def test_games_count_until_they_are_over_for_the_participant():
    lines = [
        line(10, "game_started"),
        line(40, "game_left"),
        line(50, "game_started"),
        line(55, "disconnected"),
    ]
    assert seconds(*lines) == (55, 0, 35)


def test_lines_without_a_time_name_a_participant_and_time_nothing():
    (row,) = times([{"event": "started", "subject_id": "s1"}])
    assert (row["started_at"], row["last_at"], row["connected_s"]) == (None, None, 0)
