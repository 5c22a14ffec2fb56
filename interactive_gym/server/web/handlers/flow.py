"""Handlers of the way through the experiment: moving on, entering and leaving a waitroom."""

from typing import Any

from interactive_gym.server.experiment import RunningExperiment
from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar


def register(registrar: HandlerRegistrar, experiment: RunningExperiment) -> None:
    """Register ``advance_scene``, ``join_game`` and ``leave_waitroom``."""

    @registrar.on("advance_scene", "scene_id")
    def advance_scene(participant: Participant, payload: dict[str, Any]) -> None:
        experiment.advance(participant, payload["scene_id"])

    @registrar.on("join_game", "scene_id")
    def join_game(participant: Participant, payload: dict[str, Any]) -> None:
        experiment.join(participant, payload["scene_id"])

    @registrar.on("leave_waitroom", "scene_id")
    def leave_waitroom(participant: Participant, payload: dict[str, Any]) -> None:
        if payload.get("reason") != "idle":
            registrar.reject(participant, "leave_waitroom", "unknown reason")
        else:
            experiment.leave_waitroom(participant, payload["scene_id"])
