"""Games of either example in a row, or of an environment with a mistake, for tests on networks.

The examples differ from what is published in what the options say alone. Each game is a scene, and
before each a participant has to ask for it: there the network may change, while the environment
stays loaded.
"""

import argparse
from pathlib import Path

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.examples.kitchen import environment as kitchen
from interactive_gym.examples.slime_volleyball import environment as slime
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import DeviceCheck, EndScene, StartScene
from interactive_gym.server.app import run
from interactive_gym.server.matchmaker import FIFOMatchmaker

parser = argparse.ArgumentParser()
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--data-dir", required=True)
parser.add_argument("--game", choices=("slime", "kitchen", "unseeded"), default="slime")
parser.add_argument("--cooks", type=int, default=2, help="participants in the kitchen")
parser.add_argument("--games", type=int, default=1, help="games in a row")
parser.add_argument("--seconds", type=int, default=8, help="of each game")
parser.add_argument("--fps", type=int, default=30)
parser.add_argument("--max-p2p-rtt-ms", type=int)
parser.add_argument("--partner-timeout-ms", type=int, default=60_000)
parser.add_argument("--continue-with", help="what goes on in the place of a lost participant")
parser.add_argument("--check-device", action="store_true")
parser.add_argument("--turn-url")
parser.add_argument("--turn-username")
parser.add_argument("--turn-credential")
parser.add_argument("--force-relay", action="store_true")
options = parser.parse_args()

SLIME_KEYS = {
    "ArrowLeft": slime.Action.LEFT,
    "ArrowRight": slime.Action.RIGHT,
    "ArrowUp": slime.Action.JUMP,
    ("ArrowLeft", "ArrowUp"): slime.Action.JUMP_LEFT,
    ("ArrowRight", "ArrowUp"): slime.Action.JUMP_RIGHT,
}
KITCHEN_KEYS = {
    " ": kitchen.Action.INTERACT,
    "ArrowUp": kitchen.Action.UP,
    "ArrowDown": kitchen.Action.DOWN,
    "ArrowLeft": kitchen.Action.LEFT,
    "ArrowRight": kitchen.Action.RIGHT,
}


def environment_code(module: str, expression: str) -> str:
    """The environment's own text, and a line that makes the one to be played."""
    return f"{Path(module).read_text(encoding='utf-8')}\nenv = {expression}\n"


if options.game == "slime":
    agents = ["left", "right"]
    keys = SLIME_KEYS
    code = environment_code(slime.__file__, "SlimeVolleyball(points_to_win=99)")
elif options.game == "unseeded":
    agents = ["red", "green"]
    keys = {"ArrowLeft": 1, "ArrowRight": 2}
    code = Path(__file__).with_name("unseeded_dots.py").read_text(encoding="utf-8")
else:
    agents = list(kitchen.COOK_COLORS)[: options.cooks]
    keys = KITCHEN_KEYS
    code = environment_code(kitchen.__file__, f"make_env('hall', cooks={options.cooks})")


def game(number: int) -> GymScene:
    """The game of this number, a scene of its own."""
    scene = (
        GymScene()
        .scene(scene_id=f"game_{number}")
        .policies(policy_mapping=dict.fromkeys(agents, PolicyTypes.Human))
        .rendering(fps=options.fps, game_width=600, game_height=400)
        .gameplay(
            default_action=0,
            action_mapping=keys,
            num_episodes=2,
            max_steps=options.seconds * options.fps // 2,
        )
        .pyodide(environment_initialization_code=code, input_delay=2)
        .matchmaking(matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=options.max_p2p_rtt_ms))
        .reconnection_config(timeout_ms=options.partner_timeout_ms)
    )
    if options.continue_with:
        scene.reconnection_config(continue_with=options.continue_with)
    return scene


scenes = [
    StartScene().scene(scene_id="welcome").display(scene_header="Welcome"),
    *([DeviceCheck().scene(scene_id="device")] if options.check_device else []),
    *map(game, range(options.games)),
    EndScene().scene(scene_id="thanks").display(scene_header="Thank you for playing"),
]
config = (
    ExperimentConfig()
    .experiment(
        stager=Stager(scenes=scenes), experiment_id="networked_games", data_dir=options.data_dir
    )
    .hosting(host=options.host, port=options.port)
)
if options.turn_url:
    config.webrtc(
        ice_servers=[{"urls": options.turn_url}],
        turn_username=options.turn_username,
        turn_credential=options.turn_credential,
        force_relay=options.force_relay,
    )

if __name__ == "__main__":
    run(config)
