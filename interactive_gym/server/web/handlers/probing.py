"""Handlers of WebRTC probes: what a browser says about a probe it takes part in."""

from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.probe_coordinator import ProbeCoordinator
from interactive_gym.server.probing.events import ProbeReady, ProbeResult, ProbeSignal
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar


def register(registrar: HandlerRegistrar, coordinator: ProbeCoordinator) -> None:
    """Register ``probe_ready``, ``probe_signal`` and ``probe_result``."""

    @registrar.on("probe_ready", ProbeReady)
    def probe_ready(participant: Participant, message: ProbeReady) -> None:
        coordinator.handle_ready(participant.subject_id, message)

    @registrar.on("probe_signal", ProbeSignal)
    def probe_signal(participant: Participant, message: ProbeSignal) -> None:
        coordinator.handle_signal(participant.subject_id, message)

    @registrar.on("probe_result", ProbeResult)
    def probe_result(participant: Participant, message: ProbeResult) -> None:
        coordinator.handle_result(participant.subject_id, message)
