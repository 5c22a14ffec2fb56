"""Slime volleyball for two, matched by the measured latency between them.

Run it with ``python -m interactive_gym.examples.slime_volleyball.experiment``, or with
``interactive-gym demo slime_volleyball``. `set_players` makes it a game against the computer.
"""

from pathlib import Path

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.examples.slime_volleyball.environment import Action
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import EndScene, StartScene
from interactive_gym.server.app import run
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker

HERE = Path(__file__).resolve().parent

start = (
    StartScene()
    .scene(scene_id="welcome")
    .display(scene_header="Slime volleyball", scene_body_filepath=HERE / "welcome.html")
)
game = (
    GymScene()
    .scene(scene_id="slime_volleyball")
    .policies(policy_mapping={"left": PolicyTypes.Human, "right": PolicyTypes.Human})
    .rendering(fps=30, game_width=600, game_height=400)
    .gameplay(
        default_action=Action.STAY,
        action_mapping={
            "ArrowLeft": Action.LEFT,
            "ArrowRight": Action.RIGHT,
            "ArrowUp": Action.JUMP,
            ("ArrowLeft", "ArrowUp"): Action.JUMP_LEFT,
            ("ArrowRight", "ArrowUp"): Action.JUMP_RIGHT,
        },
        num_episodes=2,
        max_steps=900,
    )
    .user_experience(
        scene_header="Find a partner",
        scene_body="<p>You will play with another participant, whose connection to you is fast "
        "enough for a fair game.</p>",
        in_game_scene_body="<p>Arrow keys: move with ← and →, jump with ↑.</p>",
    )
    .pyodide(environment_initialization_code_filepath=HERE / "environment.py", input_delay=2)
    .matchmaking(matchmaker=LatencyMatchmaker(max_p2p_rtt_ms=150))
    .focus_loss_config(timeout_ms=60_000)
    .idle_config(waitroom_prompt_ms=90_000, game_prompt_ms=45_000)
)
end = (
    EndScene()
    .scene(scene_id="thanks")
    .display(scene_header="Thank you for playing", scene_body="<p>You may close this page.</p>")
)
config = ExperimentConfig().experiment(
    stager=Stager(scenes=[start, game, end]), experiment_id="slime_volleyball_demo"
)


def set_players(players: int) -> None:
    """Let *players* participants play together; alone, one plays against ``chase_ball``.

    Raises:
        ValueError: *players* is neither 1 nor 2.
    """
    if players not in (1, 2):
        raise ValueError(f"players is {players}: slime volleyball is for 1 or 2.")
    if players == 1:
        # Every sixth frame is five decisions a second, about as many as a person makes.
        game.policies(
            policy_mapping={"left": PolicyTypes.Human, "right": "chase_ball"}, frame_skip=6
        ).user_experience(
            scene_header="Get ready", scene_body="<p>You will play against the computer.</p>"
        )


if __name__ == "__main__":
    run(config)
