import json

import pytest
from game_scenes import ENVIRONMENT, SOMEBODY, game

from interactive_gym.configurations.configuration_constants import (
    ActionSettings,
    InputModes,
    PolicyTypes,
)
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.server.matchmaker import FIFOMatchmaker


def test_the_game_config_holds_an_action_table_that_begins_with_the_neutral_action():
    assert game().game_config() == {
        "agents": ["left", "right"],
        "policies": [None, None],
        "frame_skip": 1,
        "num_episodes": 2,
        "max_steps": 900,
        "actions": [5, 1, 2],
        "default_action": 0,
        "fps": 30,
        "input_delay": 2,
        "max_prediction": 8,
        "on_cut": "end",
    }


def test_the_browser_gets_keys_with_indices_into_the_action_table():
    scene = game().to_client(SOMEBODY)
    assert scene["action_mapping"] == [
        {"keys": ["ArrowLeft"], "action": 1},
        {"keys": ["ArrowLeft", "ArrowUp"], "action": 2},
        {"keys": ["a"], "action": 1},
    ]


def test_the_browser_gets_every_field_of_the_protocol_and_no_other():
    scene = game().to_client(SOMEBODY)
    assert set(scene) == {
        *("scene_id", "type", "header", "subheader", "body", "in_game_body"),
        *("width", "height", "background", "fps", "input_mode", "action_mapping", "actions"),
        *("default_action", "group_size", "environment", "waitroom", "partner_timeout_ms"),
        *("pyodide_url", "assets", "smoothing_ms", "focus", "idle", "action_labels"),
    }
    assert scene["type"] == "game"
    assert scene["group_size"] == 2
    assert scene["environment"]["code"] == ENVIRONMENT
    assert scene["waitroom"] == {"timeout_ms": 120_000, "hide_lobby_count": False}


LIMITS = [
    ("rendering", "fps", 1, 60),
    ("rendering", "game_width", 1, 4096),
    ("rendering", "game_height", 1, 4096),
    ("rendering", "rollback_smoothing_duration", 0, 1000),
    ("gameplay", "num_episodes", 1, 10_000),
    ("gameplay", "max_steps", 1, 10_000_000),
    ("policies", "frame_skip", 1, 10_000),
    ("pyodide", "input_delay", 0, 8),
    ("matchmaking", "max_probes_per_participant", 1, None),
    ("user_experience", "waitroom_timeout", 1000, None),
    ("reconnection_config", "timeout_ms", 1000, None),
    ("focus_loss_config", "timeout_ms", 1000, None),
    ("idle_config", "waitroom_prompt_ms", 1000, None),
    ("idle_config", "game_prompt_ms", 1000, None),
]


@pytest.mark.parametrize(("setter", "option", "lowest", "highest"), LIMITS)
def test_a_number_is_accepted_from_its_lowest_value_to_its_highest(setter, option, lowest, highest):
    for value in (lowest, 10**9 if highest is None else highest):
        getattr(GymScene(), setter)(**{option: value})
    for value in (lowest - 1, *([] if highest is None else [highest + 1])):
        with pytest.raises(ValueError, match=f"{option} is {value}"):
            getattr(GymScene(), setter)(**{option: value})


def test_a_table_has_at_most_127_actions():
    keys = {str(key): key for key in range(1, 127)}
    scene = game().gameplay(default_action=0, action_mapping=keys)
    assert len(scene.game_config()["actions"]) == 127
    extremes = {"a": -(2**31), "b": 2**31 - 1}
    assert game().gameplay(default_action=0, action_mapping=extremes)
    for beyond in (-(2**31) - 1, 2**31):
        for options in ((beyond, {"a": 1}), (0, {"a": beyond})):
            with pytest.raises(ValueError, match=f"is {beyond}"):
                game().gameplay(default_action=options[0], action_mapping=options[1])


WRONG = [
    ("scene", {"scene_id": "a/b"}, "scene_id is 'a/b'"),
    ("gameplay", {"default_action": 0}, "give both in one call"),
    ("gameplay", {"action_mapping": {"a": 1}}, "give both in one call"),
    ("gameplay", {"default_action": 0, "action_mapping": {}}, "action_mapping is {}"),
    ("gameplay", {"default_action": 0, "action_mapping": {"a": "up"}}, "action_mapping['a']"),
    ("gameplay", {"default_action": 0, "action_mapping": {(): 1}}, "has the key ()"),
    ("gameplay", {"default_action": 0, "action_mapping": {1: 1}}, "has the key 1"),
    ("gameplay", {"default_action": None, "action_mapping": {"a": 1}}, "default_action is None"),
    (
        "gameplay",
        {"default_action": 0, "action_mapping": {("a", "b"): 1, ("b", "a"): 2}},
        "the actions 1 and 2",
    ),
    (
        "gameplay",
        {"default_action": 0, "action_mapping": {str(key): key for key in range(1, 128)}},
        "128 distinct actions",
    ),
    ("gameplay", {"action_labels": ["left"]}, "action_labels is ['left']"),
    (
        "gameplay",
        {"default_action": 0, "action_mapping": {"a": 1}, "action_labels": {1: " "}},
        "action_labels[1] is ' '",
    ),
    ("gameplay", {"action_labels": {7: "up"}}, "the action 7, which no key"),
    ("gameplay", {"num_episodes": 0}, "num_episodes is 0"),
    ("gameplay", {"max_steps": 1.5}, "max_steps is 1.5"),
    ("gameplay", {"input_mode": "mouse"}, "input_mode is 'mouse'"),
    (
        "gameplay",
        {"action_population_method": ActionSettings.PreviousSubmittedAction},
        "give ActionSettings.DefaultAction",
    ),
    ("user_experience", {"scene_header": None}, "scene_header is None"),
    (
        "user_experience",
        {"scene_body": "a", "scene_body_filepath": "b"},
        "scene_body and scene_body_filepath are both given",
    ),
    ("user_experience", {"scene_body_filepath": "/no/such"}, "scene_body_filepath is '/no/such'"),
    ("user_experience", {"waitroom_timeout": 999}, "waitroom_timeout is 999"),
    ("user_experience", {"waitroom_timeout_redirect_url": "javascript:1"}, "https://"),
    ("user_experience", {"waitroom_timeout_message": ""}, "waitroom_timeout_message is ''"),
    ("matchmaking", {"matchmaker": FIFOMatchmaker}, "give an instance of a Matchmaker"),
    ("matchmaking", {"hide_lobby_count": 1}, "hide_lobby_count is 1"),
    ("matchmaking", {"patience_s": 0.5}, "patience_s is 0.5"),
    ("matchmaking", {"patience_s": float("inf")}, "patience_s is inf"),
    ("matchmaking", {"patience_s": True}, "patience_s is True"),
    ("matchmaking", {"max_probes_per_participant": 0}, "max_probes_per_participant is 0"),
    ("matchmaking", {"blocked_pairs": "ab"}, "blocked_pairs is 'ab'"),
    ("matchmaking", {"blocked_pairs": [("a", "b", "c")]}, "blocked_pairs has ('a', 'b', 'c')"),
    ("matchmaking", {"blocked_pairs": [("a", 7)]}, "blocked_pairs has ('a', 7)"),
    ("matchmaking", {"blocked_pairs": [("a", "a")]}, "blocked_pairs has 'a' twice"),
    ("matchmaking", {"attributes_of": {}}, "attributes_of is {}"),
]


@pytest.mark.parametrize(("setter", "options", "named"), WRONG)
def test_a_wrong_option_fails_at_the_call_with_one_sentence(setter, options, named):
    with pytest.raises(ValueError, match=r".*") as caught:
        getattr(GymScene(), setter)(**options)
    assert named in str(caught.value)


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


def test_the_limits_of_matching_are_kept():
    scene = game().matchmaking(
        max_probes_per_participant=12,
        blocked_pairs=[["p1", "p2"]],
        attributes_of=lambda subject_id: {"condition": subject_id[0]},
    )
    assert scene.max_probes_per_participant == 12
    assert scene.blocked_pairs == (("p1", "p2"),)
    assert scene.attributes_of("a7") == {"condition": "a"}
    assert scene.matchmaking(max_probes_per_participant=None).max_probes_per_participant is None


def test_named_actions_reach_the_browser_in_the_order_of_the_action_table():
    scene = game().gameplay(action_labels={2: "jump left", 1: "left"})
    assert scene.to_client(SOMEBODY)["action_labels"] == [None, "left", "jump left"]
    with pytest.raises(ValueError, match="the action 2, which no key"):
        scene.gameplay(default_action=0, action_mapping={"a": 1})


def test_127_distinct_actions_are_accepted():
    mapping = {str(key): key for key in range(1, 127)}
    scene = game().gameplay(default_action=0, action_mapping=mapping)
    assert len(scene.game_config()["actions"]) == 127


@pytest.mark.parametrize(
    ("scene", "missing"),
    [
        (GymScene(), "scene_id is missing"),
        (GymScene().scene(scene_id="g"), "policy_mapping is missing"),
        (
            GymScene().scene(scene_id="g").policies(policy_mapping={"a": "human", "b": "human"}),
            "environment_initialization_code is missing",
        ),
        (
            GymScene()
            .scene(scene_id="g")
            .policies(policy_mapping={"a": "human", "b": "human"})
            .pyodide(environment_initialization_code=ENVIRONMENT),
            "action_mapping is missing",
        ),
        (game().gameplay(input_mode=InputModes.SingleKeystroke), "keys pressed together"),
    ],
)
def test_an_incomplete_scene_names_what_is_missing(scene, missing):
    with pytest.raises(ValueError, match=missing):
        scene.check()


def test_a_frame_without_a_key_takes_the_default_action_whether_that_is_said_or_not():
    scene = game()
    before = scene.to_client(SOMEBODY)
    scene.gameplay(action_population_method=ActionSettings.DefaultAction)
    assert scene.to_client(SOMEBODY) == before


def config_of(scene: GymScene, rtt_ms: float | None = None) -> GameConfig:
    """The scene's config as a browser reads it."""
    for_one_game = {"seat": 0, "seed": 1, "session_tag": 2}
    return GameConfig.from_json(json.dumps({**scene.game_config(rtt_ms), **for_one_game}))


def test_browsers_accept_the_config_of_every_kind_of_scene():
    plain = config_of(game())
    assert (plain.num_seats, plain.on_cut, plain.frame_skip) == (2, "end", 1)

    scene = (
        game()
        .policies(
            policy_mapping={"cook": "helper", 7: PolicyTypes.Human, "cat": PolicyTypes.Random},
            frame_skip=4,
        )
        .pyodide(environment_initialization_code="env = None\ndef helper(observation, agent): ...")
        .reconnection_config(continue_with="helper")
    )
    scene.check()
    config = config_of(scene)
    assert config.agents == ("cook", 7, "cat")
    assert config.policies == ("helper", None, "random")
    assert config.seat_of_agent == (None, 0, None)
    assert (config.on_cut, config.frame_skip) == ("helper", 4)


@pytest.mark.parametrize(("rtt_ms", "frames"), [(None, 2), (10.0, 1), (80.0, 2), (150.0, 3)])
def test_an_automatic_input_delay_follows_the_rtt_of_the_group(rtt_ms, frames):
    scene = game().pyodide(input_delay="auto")
    assert config_of(scene, rtt_ms).input_delay == frames
    assert config_of(game().pyodide(input_delay=5), rtt_ms).input_delay == 5


def test_an_automatic_input_delay_follows_the_frame_rate():
    scene = game().pyodide(input_delay="auto").rendering(fps=60)
    assert config_of(scene, 80.0).input_delay == 3


@pytest.mark.parametrize(("seats", "multiplayer"), [(1, True), (2, False)])
def test_multiplayer_must_agree_with_the_number_of_participants(seats, multiplayer):
    others = dict.fromkeys(("left", "right")[:seats], PolicyTypes.Human)
    scene = game().policies(policy_mapping=others).pyodide(multiplayer=multiplayer)
    with pytest.raises(ValueError, match=f"multiplayer is {multiplayer}.*{seats} agents"):
        scene.check()
    scene.pyodide(multiplayer=not multiplayer).check()


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        (game().pyodide(environment_initialization_code="en = 1"), "defines no 'env'"),
        (
            game().policies(policy_mapping={"a": "human", "b": "chase_ball"}),
            r"defines no 'chase_ball' .* chase_ball\(observation, agent\)",
        ),
        (game().reconnection_config(continue_with="helper"), "defines no 'helper'"),
    ],
)
def test_the_environment_code_must_define_what_is_named(scene, said):
    with pytest.raises(ValueError, match=said):
        scene.check()
