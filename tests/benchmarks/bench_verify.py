"""Prints, as JSON, how fast games of both examples are verified, beside bare stepping.

Bare stepping is the environment alone, with the same actions, in one process and one run with the
verification, which is timed with everything: files, process, rows, comparison. Run it with
``.venv/bin/python tests/benchmarks/bench_verify.py [frames]``.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from interactive_gym.examples.kitchen import environment as kitchen
from interactive_gym.examples.slime_volleyball import environment as slime_volleyball
from interactive_gym.netcode.resimulation import Resimulation
from interactive_gym.netcode.simulation import episode_seed
from interactive_gym.packages.game_code import GameCode
from interactive_gym.packages.runtime import runtime_sources
from interactive_gym.verification.progress import Progress
from interactive_gym.verification.study import check_games, game_folders
from tests.support.simulated_network import game_config
from tests.support.verified_study import VerifiedStudy

TARGET_FRAMES_PER_S = 5000
TARGET_RATIO = 2.0
STEPS = 900
GAMES: dict[str, tuple[Any, list[str], int]] = {
    "slime_volleyball": (slime_volleyball, ["left", "right"], 6),
    "kitchen": (kitchen, ["blue", "orange"], 6),
}


def measure(name: str, frames: int) -> dict[str, float]:
    """Frames per second of both, and how much longer the verification takes."""
    module, agents, num_actions = GAMES[name]
    config = game_config(
        agents=agents,
        actions=list(range(num_actions)),
        num_episodes=frames // STEPS,
        max_steps=STEPS,
    )
    rng = Random(1)
    inputs = [bytes(rng.randrange(num_actions) for _ in agents) for _ in range(frames)]
    game = Resimulation(module.make_env(), config)
    game.play(inputs)
    played = len(game.rows) // len(agents)
    source = Path(module.__file__).read_bytes()
    with tempfile.TemporaryDirectory() as scratch:
        study = VerifiedStudy(Path(scratch))
        code = GameCode(source, runtime_sources(), [], "0.1")
        copies = dict.fromkeys(range(len(agents)), game.rows)
        study.stored("game", config, code, game.columns, copies)
        study.store.close()
        began_s = time.perf_counter()
        folders = game_folders(study.folder)
        (outcome,) = check_games(study.folder, folders, 1, Progress(None))
        verified_s = time.perf_counter() - began_s
    assert outcome.status == "equal", outcome.lines()
    bare_s = step_bare(module.make_env, agents, inputs[:played], config.seed)
    return {
        "frames": played,
        "verified_frames_per_s": round(played / verified_s),
        "bare_frames_per_s": round(played / bare_s),
        "ratio": round(verified_s / bare_s, 2),
    }


def step_bare(
    make_env: Callable[[], Any], agents: list[str], inputs: list[bytes], seed: int
) -> float:
    """Seconds for the environment alone."""
    env = make_env()
    began_s = time.perf_counter()
    env.reset(seed=seed)
    episode = step = 0
    for values in inputs:
        *_, terminations, truncations, _ = env.step(dict(zip(agents, values, strict=True)))
        step += 1
        if step == STEPS or all(
            terminations[agent] or truncations[agent] for agent in terminations
        ):
            episode, step = episode + 1, 0
            env.reset(seed=episode_seed(seed, episode))
    return time.perf_counter() - began_s


def main() -> None:
    """Measure both games and print the figures."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 18_000
    figures: dict[str, Any] = {name: measure(name, frames) for name in GAMES}
    figures["missed_targets"] = [
        f"{name}: {it['verified_frames_per_s']} frames/s, {it['ratio']} times bare stepping"
        for name, it in figures.items()
        if it["verified_frames_per_s"] < TARGET_FRAMES_PER_S or it["ratio"] > TARGET_RATIO
    ]
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
