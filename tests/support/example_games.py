"""Games of the examples, stored as a server stores them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from interactive_gym.examples.kitchen import environment as kitchen
from interactive_gym.examples.slime_volleyball import environment as slime_volleyball
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.resimulation import Resimulation
from interactive_gym.netcode.simulation import episode_seed
from interactive_gym.packages.game_code import GameCode
from interactive_gym.packages.runtime import runtime_sources
from tests.support.simulated_network import game_config
from tests.support.verified_study import VerifiedStudy

Policy = Callable[[dict[str, dict[str, Any]]], dict[str, int]]

AGENTS = {kitchen: ["blue", "orange"], slime_volleyball: ["left", "right"]}


def stored_example(
    study: VerifiedStudy,
    game_id: str,
    module: Any,
    frames: int = 60,
    seed: int = 7,
    policy: Policy | None = None,
) -> Path:
    """Store a game of two episodes, played at random or by a policy; its folder."""
    agents = AGENTS[module]
    config = game_config(
        agents=agents, actions=list(range(6)), num_episodes=2, max_steps=frames // 2, seed=seed
    )
    game = Resimulation(module.make_env(), config)
    game.play(_inputs(module, config, policy or at_random(seed), frames))
    code = GameCode(Path(module.__file__).read_bytes(), runtime_sources(), [], "0.1")
    copies = dict.fromkeys(range(len(agents)), game.rows)
    return study.stored(game_id, config, code, game.columns, copies)


def at_random(seed: int) -> Policy:
    rng = Random(seed)
    return lambda infos: {agent: rng.randrange(6) for agent in infos}


def _inputs(module: Any, config: GameConfig, policy: Policy, frames: int) -> Iterator[bytes]:
    """What the agents of a policy press in every frame."""
    env = module.make_env()
    episode, infos = 0, env.reset(seed=config.seed)[1]
    steps = 0
    for _ in range(frames):
        actions = policy(infos)
        yield bytes(actions[agent] for agent in config.agents)
        infos = env.step(actions)[4]
        steps += 1
        if steps == config.max_steps or not env.agents:
            episode, steps = episode + 1, 0
            infos = env.reset(seed=episode_seed(config.seed, episode))[1]
