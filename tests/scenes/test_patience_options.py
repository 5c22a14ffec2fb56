import pytest

from tests.support.game_scenes import SOMEBODY, game


def test_patience_in_seconds_is_the_waitroom_timeout_in_milliseconds():
    scene = game().matchmaking(patience_s=90.5)
    assert scene.waitroom_timeout_ms == 90_500
    assert scene.to_client(SOMEBODY)["waitroom"]["timeout_ms"] == 90_500
    scene.user_experience(waitroom_timeout=90_500)
    assert scene.matchmaking(patience_s=90.5).waitroom_timeout_ms == 90_500


def test_two_different_waiting_times_contradict_each_other_whichever_comes_first():
    with pytest.raises(ValueError, match="set one of the two"):
        game().user_experience(waitroom_timeout=60_000).matchmaking(patience_s=90)
    with pytest.raises(ValueError, match="set one of the two"):
        game().matchmaking(patience_s=90).user_experience(waitroom_timeout=60_000)
    assert (
        game().matchmaking(patience_s=90).matchmaking(patience_s=60).waitroom_timeout_ms == 60_000
    )


def test_one_waits_two_minutes_unless_told_otherwise_and_sees_how_many_wait():
    assert game().waitroom_timeout_ms == 120_000
    assert game().to_client(SOMEBODY)["waitroom"] == {
        "timeout_ms": 120_000,
        "hide_lobby_count": False,
    }
    hidden = game().matchmaking(hide_lobby_count=True)
    assert hidden.to_client(SOMEBODY)["waitroom"]["hide_lobby_count"] is True


def test_a_second_is_the_least_patience_in_either_unit():
    assert game().matchmaking(patience_s=1).waitroom_timeout_ms == 1000
    assert game().user_experience(waitroom_timeout=1000).waitroom_timeout_ms == 1000


def test_a_contradiction_changes_nothing():
    scene = game().matchmaking(patience_s=90)
    with pytest.raises(ValueError, match=r"gives 60000 ms .* patience_s gives 90000"):
        scene.user_experience(waitroom_timeout=60_000)
    assert scene.waitroom_timeout_ms == 90_000


def test_the_button_to_leave_comes_before_the_wait_is_over_if_at_all():
    assert game().leave_after_ms is None
    scene = game().matchmaking(patience_s=60, leave_after_s=20.5)
    scene.check()
    assert scene.leave_after_ms == 20_500
    assert scene.matchmaking(leave_after_s=None).leave_after_ms is None
    with pytest.raises(ValueError, match="leave_after_s is 0"):
        scene.matchmaking(leave_after_s=0)
    with pytest.raises(ValueError, match="leave_after_s is 60 in the scene"):
        scene.matchmaking(leave_after_s=60).check()
