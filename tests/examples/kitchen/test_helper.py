import json

import pytest

from interactive_gym.examples.kitchen.environment import Kitchen
from interactive_gym.examples.kitchen.helper import Helper
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.replay import replay
from interactive_gym.netcode.sync_test import sync_test

FRAMES = 2700
"""A minute and a half."""


def soups(layout: str, cooks: int, frame_skip: int, *, first_idles: bool) -> float:
    """How many soups helpers make on their own, or while the first cook stands still."""
    env = Kitchen(layout=layout, cooks=cooks, max_steps=FRAMES)
    helper = Helper(layout, cooks)
    helper.reset(5)
    observations, _ = env.reset()
    actions: dict[str, int] = {}
    delivered = 0.0
    for frame in range(FRAMES):
        if frame % frame_skip == 0:
            actions = {agent: helper(observations[agent], agent) for agent in env.agents}
            if first_idles:
                actions["blue"] = 0
        observations, rewards, *_ = env.step(actions)
        delivered += rewards["blue"]
    return delivered


@pytest.mark.parametrize("first_idles", [False, True])
@pytest.mark.parametrize("frame_skip", [1, 6])
@pytest.mark.parametrize(("layout", "cooks"), [("galley", 2), ("galley", 3), ("hall", 4)])
def test_helpers_keep_the_soups_coming_also_beside_somebody_who_stands_still(
    layout, cooks, frame_skip, first_idles
):
    assert soups(layout, cooks, frame_skip, first_idles=first_idles) >= 6


def game() -> tuple[Kitchen, GameConfig, dict[str, object]]:
    """A participant and two helpers, and what the code of their environment defines."""
    config = {
        "agents": ["blue", "orange", "green"],
        "policies": [None, "helper", "helper"],
        "seat": 0,
        "seed": 9,
        "session_tag": 1,
        "num_episodes": 2,
        "max_steps": None,
        "actions": list(range(6)),
        "default_action": 0,
        "frame_skip": 2,
        "fps": 30,
        "input_delay": 0,
        "max_prediction": 8,
    }
    env = Kitchen(cooks=3, max_steps=200)
    return env, GameConfig.from_json(json.dumps(config)), {"helper": Helper("galley", 3)}


def test_a_game_with_helpers_can_be_rolled_back_and_replayed():
    inputs = [bytes([(frame // 7) % 6]) for frame in range(400)]
    env, config, names = game()
    assert sync_test(env, config, inputs, 8, names) is None
    first = replay(*game()[:2], inputs, game()[2])
    assert first == replay(*game()[:2], inputs, game()[2])
    assert len(first[0]) == 3 * 400
