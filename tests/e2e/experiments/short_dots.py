"""Two episodes of two seconds of three dots, for groups of three participants."""

import argparse
from pathlib import Path

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import EndScene, StartScene
from interactive_gym.server.app import run
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker

parser = argparse.ArgumentParser()
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--data-dir", required=True)
parser.add_argument("--max-p2p-rtt-ms", type=int, required=True)
options = parser.parse_args()

start = StartScene().scene(scene_id="welcome").display(scene_header="Three dots")
game = (
    GymScene()
    .scene(scene_id="three_dots")
    .policies(policy_mapping=dict.fromkeys(("red", "green", "blue"), PolicyTypes.Human))
    .rendering(fps=30, game_width=300, game_height=200)
    .gameplay(
        default_action=0,
        action_mapping={"ArrowLeft": 1, "ArrowRight": 2},
        num_episodes=2,
        max_steps=60,
    )
    .pyodide(environment_initialization_code_filepath=Path(__file__).with_name("three_dots.py"))
    .matchmaking(matchmaker=LatencyMatchmaker(max_p2p_rtt_ms=options.max_p2p_rtt_ms))
)
end = EndScene().scene(scene_id="thanks").display(scene_header="Thank you for playing")
config = (
    ExperimentConfig()
    .experiment(
        stager=Stager(scenes=[start, game, end]),
        experiment_id="three_dots",
        data_dir=options.data_dir,
    )
    .hosting(host=options.host, port=options.port)
)

if __name__ == "__main__":
    run(config)
