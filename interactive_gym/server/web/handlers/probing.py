"""Handlers of WebRTC probes: what a browser says about a probe it takes part in."""

from typing import Any

from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.probe_coordinator import ProbeCoordinator
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar


def register(registrar: HandlerRegistrar, coordinator: ProbeCoordinator) -> None:
    """Register ``probe_ready``, ``probe_signal`` and ``probe_result``."""

    @registrar.on("probe_ready", "probe_session_id")
    def probe_ready(participant: Participant, payload: dict[str, Any]) -> None:
        coordinator.handle_ready(participant.subject_id, payload)

    @registrar.on("probe_signal", "probe_session_id")
    def probe_signal(participant: Participant, payload: dict[str, Any]) -> None:
        coordinator.handle_signal(participant.subject_id, payload)

    @registrar.on("probe_result", "probe_session_id")
    def probe_result(participant: Participant, payload: dict[str, Any]) -> None:
        coordinator.handle_result(participant.subject_id, payload)
