import json

import pytest

from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.options.screening_rules import ScreeningRules
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.static_scene import DeviceCheck
from tests.support.game_scenes import SOMEBODY
from tests.support.game_scenes import game as game_for_two

TURN = {"urls": "turn:t.example", "username": "u", "credential": "c"}
STUN = {"urls": ["stun:s.example"]}


def prepared(game, rules=None, *, ice_servers=(), force_relay=False):
    scene = DeviceCheck().scene(scene_id="device")
    scene.prepare(
        rules or ScreeningRules(), game, ice_servers=list(ice_servers), force_relay=force_relay
    )
    return scene


def alone():
    return (
        GymScene()
        .scene(scene_id="game")
        .policies(policy_mapping={"left": "random", "right": "human"})
        .gameplay(default_action=0, action_mapping={"a": 1})
        .pyodide(environment_initialization_code="env = None")
    )


@pytest.mark.parametrize("game", [game_for_two(), alone()])
def test_the_trial_of_a_game_is_one_that_a_page_can_run_alone(game):
    trial = prepared(game).to_client(SOMEBODY)["game"]
    config = GameConfig.from_json(json.dumps(trial["config"]))
    assert config.num_seats == 1
    assert config.fps == game.fps
    assert trial["environment"]["digest"] == game.environment_digest


def test_connections_are_tried_only_where_a_game_has_partners():
    assert prepared(game_for_two()).to_client(SOMEBODY)["connects"] is True
    assert prepared(alone()).to_client(SOMEBODY)["connects"] is False
    assert prepared(None).to_client(SOMEBODY)["connects"] is False


def test_turn_servers_are_tried_where_there_are_any():
    told = prepared(game_for_two(), ice_servers=[STUN, TURN]).to_client(SOMEBODY)
    assert told["ice_servers"] == [STUN, TURN]
    assert prepared(game_for_two(), ice_servers=[STUN]).to_client(SOMEBODY)["ice_servers"] == []
    assert prepared(alone(), ice_servers=[TURN]).to_client(SOMEBODY)["ice_servers"] == []


def test_a_relay_is_needed_only_between_partners():
    assert prepared(game_for_two(), force_relay=True).needs_relay
    assert not prepared(alone(), force_relay=True).needs_relay


def test_it_asks_nothing_as_its_answers_would_be_lost():
    scene = DeviceCheck().scene(scene_id="device").display(scene_body='<input name="a">')
    with pytest.raises(ValueError, match="asks nothing"):
        scene.check()
