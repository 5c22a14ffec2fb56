"""Two seconds of two pictures, with HTML of every kind that a researcher may write, served as told.

The options are those of ``.hosting()``, lists separated by commas.
"""

import argparse
from pathlib import Path
from typing import Any

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import EndScene, StartScene
from interactive_gym.server.app import run
from interactive_gym.server.matchmaker import FIFOMatchmaker

FOLDER = Path(__file__).parent
HTML = """
<style>.own { letter-spacing: 1px }</style>
<p class="own" style="color: rgb(1, 2, 3)">Move your picture.</p>
<img alt="a square" src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'
  width='9' height='9'%3E%3Crect width='9' height='9'/%3E%3C/svg%3E">
<img id="asset" alt="another" width="9" src="assets/pictures/square.png">
"""


def origins(given: str) -> str | list[str]:
    """What the option takes: ``*`` or a list."""
    return given if given == "*" else given.split(",")


parser = argparse.ArgumentParser()
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--data-dir", required=True)
parser.add_argument("--experiment-id", default="hosted")
parser.add_argument("--base-path")
parser.add_argument("--allowed-origins", type=origins)
parser.add_argument("--framed-by", type=origins)
parser.add_argument("--package", help="a package that the environment imports")
options = parser.parse_args()

code = (FOLDER / "two_pictures.py").read_text()
packages: list[str] = []
if options.package:
    packages = [options.package]
    code = f"import {options.package}\n{code}"
start = (
    StartScene()
    .scene(scene_id="welcome")
    .display(scene_header=options.experiment_id, scene_body=HTML)
)
game = (
    GymScene()
    .scene(scene_id="pictures")
    .policies(policy_mapping=dict.fromkeys(("upper", "lower"), PolicyTypes.Human))
    .rendering(
        fps=30,
        game_width=300,
        game_height=200,
        assets_dir=FOLDER / "pictures",
        assets_to_preload=["square.png", "square.svg"],
    )
    .user_experience(scene_header="Pictures", scene_body=HTML, in_game_scene_body=HTML)
    .gameplay(default_action=0, action_mapping={"ArrowLeft": 1, "ArrowRight": 2}, max_steps=60)
    .pyodide(environment_initialization_code=code, packages_to_install=packages)
    .matchmaking(matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=500))
)
end = EndScene().scene(scene_id="thanks").display(scene_header="Thank you for playing")
hosting: dict[str, Any] = {"host": options.host, "port": options.port}
for name in ("base_path", "allowed_origins", "framed_by"):
    if (value := getattr(options, name)) is not None:
        hosting[name] = value
config = (
    ExperimentConfig()
    .experiment(
        stager=Stager(scenes=[start, game, end]),
        experiment_id=options.experiment_id,
        data_dir=options.data_dir,
    )
    .hosting(**hosting)
)

if __name__ == "__main__":
    run(config)
