"""A minute with one dot, for a single participant: to time keys and pictures by.

``--more-code`` is appended to the environment's code, to spoil it.
"""

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
parser.add_argument("--fps", type=int, required=True)
parser.add_argument("--input-delay", type=int, required=True)
parser.add_argument("--more-code", default="")
options = parser.parse_args()
environment = Path(__file__).with_name("one_dot.py").read_text(encoding="utf-8")
game = (
    GymScene()
    .scene(scene_id="one_dot")
    .policies(policy_mapping={"dot": PolicyTypes.Human})
    .rendering(fps=options.fps, game_width=300, game_height=200)
    .gameplay(
        default_action=0,
        action_mapping={"ArrowLeft": 1, "ArrowRight": 2},
        num_episodes=1,
        max_steps=60 * options.fps,
    )
    .pyodide(
        environment_initialization_code=f"{environment}\n{options.more_code}\n",
        input_delay=options.input_delay,
    )
)
start = StartScene().scene(scene_id="welcome").display(scene_header="One dot")
end = EndScene().scene(scene_id="thanks").display(scene_header="Thank you for playing")
config = (
    ExperimentConfig()
    .experiment(
        stager=Stager(scenes=[start, game, end]),
        experiment_id="one_dot",
        data_dir=options.data_dir,
    )
    .hosting(host=options.host, port=options.port)
)

if __name__ == "__main__":
    run(config)
