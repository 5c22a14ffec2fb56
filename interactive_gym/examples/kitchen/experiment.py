"""Cooking together, for a group matched by the measured latency between its members.

Run it with ``python -m interactive_gym.examples.kitchen.experiment``. Change ``COOKS`` for larger
groups: the galley and the other kitchens have room for as many as their maps have digits.
"""

from pathlib import Path

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.examples.kitchen.environment import COOK_COLORS, HEIGHT, WIDTH, Action
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import EndScene, StartScene
from interactive_gym.server.app import run
from interactive_gym.server.matchmaker import FIFOMatchmaker

HERE = Path(__file__).resolve().parent

COOKS = 2
LAYOUT = "galley"
FPS = 30
EPISODE_S = 90

# The environment's file makes an env of its own defaults; this line makes the one to be played.
ENVIRONMENT = f"""{(HERE / "environment.py").read_text(encoding="utf-8")}
env = make_env(layout={LAYOUT!r}, cooks={COOKS}, max_steps={EPISODE_S * FPS})
"""

start = (
    StartScene()
    .scene(scene_id="welcome")
    .display(scene_header="Onion soup", scene_body_filepath=HERE / "welcome.html")
)
game = (
    GymScene()
    .scene(scene_id="kitchen")
    .policies(policy_mapping=dict.fromkeys(list(COOK_COLORS)[:COOKS], PolicyTypes.Human))
    .rendering(fps=FPS, game_width=WIDTH, game_height=HEIGHT)
    .gameplay(
        default_action=Action.STAY,
        action_mapping={
            " ": Action.INTERACT,
            "ArrowUp": Action.UP,
            "ArrowDown": Action.DOWN,
            "ArrowLeft": Action.LEFT,
            "ArrowRight": Action.RIGHT,
        },
        num_episodes=1,
    )
    .user_experience(
        scene_header="Find your team",
        scene_body="<p>You will cook with other participants, over direct connections.</p>",
        in_game_scene_body="<p>Arrow keys: move and turn. Space: take, put, serve.</p>",
    )
    .pyodide(environment_initialization_code=ENVIRONMENT, input_delay=2)
    .matchmaking(matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=150))
)
end = (
    EndScene()
    .scene(scene_id="thanks")
    .display(scene_header="Thank you for cooking", scene_body="<p>You may close this page.</p>")
)
config = ExperimentConfig().experiment(
    stager=Stager(scenes=[start, game, end]), experiment_id="kitchen_demo"
)

if __name__ == "__main__":
    run(config)
