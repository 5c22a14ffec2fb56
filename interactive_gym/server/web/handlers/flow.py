"""Handlers of the way through the experiment: moving on, entering and leaving a waitroom."""

from typing import Literal

import msgspec

from interactive_gym.server.experiment import RunningExperiment
from interactive_gym.server.messages.fields import Id
from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar


class AdvanceScene(msgspec.Struct, frozen=True):
    """`advance_scene`: leave a scene for the next."""

    scene_id: Id
    """The scene to leave."""


class JoinGame(msgspec.Struct, frozen=True):
    """`join_game`: the environment is loaded, the participant may wait for a group."""

    scene_id: Id
    """The scene of the game."""


class LeaveWaitroom(msgspec.Struct, frozen=True):
    """`leave_waitroom`: the participant waits no longer."""

    scene_id: Id
    """The scene of the game."""

    reason: Literal["idle"]
    """Why: they did not answer "are you still there?"."""


def register(registrar: HandlerRegistrar, experiment: RunningExperiment) -> None:
    """Register ``advance_scene``, ``join_game`` and ``leave_waitroom``."""

    @registrar.on("advance_scene", AdvanceScene)
    def advance_scene(participant: Participant, message: AdvanceScene) -> None:
        experiment.advance(participant, message.scene_id)

    @registrar.on("join_game", JoinGame)
    def join_game(participant: Participant, message: JoinGame) -> None:
        experiment.join(participant, message.scene_id)

    @registrar.on("leave_waitroom", LeaveWaitroom)
    def leave_waitroom(participant: Participant, message: LeaveWaitroom) -> None:
        experiment.leave_waitroom(participant, message.scene_id)
