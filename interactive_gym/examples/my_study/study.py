"""my_study: two participants meet on stars. Serve it with ``interactive-gym run study.py``."""

from pathlib import Path

from interactive_gym.configurations.configuration_constants import InputModes, PolicyTypes
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import (
    CompletionCodeScene,
    Consent,
    ScalesAndTextBox,
    StartScene,
)
from interactive_gym.server.app import run
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker

HERE = Path(__file__).resolve().parent

# What people read first. Scenes follow each other in the order of the Stager below.
start = (
    StartScene()
    .scene(scene_id="welcome")
    .display(
        scene_header="Meet on the star",
        scene_body="<p>You and another person move on a board with the arrow keys. Whenever you "
        "both stand on the star, you score together. A game takes one minute.</p>",
    )
)

# Nobody goes on without the tick; whoever declines is led to the last page.
consent = (
    Consent()
    .scene(scene_id="consent")
    .display(
        scene_header="Before you begin",
        scene_body="<p>Write here what you study, what is stored and for how long.</p>",
    )
    .consent(statement="I have read this, and take part of my own will.")
)

# The game. Everything that is not named here has a default.
game = (
    GymScene()
    .scene(scene_id="meeting")
    .policies(policy_mapping={"red": PolicyTypes.Human, "blue": PolicyTypes.Human})
    .rendering(fps=10, game_width=540, game_height=360)
    .gameplay(
        # One step for each press of a key, and none otherwise.
        input_mode=InputModes.SingleKeystroke,
        default_action=0,
        action_mapping={"ArrowLeft": 1, "ArrowRight": 2, "ArrowUp": 3, "ArrowDown": 4},
    )
    .user_experience(
        scene_header="Find a partner",
        in_game_scene_body="<p>Arrow keys: move. Meet on the star.</p>",
    )
    .pyodide(environment_initialization_code_filepath=HERE / "environment.py")
    # Who plays together: pairs whose measured RTT is at most 150 ms, the likeliest tried first.
    # `interactive-gym plan study.py` says what another threshold would cost.
    .matchmaking(matchmaker=LatencyMatchmaker(max_p2p_rtt_ms=150))
)

# Only for whoever has played. Answers are in data/my_study/answers.jsonl.
questions = (
    ScalesAndTextBox()
    .scene(scene_id="questions", only_if="played")
    .display(
        scene_header="Your partner",
        scale_questions={
            "together": "We worked well together.",
            "predictable": "I could tell what my partner would do.",
        },
        scale_labels=["not at all", "very much"],
        text_box_header="What else did you notice?",
    )
)

# A code for everybody; the same for all who finished with .completion(code="…").
end = CompletionCodeScene().scene(scene_id="thanks").display(scene_header="Thank you")

config = (
    ExperimentConfig()
    .experiment(
        stager=Stager(scenes=[start, consent, game, questions, end]),
        experiment_id="my_study",
        data_dir=HERE / "data",
    )
    # What each outcome means: what the last page says of payment, which code it shows, and which
    # scenes follow. Whoever finds no partner is led there.
    .outcomes()
    .hosting(port=8000)
)

if __name__ == "__main__":
    run(config)
