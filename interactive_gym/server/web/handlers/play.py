"""Handlers of a running game, each passed to the manager of the participant's game scene."""

from typing import Any

from interactive_gym.server.experiment import RunningExperiment
from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar


def register(registrar: HandlerRegistrar, experiment: RunningExperiment) -> None:
    """Register the ``game_…`` events that browsers send."""

    @registrar.on("game_signal", "game_id")
    def game_signal(participant: Participant, payload: dict[str, Any]) -> None:
        if (manager := experiment.manager_of_game(participant)) is not None:
            manager.handle_game_signal(participant.subject_id, payload)

    @registrar.on("game_ready", "game_id")
    def game_ready(participant: Participant, payload: dict[str, Any]) -> None:
        if (manager := experiment.manager_of_game(participant)) is not None:
            manager.handle_game_ready(participant.subject_id, payload)

    @registrar.on("game_resumed", "game_id")
    def game_resumed(participant: Participant, payload: dict[str, Any]) -> None:
        if (manager := experiment.manager_of_game(participant)) is not None:
            manager.handle_game_resumed(participant.subject_id, payload)

    @registrar.on("game_peer_lost", "game_id")
    def game_peer_lost(participant: Participant, payload: dict[str, Any]) -> None:
        if (manager := experiment.manager_of_game(participant)) is not None:
            manager.handle_game_peer_lost(participant.subject_id, payload)

    @registrar.on("game_quit", "game_id")
    def game_quit(participant: Participant, payload: dict[str, Any]) -> None:
        if (manager := experiment.manager_of_game(participant)) is not None:
            manager.handle_game_quit(participant.subject_id, payload)

    @registrar.on("game_frames", "game_id")
    def game_frames(participant: Participant, payload: dict[str, Any]) -> Any:
        if (manager := experiment.manager_of_game(participant)) is not None:
            return manager.handle_game_frames(participant.subject_id, payload)
        return None

    @registrar.on("game_event", "game_id")
    def game_event(participant: Participant, payload: dict[str, Any]) -> None:
        if (manager := experiment.manager_of_game(participant)) is not None:
            manager.handle_game_event(participant.subject_id, payload)

    @registrar.on("game_network", "game_id")
    def game_network(participant: Participant, payload: dict[str, Any]) -> None:
        if (manager := experiment.manager_of_game(participant)) is not None:
            manager.handle_game_network(participant.subject_id, payload)

    @registrar.on("game_finished", "game_id")
    def game_finished(participant: Participant, payload: dict[str, Any]) -> Any:
        if (manager := experiment.manager_of_game(participant)) is not None:
            return manager.handle_game_finished(participant.subject_id, payload)
        return None
