"""A study that few get through: consent, screening, a wait in vain that can be given up."""

from __future__ import annotations

import argparse
from pathlib import Path

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.outcomes import Ending, ScreenOutPayment
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import (
    CompletionCodeScene,
    Consent,
    Quiz,
    StartScene,
    TextBox,
)
from interactive_gym.server.app import run

HERE = Path(__file__).resolve().parent

parser = argparse.ArgumentParser()
parser.add_argument("--host")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--data-dir", required=True)
arguments = parser.parse_args()

game = (
    GymScene()
    .scene(scene_id="game")
    .policies(policy_mapping={"upper": "human", "lower": "human"})
    .gameplay(default_action=0, action_mapping={"ArrowLeft": 1, "ArrowRight": 2})
    .pyodide(environment_initialization_code_filepath=HERE / "two_dots.py")
    .user_experience(scene_header="Find a partner")
    .matchmaking(leave_after_s=1)
)
screening = Quiz().scene(scene_id="screening").display(scene_header="Who can take part")
screening.display(questions=["Do you have a keyboard?"], choices=[["Yes", "No"]])
screening.quiz(right_answers=["Yes"], tries=1, outcome="screened_out")
scenes = [
    StartScene().scene(scene_id="start").display(scene_header="Welcome"),
    Consent().scene(scene_id="consent").display(scene_header="Before you begin"),
    screening,
    game,
    TextBox().scene(scene_id="partner", only_if="played").display(scene_header="Your partner"),
    CompletionCodeScene().scene(scene_id="end").completion(code="FINISHED"),
]
config = (
    ExperimentConfig()
    .experiment(stager=Stager(scenes=scenes), experiment_id="outcomes", data_dir=arguments.data_dir)
    .hosting(host=arguments.host or "127.0.0.1", port=arguments.port)
    .outcomes(
        {
            "no_partner": Ending(
                code="ALONE",
                action=ScreenOutPayment(amount=0.5, slots=20),
                redirect="https://panel.example/complete?cc={code}",
            )
        },
        currency="£",
    )
)

if __name__ == "__main__":
    run(config)
