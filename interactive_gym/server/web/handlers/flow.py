"""Handlers of the way through the experiment: moving on, entering and leaving a waitroom."""

from typing import Any, Literal

import msgspec

from interactive_gym.server.experiment import RunningExperiment
from interactive_gym.server.messages.answers import AdvanceScene
from interactive_gym.server.messages.fields import Id
from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar


class JoinGame(msgspec.Struct, frozen=True):
    """`join_game`: the environment is loaded, the participant may wait for a group."""

    scene_id: Id
    """The scene of the game."""


class LeaveWaitroom(msgspec.Struct, frozen=True):
    """`leave_waitroom`: the participant waits no longer."""

    scene_id: Id
    """The scene of the game."""

    reason: Literal["idle", "gave_up"]
    """Why: they did not answer "are you still there?", or chose to wait no longer."""


def register(registrar: HandlerRegistrar, experiment: RunningExperiment) -> None:
    """Register ``advance_scene``, ``join_game`` and ``leave_waitroom``."""

    @registrar.on("advance_scene", AdvanceScene)
    def advance_scene(participant: Participant, message: AdvanceScene) -> dict[str, Any] | None:
        return experiment.advance(participant, message)

    @registrar.on("join_game", JoinGame)
    def join_game(participant: Participant, message: JoinGame) -> None:
        experiment.join(participant, message.scene_id)

    @registrar.on("leave_waitroom", LeaveWaitroom)
    def leave_waitroom(participant: Participant, message: LeaveWaitroom) -> None:
        if message.reason == "gave_up":
            experiment.give_up_waiting(participant, message.scene_id)
        else:
            experiment.leave_waitroom(participant, message.scene_id)
