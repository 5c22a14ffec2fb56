"""What scripts of researchers begin with."""

from tests.support.still_environment import still_environment

SCRIPT_HEAD = (
    f"STILL = {still_environment([])!r}.replace('[]', 'AGENTS', 1)\n"
    + """
from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import EndScene, StartScene
from interactive_gym.server.app import create_app, run
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker


def game(scene_id, matchmaker, agents=("left", "right")):
    return (
        GymScene()
        .scene(scene_id=scene_id)
        .policies(policy_mapping={agent: PolicyTypes.Human for agent in agents})
        .gameplay(default_action=0, action_mapping={"ArrowUp": 1})
        .pyodide(environment_initialization_code=STILL.replace("AGENTS", repr(list(agents))))
        .matchmaking(matchmaker=matchmaker, patience_s=90)
    )


def study(*games, **webrtc):
    start, end = StartScene().scene(scene_id="start"), EndScene().scene(scene_id="end")
    config = ExperimentConfig().experiment(
        stager=Stager(scenes=[start, *games, end]), experiment_id="mine"
    )
    return config.webrtc(**webrtc) if webrtc else config
"""
)
