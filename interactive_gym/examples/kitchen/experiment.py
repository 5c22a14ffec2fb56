"""Cooking together, for a group matched by the measured latency between its members.

Run it with ``python -m interactive_gym.examples.kitchen.experiment``, or with
``interactive-gym demo kitchen``. A helper replaces a participant who is lost during the game, so
that the others can go on. `set_players` makes smaller and larger groups.
"""

from pathlib import Path

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.examples.kitchen.environment import COOK_COLORS, HEIGHT, WIDTH, Action
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import EndScene, StartScene
from interactive_gym.server.app import run
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker

HERE = Path(__file__).resolve().parent

FPS = 30
EPISODE_S = 90


def environment_code(cooks: int) -> str:
    """The code of the kitchen and its helper, for a number of cooks."""
    layout = "galley" if cooks <= 3 else "hall"
    texts = [(HERE / name).read_text(encoding="utf-8") for name in ("environment.py", "helper.py")]
    # The first file makes an env by its own defaults; this replaces it.
    made = (
        f"env = make_env(layout={layout!r}, cooks={cooks}, max_steps={EPISODE_S * FPS})\n"
        f"helper = Helper({layout!r}, {cooks})\n"
    )
    return "\n".join([*texts, made])


start = (
    StartScene()
    .scene(scene_id="welcome")
    .display(scene_header="Onion soup", scene_body_filepath=HERE / "welcome.html")
)
game = (
    GymScene()
    .scene(scene_id="kitchen")
    .policies(
        policy_mapping=dict.fromkeys(list(COOK_COLORS)[:2], PolicyTypes.Human),
        # Every sixth frame is five decisions a second, about as many as a person makes.
        frame_skip=6,
    )
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
        scene_body="<p>You will cook with other participants, whose connections to you are fast "
        "enough for a fair game.</p>",
        in_game_scene_body="<p>Arrow keys: move and turn. Space: take, put, serve.</p>",
    )
    .pyodide(environment_initialization_code=environment_code(cooks=2), input_delay=2)
    .matchmaking(matchmaker=LatencyMatchmaker(max_p2p_rtt_ms=150))
    .reconnection_config(continue_with="helper")
    .focus_loss_config(timeout_ms=60_000)
    .idle_config(waitroom_prompt_ms=90_000, game_prompt_ms=45_000)
)
end = (
    EndScene()
    .scene(scene_id="thanks")
    .display(scene_header="Thank you for cooking", scene_body="<p>You may close this page.</p>")
)
config = ExperimentConfig().experiment(
    stager=Stager(scenes=[start, game, end]), experiment_id="kitchen_demo"
)


def set_players(players: int) -> None:
    """Let *players* participants cook together; alone, one cooks with ``helper``.

    Raises:
        ValueError: *players* is not 1 to 4.
    """
    if not 1 <= players <= len(COOK_COLORS):
        raise ValueError(f"players is {players}: the kitchen is for 1 to {len(COOK_COLORS)}.")
    cooks = list(COOK_COLORS)[: max(2, players)]
    game.policies(
        policy_mapping={
            cook: PolicyTypes.Human if seat < players else "helper"
            for seat, cook in enumerate(cooks)
        },
    ).pyodide(environment_initialization_code=environment_code(len(cooks)))
    if players == 1:
        game.user_experience(
            scene_header="Get ready", scene_body="<p>You will cook with the computer.</p>"
        )


if __name__ == "__main__":
    run(config)
