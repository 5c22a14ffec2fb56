"""Games of the examples with random inputs, stored as a server stores them."""

from pathlib import Path
from random import Random
from typing import Any

from interactive_gym.examples.kitchen import environment as kitchen
from interactive_gym.examples.slime_volleyball import environment as slime_volleyball
from interactive_gym.netcode.resimulation import Resimulation
from interactive_gym.packages.game_code import GameCode
from interactive_gym.packages.runtime import runtime_sources
from tests.support.simulated_network import game_config
from tests.support.verified_study import VerifiedStudy

AGENTS = {kitchen: ["blue", "orange"], slime_volleyball: ["left", "right"]}


def stored_example(
    study: VerifiedStudy, game_id: str, module: Any, frames: int = 60, seed: int = 7
) -> Path:
    """Store a game of two episodes; its folder."""
    agents = AGENTS[module]
    config = game_config(
        agents=agents, actions=list(range(6)), num_episodes=2, max_steps=frames // 2, seed=seed
    )
    rng = Random(seed)
    game = Resimulation(module.make_env(), config)
    game.play(bytes(rng.randrange(6) for _ in agents) for _ in range(frames))
    code = GameCode(Path(module.__file__).read_bytes(), runtime_sources(), [], "0.1")
    copies = dict.fromkeys(range(len(agents)), game.rows)
    return study.stored(game_id, config, code, game.columns, copies)
