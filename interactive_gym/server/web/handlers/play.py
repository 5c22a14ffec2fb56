"""Handlers of what browsers say about their games."""

from interactive_gym.server.experiment import RunningExperiment
from interactive_gym.server.games.events import GameMessage
from interactive_gym.server.games.inbox import GAME_EVENTS
from interactive_gym.server.games.uploads import Acknowledgement
from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar


def register(registrar: HandlerRegistrar, experiment: RunningExperiment) -> None:
    """Register the ``game_…`` events that browsers send."""

    def take(participant: Participant, message: GameMessage) -> Acknowledgement | None:
        return experiment.take_game_message(participant, message)

    for event, (message_type, _) in GAME_EVENTS.items():
        registrar.on(event, message_type)(take)
