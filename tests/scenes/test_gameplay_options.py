import re

import pytest

from interactive_gym.configurations.configuration_constants import ActionSettings, InputModes
from interactive_gym.scenes.gym_scene import GymScene
from tests.support.game_scenes import SOMEBODY, game


def test_the_browser_gets_keys_with_indices_into_the_action_table():
    scene = game().to_client(SOMEBODY)
    assert scene["action_mapping"] == [
        {"keys": ["ArrowLeft"], "action": 1},
        {"keys": ["ArrowLeft", "ArrowUp"], "action": 2},
        {"keys": ["a"], "action": 1},
    ]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"default_action": 0}, "give both in one call"),
        ({"action_mapping": {"a": 1}}, "give both in one call"),
        ({"default_action": 0, "action_mapping": {}}, "action_mapping is {}"),
        ({"action_labels": ["left"]}, "action_labels is ['left']"),
        ({"action_labels": {7: "up"}}, "the action 7, which no key"),
        ({"num_episodes": 0}, "num_episodes is 0"),
        ({"num_episodes": 10_001}, "num_episodes is 10001"),
        ({"max_steps": 0}, "max_steps is 0"),
        ({"max_steps": 1.5}, "max_steps is 1.5"),
        ({"input_mode": "mouse"}, "input_mode is 'mouse'"),
        (
            {"action_population_method": ActionSettings.PreviousSubmittedAction},
            "give ActionSettings.DefaultAction",
        ),
    ],
)
def test_a_wrong_option_fails_at_the_call_with_one_sentence(options, named):
    with pytest.raises(ValueError, match=re.escape(named)):
        GymScene().gameplay(**options)


def test_named_actions_reach_the_browser_in_the_order_of_the_action_table():
    scene = game().gameplay(action_labels={2: "jump left", 1: "left"})
    assert scene.to_client(SOMEBODY)["action_labels"] == [None, "left", "jump left"]
    with pytest.raises(ValueError, match="the action 2, which no key"):
        scene.gameplay(default_action=0, action_mapping={"a": 1})


def test_a_frame_without_a_key_takes_the_default_action_whether_that_is_said_or_not():
    scene = game()
    before = scene.to_client(SOMEBODY)
    scene.gameplay(action_population_method=ActionSettings.DefaultAction)
    assert scene.to_client(SOMEBODY) == before


def test_the_game_is_as_long_as_was_said_last():
    scene = game().gameplay(num_episodes=10_000, max_steps=1)
    assert (scene.game_config()["num_episodes"], scene.game_config()["max_steps"]) == (10_000, 1)
    scene.gameplay(max_steps=None)
    assert (scene.game_config()["num_episodes"], scene.game_config()["max_steps"]) == (10_000, None)


def test_by_default_a_game_is_one_episode_that_the_environment_ends():
    scene = GymScene().gameplay(default_action=0, action_mapping={"a": 1})
    config = scene.scene(scene_id="game").policies(policy_mapping={"a": "human"}).game_config()
    assert (config["num_episodes"], config["max_steps"]) == (1, None)


def test_keys_pressed_together_cannot_be_read_one_stroke_at_a_time():
    scene = game().gameplay(input_mode=InputModes.SingleKeystroke)
    with pytest.raises(ValueError, match="'game' but action_mapping has keys pressed together"):
        scene.check()
    scene.gameplay(default_action=0, action_mapping={"a": 1}).check()
    assert scene.to_client(SOMEBODY)["input_mode"] == InputModes.SingleKeystroke.value


def test_a_game_without_keys_says_what_is_missing():
    scene = GymScene().scene(scene_id="game")
    with pytest.raises(ValueError, match="action_mapping is missing in the scene 'game'"):
        scene.to_client(SOMEBODY)
