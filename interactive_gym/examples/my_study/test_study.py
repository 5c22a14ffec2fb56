"""Plays the study's game to its end, and checks what could go wrong with participants."""

import random
import subprocess
import sys
from pathlib import Path

from environment import MAX_STEPS, env
from study import config, game

HERE = Path(__file__).resolve().parent


def test_the_game_is_played_to_its_end_and_can_be_won():
    rng = random.Random(1)
    env.reset(seed=1)
    for step in range(MAX_STEPS):
        assert env.agents
        actions = {agent: towards_star(agent, rng) for agent in env.agents}
        *_, truncations, infos = env.step(actions)
        assert all(truncations.values()) == (step == MAX_STEPS - 1)
    assert infos["red"]["score"] > 10


def towards_star(agent, rng):
    """A step towards the star, or now and then anywhere."""
    (x, y), (star_x, star_y) = env.places[agent], env.star
    wanted = [1] * (star_x < x) + [2] * (star_x > x) + [3] * (star_y < y) + [4] * (star_y > y)
    return rng.choice(wanted or [0]) if rng.random() < 0.8 else rng.randrange(5)


def test_every_browser_plays_the_same_game():
    command = [sys.executable, "-m", "interactive_gym.cli", "check-env", "environment.py"]
    checked = subprocess.run(
        [*command, "--actions", "0,1,2,3,4"], cwd=HERE, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout


def test_the_experiment_is_complete_and_its_agents_are_those_of_the_game():
    config.check()
    assert tuple(game.human_agents) == env.possible_agents
