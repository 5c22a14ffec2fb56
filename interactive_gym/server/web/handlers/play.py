"""Handlers of a running game, each passed to the manager of the participant's game scene."""

from interactive_gym.server.experiment import RunningExperiment
from interactive_gym.server.games.events import GameMessage
from interactive_gym.server.games.inbox import GAME_EVENTS, Acknowledgement
from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar


def register(registrar: HandlerRegistrar, experiment: RunningExperiment) -> None:
    """Register the ``game_…`` events that browsers send."""

    def take(participant: Participant, message: GameMessage) -> Acknowledgement | None:
        manager = experiment.manager_of_game(participant)
        if manager is None:
            return None
        return manager.handle_game_message(participant.subject_id, message)

    for event, (message_type, _) in GAME_EVENTS.items():
        registrar.on(event, message_type)(take)
