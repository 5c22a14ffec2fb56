"""Digests that every browser must agree on: scripted games, and functions computed in floats.

Runs in whichever Python loads it and needs nothing but the package's own files. Used by
``test_golden_digests.py``, which knows the digests.
"""

import hashlib
import json
import math
import struct
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from interactive_gym.examples.kitchen.environment import COOK_COLORS, Kitchen
from interactive_gym.examples.slime_volleyball.environment import SlimeVolleyball
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.replay import replay

FRAMES = 1000
NUM_ACTIONS = 6
"""Of either game; 0 is the neutral one."""

FUNCTIONS: tuple[Callable[[float], float], ...] = (
    *(math.sin, math.cos, math.tan, math.atan, math.exp, math.sinh, math.tanh),
    *(
        math.erf,
        math.gamma,
        math.lgamma,
        math.log1p,
        math.log2,
        lambda x: x**1.7,
        lambda x: 1.0001**x,
    ),
)
"""Where C libraries differ in the last bits."""


def numbers(seed: int) -> Iterator[int]:
    """The low bits of a linear congruential generator's words, without end."""
    while True:
        seed = (seed * 1664525 + 1013904223) % 2**32
        yield seed >> 16


def held_keys(seats: int, seed: int) -> Iterator[bytes]:
    """Inputs of people who hold a key for a moment, now and then with the page out of sight."""
    draws = numbers(seed)
    inputs = [0] * seats
    for _ in range(FRAMES):
        for seat in range(seats):
            if next(draws) % 5 == 0:
                inputs[seat] = next(draws) % NUM_ACTIONS
        yield bytes(inputs)


def digest_of_game(env: Any, agents: list[str]) -> str:
    """The digest of the rows of a whole game of four episodes, played without a network."""
    game = {
        "agents": agents,
        "seat": 0,
        "seed": 20260101,
        "session_tag": 1,
        "num_episodes": 4,
        "max_steps": FRAMES // 4,
        "actions": list(range(NUM_ACTIONS)),
        "default_action": 0,
        "fps": 30,
        "input_delay": 2,
        "max_prediction": 8,
    }
    config = GameConfig.from_json(json.dumps(game))
    rows, digest = replay(env, config, held_keys(len(agents), seed=7))
    assert len(rows) == FRAMES * len(agents), "no episode ends early"
    return digest


def digest_of_functions() -> str:
    """The digest of the bits of a thousand values of each function."""
    digest = hashlib.sha256()
    for function in FUNCTIONS:
        for value in islice(numbers(seed=3), 1000):
            digest.update(struct.pack("<d", function(value / 2**12 + 0.001)))
    return digest.hexdigest()


def digests() -> str:
    """All digests by name, as JSON."""
    cooks = list(COOK_COLORS)
    return json.dumps(
        {
            "slime_volleyball": digest_of_game(
                SlimeVolleyball(points_to_win=99), ["left", "right"]
            ),
            "kitchen": digest_of_game(Kitchen(layout="hall", cooks=len(cooks)), cooks),
            "functions": digest_of_functions(),
        }
    )
