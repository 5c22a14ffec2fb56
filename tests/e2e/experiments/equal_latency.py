"""Games of two dots in a row, with equal latency or another input delay: to time keys by."""

import argparse
from pathlib import Path

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import EndScene, StartScene
from interactive_gym.server.app import run

parser = argparse.ArgumentParser()
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--data-dir", required=True)
parser.add_argument("--fps", type=int, default=30)
parser.add_argument("--target-ms", type=float, help="of equal latency")
parser.add_argument("--input-delay", help="without equal latency: a number of frames, or auto")
parser.add_argument("--games", type=int, default=1, help="games in a row")
parser.add_argument("--seconds", type=int, default=10, help="of each game")
options = parser.parse_args()


def game(number: int) -> GymScene:
    """The game of this number, a scene of its own."""
    scene = (
        GymScene()
        .scene(scene_id=f"game_{number}")
        .policies(policy_mapping=dict.fromkeys(("upper", "lower"), PolicyTypes.Human))
        .rendering(fps=options.fps, game_width=312, game_height=200)
        .gameplay(
            default_action=0,
            action_mapping={"ArrowLeft": 1, "ArrowRight": 2},
            num_episodes=1,
            max_steps=options.seconds * options.fps,
        )
        .pyodide(environment_initialization_code_filepath=Path(__file__).with_name("two_dots.py"))
    )
    if options.target_ms is not None:
        return scene.pyodide(latency="equal", target_ms=options.target_ms)
    delay = options.input_delay
    return scene.pyodide(input_delay=delay if delay == "auto" else int(delay))


scenes = [
    StartScene().scene(scene_id="welcome").display(scene_header="Two dots"),
    *map(game, range(options.games)),
    EndScene().scene(scene_id="thanks").display(scene_header="Thank you for playing"),
]
config = (
    ExperimentConfig()
    .experiment(
        stager=Stager(scenes=scenes), experiment_id="equal_latency", data_dir=options.data_dir
    )
    .hosting(host=options.host, port=options.port)
)

if __name__ == "__main__":
    run(config)
