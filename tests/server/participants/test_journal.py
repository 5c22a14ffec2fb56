import pytest

from interactive_gym.server.participants.journal import EndedGame, groups_that_played, places
from interactive_gym.server.participants.recruited import Recruited

NOON = "2026-11-26T12:00:00.000Z"
NOON_S = 1_795_694_400.0
STARTED = {"event": "started", "completion_code": "C"}
RECRUITED = {"s1": Recruited("P")}


def follow(*lines, subject_id="s1"):
    told = [{"time": NOON, "subject_id": subject_id, **line} for line in (STARTED, *lines)]
    return places(told, RECRUITED)


def place(*lines):
    return follow({"event": "scene_entered", "scene_id": "game"}, *lines)["s1"]


WAITS = {"event": "waitroom_entered", "waited_ms": 1500}
ENTERS = {"event": "game_entered", "game_id": "g"}
PLAYS = {"event": "game_started", "game_id": "g"}
LEAVES = {"event": "game_left", "game_id": "g", "reason": "idle", "completion_code": None}


def test_whoever_has_come_is_known_by_what_identifies_them():
    only = follow()["s1"]
    assert (only.subject_id, only.recruited, only.completion_code) == ("s1", Recruited("P"), "C")
    assert (only.scene_id, only.outcomes) == (None, {})


def test_the_last_scene_and_the_outcomes_of_all_before_are_kept():
    now = place(
        {"event": "scene_left", "scene_id": "game", "outcome": "completed"},
        {"event": "scene_entered", "scene_id": "end"},
    )
    assert (now.scene_id, now.outcomes) == ("end", {"game": "completed"})


def test_a_page_is_known_by_its_id_until_it_is_loaded_anew():
    loads = ({"event": "page_loaded", "page_id": page_id} for page_id in ("one", "two"))
    assert follow(*loads)["s1"].page_id == "two"


def test_a_wait_goes_on_from_when_it_began():
    assert place(WAITS).waiting_since_wall_s == NOON_S - 1.5


@pytest.mark.parametrize(
    "reason", ["idle", "disconnected", "waitroom_timeout", "connection_unsuitable", "gave_up"]
)
def test_a_wait_that_has_ended_is_over(reason):
    now = place(WAITS, {"event": "waitroom_ended", "reason": reason})
    assert now.waiting_since_wall_s is None
    leads_on = reason in {"waitroom_timeout", "connection_unsuitable", "gave_up"}
    assert now.waited_in_vain == (reason if leads_on else None)


def test_who_waits_again_has_not_waited_in_vain():
    now = place(WAITS, {"event": "waitroom_ended", "reason": "waitroom_timeout"}, WAITS)
    assert (now.waited_in_vain, now.waiting_since_wall_s) == (None, NOON_S - 1.5)


def test_a_game_that_has_not_started_leaves_the_wait_as_it_was():
    now = place(WAITS, ENTERS)
    assert (now.game_id, now.has_started) == ("g", False)
    assert now.waiting_since_wall_s == NOON_S - 1.5
    back = place(WAITS, ENTERS, WAITS)
    assert (back.game_id, back.waiting_since_wall_s) == (None, NOON_S - 1.5)


def test_a_game_that_has_started_ends_the_wait():
    now = place(WAITS, ENTERS, PLAYS)
    assert (now.game_id, now.has_started, now.waiting_since_wall_s) == ("g", True, None)


def test_the_end_of_a_game_is_kept_until_the_participant_goes_on():
    now = place(WAITS, ENTERS, PLAYS, LEAVES)
    assert (now.game_id, now.ended) == (None, EndedGame("g", "idle"))
    assert place(PLAYS, LEAVES, WAITS).ended is None
    moved_on = place(PLAYS, LEAVES, {"event": "scene_entered", "scene_id": "end"})
    assert moved_on.ended is None


def test_what_is_said_of_strangers_and_in_other_words_changes_nothing():
    for line in ({}, {"subject_id": 7}, {"event": "scene_entered", "scene_id": "x"}):
        assert places([line], RECRUITED) == {}
    assert places([{"event": "started", "subject_id": "s1"}], RECRUITED) == {}
    assert place({"event": "of a later version", "scene_id": "x"}) == place()


def test_several_participants_are_told_apart_in_the_order_of_their_coming():
    lines = [{"time": NOON, "subject_id": who, **STARTED} for who in ("b", "a")]
    lines.append({"subject_id": "a", "event": "scene_entered", "scene_id": "game"})
    found = places(lines, {})
    assert list(found) == ["b", "a"]
    assert (found["a"].scene_id, found["b"].scene_id) == ("game", None)


def test_groups_are_those_whose_games_have_started():
    lines = [
        {"event": "game_entered", "game_id": "never", "subject_id": "z"},
        {"event": "game_started", "game_id": "g", "subject_id": "b"},
        {"event": "game_started", "game_id": "h", "subject_id": "c"},
        {"event": "game_started", "game_id": "g", "subject_id": "a"},
    ]
    assert groups_that_played(lines) == [["b", "a"], ["c"]]
