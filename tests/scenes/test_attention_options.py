import pytest

from interactive_gym.scenes.gym_scene import GymScene
from tests.support.game_scenes import SOMEBODY, game


def test_nobody_is_limited_or_asked_unless_configured():
    scene = game().to_client(SOMEBODY)
    assert scene["focus"] is None
    assert scene["idle"] is None


def test_a_page_may_be_out_of_sight_as_long_as_configured():
    scene = game().focus_loss_config(timeout_ms=30_000, message="You were away.")
    assert scene.to_client(SOMEBODY)["focus"] == {"timeout_ms": 30_000, "warning_ms": None}
    assert scene.focus_loss_message == "You were away."
    scene.focus_loss_config(timeout_ms=None, message=None, pause_on_partner_background=False)
    assert scene.to_client(SOMEBODY)["focus"] is None
    assert scene.focus_loss_message is None


def test_a_hidden_page_may_be_called_back_before_its_participant_is_out():
    scene = game().continuous_monitoring(tab_warning_ms=5000)
    assert scene.to_client(SOMEBODY)["focus"] == {"timeout_ms": None, "warning_ms": 5000}
    scene.continuous_monitoring(tab_exclude_ms=20_000, exclusion_messages={"hidden": "Away."})
    assert scene.to_client(SOMEBODY)["focus"] == {"timeout_ms": 20_000, "warning_ms": 5000}
    assert scene.focus_loss_message == "Away."


def test_idle_participants_are_asked_as_configured():
    scene = game().idle_config(game_prompt_ms=60_000)
    assert scene.to_client(SOMEBODY)["idle"] == {
        "waitroom_prompt_ms": None,
        "game_prompt_ms": 60_000,
        "answer_ms": 30_000,
        "message": "Are you still there?",
    }
    scene.idle_config(waitroom_prompt_ms=90_000, answer_ms=10_000, message="Hello?")
    assert scene.to_client(SOMEBODY)["idle"] == {
        "waitroom_prompt_ms": 90_000,
        "game_prompt_ms": 60_000,
        "answer_ms": 10_000,
        "message": "Hello?",
    }
    scene.idle_config(waitroom_prompt_ms=None, game_prompt_ms=None)
    assert scene.to_client(SOMEBODY)["idle"] is None


@pytest.mark.parametrize(
    ("setter", "options", "named"),
    [
        ("focus_loss_config", {"timeout_ms": 999}, "timeout_ms is 999"),
        ("focus_loss_config", {"timeout_ms": True}, "timeout_ms is True"),
        ("continuous_monitoring", {"tab_warning_ms": 999}, "tab_warning_ms is 999"),
        ("continuous_monitoring", {"tab_exclude_ms": "5"}, "tab_exclude_ms is '5'"),
        ("continuous_monitoring", {"exclusion_messages": {"hidden": "x"}}, "no tab_exclude_ms"),
        ("continuous_monitoring", {"exclusion_messages": {"ping": "x"}}, "give a dict with"),
        (
            "continuous_monitoring",
            {"tab_warning_ms": 5000, "tab_exclude_ms": 5000},
            "but after 5000 ms",
        ),
        ("focus_loss_config", {"message": "Away."}, "there is no timeout_ms"),
        ("focus_loss_config", {"timeout_ms": 1000, "message": " "}, "message is ' '"),
        ("focus_loss_config", {"pause_on_partner_background": True}, "neutral input"),
        ("focus_loss_config", {"pause_on_partner_background": 0}, "is 0"),
        ("idle_config", {"waitroom_prompt_ms": 0}, "waitroom_prompt_ms is 0"),
        ("idle_config", {"game_prompt_ms": "soon"}, "game_prompt_ms is 'soon'"),
        ("idle_config", {"game_prompt_ms": 5000, "answer_ms": None}, "answer_ms is None"),
        ("idle_config", {"game_prompt_ms": 5000, "message": ""}, "message is ''"),
        ("idle_config", {"answer_ms": 5000}, "nobody is ever asked"),
        ("idle_config", {"message": "Hello?"}, "nobody is ever asked"),
    ],
)
def test_a_limit_that_could_not_work_is_refused(setter, options, named):
    with pytest.raises(ValueError, match=r".*") as caught:
        getattr(GymScene(), setter)(**options)
    assert named in str(caught.value)
