"""A researcher's script as version 0.1.0 documents it: every import path and option it names."""

import sys
from itertools import combinations
from pathlib import Path

from interactive_gym.configurations.configuration_constants import (
    ActionSettings,
    InputModes,
    PolicyTypes,
)
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.examples.slime_volleyball import environment
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import CompletionCodeScene, StartScene
from interactive_gym.server.app import create_app, run
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.match_pool import MatchPool, Standing
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate, Matchmaker
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker


class Patient(FIFOMatchmaker):
    def find_match(
        self, arriving: MatchCandidate, waiting: list[MatchCandidate], group_size: int
    ) -> list[MatchCandidate] | None:
        similar = [c for c in waiting if abs((c.rtt_ms or 0) - (arriving.rtt_ms or 0)) < 30]
        return super().find_match(arriving, similar, group_size)

    def should_reject_for_rtt(self, measured_rtt_ms: float | None) -> bool:
        return measured_rtt_ms is not None and super().should_reject_for_rtt(measured_rtt_ms)


class LikeliestFirst(FIFOMatchmaker):
    def propose(self, pool: MatchPool) -> list[list[MatchCandidate]]:
        pairs: list[list[MatchCandidate]] = []
        taken: set[str] = set()
        for a, b in sorted(combinations(pool.candidates, 2), key=lambda it: -pool.p_accept(*it)):
            ids = {a.subject_id, b.subject_id}
            if taken.isdisjoint(ids) and pool.standing(a, b) is not Standing.BLOCKED:
                pairs.append([a, b])
                taken |= ids
        return pairs if pool.pace.typical_wait_s > 0 else []


MATCHMAKERS: list[Matchmaker] = [
    Patient(max_p2p_rtt_ms=150),
    LikeliestFirst(max_p2p_rtt_ms=150),
    GroupReunionMatchmaker(150, fallback=LatencyMatchmaker(150)),
]


def experiment(data_dir: Path) -> ExperimentConfig:
    games = [
        GymScene()
        .scene(scene_id=f"volleyball_{index}")
        .policies(policy_mapping={"left": PolicyTypes.Human, "right": PolicyTypes.Human})
        .gameplay(
            default_action=0,
            action_mapping={"ArrowLeft": 1, "ArrowRight": 2, "ArrowUp": 3},
            input_mode=InputModes.PressedKeys,
            action_population_method=ActionSettings.DefaultAction,
        )
        .pyodide(
            run_through_pyodide=True,
            multiplayer=True,
            environment_initialization_code_filepath=environment.__file__,
            input_delay="auto",
        )
        .user_experience(waitroom_timeout=60_000)
        .reconnection_config(timeout_ms=20_000, continue_with="neutral")
        .partner_disconnect_message_config(return_to_waitroom=True)
        .focus_loss_config(timeout_ms=30_000)
        .idle_config(waitroom_prompt_ms=60_000, game_prompt_ms=60_000)
        .matchmaking(matchmaker=matchmaker)
        for index, matchmaker in enumerate(MATCHMAKERS)
    ]
    start = StartScene().scene(scene_id="welcome").display(scene_header="Welcome")
    end = CompletionCodeScene().scene(scene_id="code").display(scene_header="Thank you")
    config = ExperimentConfig().experiment(
        stager=Stager(scenes=[start, *games, end]), experiment_id="recorded", data_dir=data_dir
    )
    config.hosting(host="127.0.0.1", port=8000)
    config.webrtc(
        ice_servers=[{"urls": "turn:turn.example.org"}],
        turn_username="study",
        turn_credential="secret",
    )
    return config


if __name__ == "__main__":
    config = experiment(Path(sys.argv[2]) if len(sys.argv) > 2 else Path("data"))
    if sys.argv[1:2] == ["--check"]:
        application = create_app(config, async_mode="threading")
        client = application.test_client()
        print(client.get("/").status_code, sorted(p.name for p in config.data_dir.rglob("*")))
    else:
        run(config)
