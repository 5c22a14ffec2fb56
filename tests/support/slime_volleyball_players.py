"""Players of slime volleyball, and the loop that lets them play, for its tests.

Every player draws from a seeded generator of its own, so a test's match is always the same one.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

from interactive_gym.examples.slime_volleyball import environment
from interactive_gym.examples.slime_volleyball.environment import (
    BALL_RADIUS,
    HOME_X,
    WIDTH,
    Action,
    SlimeVolleyball,
)

FIELDS = ("x", "y", "vx", "vy")

Actions = dict[str, int]
Policy = Callable[[dict[str, dict[str, Any]]], Actions]


def started(seed: int = 1, **options: Any) -> SlimeVolleyball:
    env = SlimeVolleyball(**options)
    env.reset(seed=seed)
    return env


def idle(_infos: dict[str, dict[str, Any]]) -> Actions:
    return {"left": Action.STAY, "right": Action.STAY}


def at_random(seed: int) -> Policy:
    rng = random.Random(seed)
    return lambda _infos: {"left": rng.randrange(6), "right": rng.randrange(6)}


def landing(ball: dict[str, float], height: float = 60.0) -> tuple[float, int]:
    """Where and in how many frames the ball comes down to a height."""
    x, y, vx, vy = (ball[f"ball_{field}"] for field in FIELDS)
    limit = WIDTH / 2 - BALL_RADIUS
    for frames in range(150):
        vy -= environment.BALL_GRAVITY
        x += vx
        y += vy
        if abs(x) > limit:
            x = limit if x > 0 else -limit
            vx *= -environment.WALL_RESTITUTION
        if vy < 0 and y < height:
            return x, frames
    return x, 150


def heuristic(seed: int, error: float) -> Policy:
    """Both run to where the ball comes down, ``error`` pixels off, and hit it towards the net."""
    rng = random.Random(seed)

    def act(info: dict[str, Any], side: int) -> int:
        x, frames = landing(info)
        own_half = x * side > 0
        target = x + side * 12 + rng.uniform(-error, error) if own_half else HOME_X * side
        distance = target - info["x"]
        move = 0 if abs(distance) < 4 else 1 if distance < 0 else 2
        jump = own_half and frames < 7 and abs(distance) < 30 and rng.random() < 0.5
        return move + 3 * jump

    return lambda infos: {"left": act(infos["left"], -1), "right": act(infos["right"], 1)}


def play(
    env: SlimeVolleyball, policy: Policy, seed: int, frames: int = 100_000
) -> Iterator[tuple[Any, ...]]:
    """What each step of a match returns, until its end."""
    _, infos = env.reset(seed=seed)
    for _ in range(frames):
        if not env.agents:
            return
        result = env.step(policy(infos))
        infos = result[4]
        yield result
