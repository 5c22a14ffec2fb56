import json

import pytest

from interactive_gym.configurations.configuration_constants import (
    PolicyTypes,
)
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.latency import Manipulated
from interactive_gym.server.matchmaker import FIFOMatchmaker
from tests.support.game_scenes import ENVIRONMENT, SOMEBODY, game


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
        "adapts_input_delay": False,
        "max_prediction": 8,
        "on_cut": "end",
    }


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
    ("matchmaking", "max_connection_failures", 2, None),
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


@pytest.mark.parametrize(
    ("scene", "missing"),
    [
        (GymScene(), "scene_id is missing"),
        (GymScene().scene(scene_id="g"), "policy_mapping is missing"),
        (GymScene().scene(scene_id="code"), "scene_id is 'code' for a game"),
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
    ],
)
def test_an_incomplete_scene_names_what_is_missing(scene, missing):
    with pytest.raises(ValueError, match=missing):
        scene.check()


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


def test_only_an_automatic_input_delay_of_a_group_changes_during_the_game():
    assert config_of(game().pyodide(input_delay="auto")).adapts_input_delay
    assert not config_of(game().pyodide(input_delay=3)).adapts_input_delay
    assert not config_of(game().pyodide(latency="equal")).adapts_input_delay
    alone = game().policies(policy_mapping={"left": "human"}).pyodide(input_delay="auto")
    assert not config_of(alone).adapts_input_delay


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


def test_equal_latency_gives_the_matchmaker_its_threshold_and_leaves_the_scripts_own_alone():
    matchmaker = FIFOMatchmaker()
    scene = game().matchmaking(matchmaker=matchmaker).pyodide(latency="equal", target_ms=120)
    scene.check()
    scene.check()
    assert scene.matchmaker.max_p2p_rtt_ms == 160
    assert matchmaker.max_p2p_rtt_ms is None
    assert config_of(scene, 20.0).input_delay == config_of(scene, 150.0).input_delay == 4
    stricter = FIFOMatchmaker(max_p2p_rtt_ms=50, rtt_expansions=[(30, 160)])
    scene.matchmaking(matchmaker=stricter).check()
    assert scene.matchmaker is stricter


class _OwnVerdict(FIFOMatchmaker):
    def should_reject_for_rtt(self, measured_rtt_ms):
        return False


@pytest.mark.parametrize(
    ("options", "matchmaker", "message"),
    [
        ({"latency": "equal", "input_delay": 2}, None, "input_delay is 2 .* leave input_delay out"),
        ({"latency": "equal", "input_delay": "auto"}, None, "input_delay is 'auto'"),
        ({"target_ms": 120}, None, "target_ms is 120 .* give latency"),
        ({"latency": "equal", "target_ms": 30}, None, "target_ms is 30: give at least 67 at 30"),
        ({"latency": "equal"}, FIFOMatchmaker(150), "max_p2p_rtt_ms of the .* 150 .* at most 93"),
        (
            {"latency": "equal"},
            FIFOMatchmaker(50, rtt_expansions=[(30, 90), (60, 200)]),
            "rtt_expansions of the FIFOMatchmaker goes up to 200",
        ),
        ({"latency": "equal"}, _OwnVerdict(), "overrides should_reject_for_rtt"),
        ({"latency": Manipulated([0, 10])}, None, "at least 33.3 ms apart"),
    ],
)
def test_an_equal_latency_that_cannot_be_is_refused_at_the_start(options, matchmaker, message):
    scene = game().pyodide(**options)
    if matchmaker is not None:
        scene.matchmaking(matchmaker=matchmaker)
    with pytest.raises(ValueError, match=message):
        scene.check()


def test_the_threshold_follows_a_target_that_is_changed_after_a_check():
    scene = game().pyodide(latency="equal", target_ms=120)
    scene.check()
    for target_ms, max_rtt_ms in ((67, 80 / 3), (200, 880 / 3)):
        scene.pyodide(target_ms=target_ms).check()
        assert scene.matchmaker.max_p2p_rtt_ms == pytest.approx(max_rtt_ms)


def test_equal_latency_can_be_taken_back():
    scene = game().pyodide(latency="equal")
    scene.check()
    scene.pyodide(latency=None, input_delay=3).check()
    assert scene.equal_latency is None
    assert scene.matchmaker.max_p2p_rtt_ms is None
    assert config_of(scene).input_delay == 3
