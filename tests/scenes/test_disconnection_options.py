import pytest

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.scenes.gym_scene import GymScene
from tests.support.game_scenes import SOMEBODY, game


@pytest.mark.parametrize(
    ("given", "on_cut", "policy"),
    [
        (None, "end", None),
        ("default_action", "neutral", None),
        ("neutral", "neutral", None),
        (PolicyTypes.Random, "random", None),
        ("helper", "helper", "helper"),
    ],
)
def test_a_game_continues_without_a_lost_participant_as_configured(given, on_cut, policy):
    scene = game().reconnection_config(continue_with=given)
    assert scene.game_config()["on_cut"] == scene.on_cut == on_cut
    assert scene.policy_on_cut == policy


def test_limit_and_continuation_can_be_set_apart():
    scene = game().reconnection_config(timeout_ms=5000)
    scene.reconnection_config(continue_with="default_action")
    assert scene.to_client(SOMEBODY)["partner_timeout_ms"] == 5000
    assert scene.reconnection_config(timeout_ms=6000).on_cut == "neutral"


def test_a_page_that_comes_back_has_a_minute_or_what_is_said_and_never_less_than_one_away():
    assert game().return_timeout_ms == 60_000
    assert game().reconnection_config(timeout_ms=90_000).return_timeout_ms == 90_000
    scene = game().reconnection_config(return_timeout_ms=20_000)
    assert scene.return_timeout_ms == 20_000
    with pytest.raises(ValueError, match="return_timeout_ms is 20000 but timeout_ms is 30000"):
        scene.reconnection_config(timeout_ms=30_000)


@pytest.mark.parametrize(
    ("options", "way_on"),
    [
        ({}, "next_scene"),
        ({"show_completion_code": True}, "exit"),
        ({"return_to_waitroom": True}, "waitroom"),
        ({"show_completion_code": False, "return_to_waitroom": False}, "next_scene"),
    ],
)
def test_those_whose_partner_is_lost_go_on_as_configured(options, way_on):
    scene = game().partner_disconnect_message_config(message="Sorry.", **options)
    assert scene.partner_loss_way_on == way_on
    assert scene.partner_loss_message == "Sorry."


def test_a_way_on_stays_until_it_is_taken_back():
    scene = game().partner_disconnect_message_config(return_to_waitroom=True)
    assert scene.partner_disconnect_message_config(message="x").partner_loss_way_on == "waitroom"
    with pytest.raises(ValueError, match="both True"):
        scene.partner_disconnect_message_config(show_completion_code=True)
    scene.partner_disconnect_message_config(show_completion_code=True, return_to_waitroom=False)
    assert scene.partner_loss_way_on == "exit"


@pytest.mark.parametrize(
    ("setter", "options", "named"),
    [
        ("reconnection_config", {"timeout_ms": 0}, "timeout_ms is 0"),
        ("reconnection_config", {"return_timeout_ms": 0}, "return_timeout_ms is 0"),
        (
            "reconnection_config",
            {"timeout_ms": 20_000, "return_timeout_ms": 19_000},
            "return_timeout_ms is 19000 but timeout_ms is 20000",
        ),
        ("reconnection_config", {"continue_with": "end"}, "give None"),
        ("reconnection_config", {"continue_with": "human"}, "continue_with is 'human'"),
        ("reconnection_config", {"continue_with": max}, "cannot be sent"),
        ("partner_disconnect_message_config", {"message": ""}, "message is ''"),
        (
            "partner_disconnect_message_config",
            {"show_completion_code": True, "return_to_waitroom": True},
            "choose one way on",
        ),
        ("partner_disconnect_message_config", {"return_to_waitroom": 1}, "return_to_waitroom is 1"),
    ],
)
def test_contradictions_about_losses_are_refused(setter, options, named):
    with pytest.raises(ValueError, match=r".*") as caught:
        getattr(GymScene(), setter)(**options)
    assert named in str(caught.value)
