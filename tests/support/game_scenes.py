"""A complete game for two, and somebody who is shown it."""

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.server.participants.registry import Participant

SOMEBODY = Participant(subject_id="s1", recruitment_id=None, completion_code="C0DE")
ENVIRONMENT = "env = object()"


def game() -> GymScene:
    return (
        GymScene()
        .scene(scene_id="game")
        .policies(policy_mapping={"left": PolicyTypes.Human, "right": PolicyTypes.Human})
        .gameplay(
            default_action=5,
            action_mapping={"ArrowLeft": 1, ("ArrowUp", "ArrowLeft"): 2, "a": 1},
            num_episodes=2,
            max_steps=900,
        )
        .pyodide(environment_initialization_code=ENVIRONMENT)
    )
