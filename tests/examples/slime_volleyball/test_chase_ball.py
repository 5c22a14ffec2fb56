import random

import pytest

from interactive_gym.examples.slime_volleyball.environment import (
    Action,
    SlimeVolleyball,
    chase_ball,
)

DECIDES_EVERY = 6
"""Frames, as in the example's experiment."""


def score(agent: str, seed: int, others: tuple[int, ...]) -> tuple[float, float]:
    """The points of the policy as *agent* and of an opponent who draws from some actions."""
    env = SlimeVolleyball()
    observations, _ = env.reset(seed)
    (opponent,) = {"left", "right"} - {agent}
    rng = random.Random(seed)
    points = {"left": 0.0, "right": 0.0}
    actions = {"left": 0, "right": 0}
    for frame in range(10_000):
        if not env.agents:
            break
        if frame % DECIDES_EVERY == 0:
            actions = {agent: chase_ball(observations[agent], agent), opponent: rng.choice(others)}
        observations, rewards, *_ = env.step(actions)
        points = {name: points[name] + max(0.0, rewards[name]) for name in points}
    assert not env.agents
    return points[agent], points[opponent]


@pytest.mark.parametrize("agent", ["left", "right"])
def test_it_wins_from_either_side_against_whoever_does_not_try(agent):
    matches = [score(agent, seed, tuple(range(6))) for seed in range(8)]
    assert all(own > other for own, other in matches)
    matches = [score(agent, seed, (int(Action.STAY),)) for seed in range(4)]
    assert all((own, other) == (3.0, 0.0) for own, other in matches)


def test_both_sides_play_alike_in_the_mirror():
    env = SlimeVolleyball()
    observations, _ = env.reset(3)
    mirror = {0: 0, 1: 2, 2: 1, 3: 3, 4: 5, 5: 4}
    seen = set()
    for frame in range(600):
        observation = observations["left"]
        action = chase_ball(observation, "left")
        assert chase_ball(observation, "right") == mirror[action]
        seen.add(action)
        other = chase_ball(observations["right"], "right")
        observations, *_ = env.step({"left": action, "right": other if frame % 7 else 0})
    assert {0, 1, 2} < seen and max(seen) > 2
