"""Tells participants how their game ended and how they go on.

Keeps the `game_ended` of each participant until they move on, so that it can be sent again, with a
completion code where the experiment ends for them. Used inside `transaction()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

from interactive_gym.options.outcomes import Outcome
from interactive_gym.server.games.remote_game import CutReason, EndReason
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.participants.journal import EndedGame
from interactive_gym.server.participants.outcome import OUTCOME_OF_REASON
from interactive_gym.server.participants.participant_log import ParticipantLog
from interactive_gym.server.settings import GameScene

WayOn = Literal["next_scene", "waitroom", "exit"]
"""How a participant goes on, as in `game_ended`."""

LOSSES = ("partner_lost", "connection_lost")
"""The reasons after which the scene's settings for the loss of a partner apply."""

MESSAGES: dict[EndReason | CutReason, str] = {
    "completed": "The game is finished. Thank you for playing!",
    "partner_lost": "Your partner is no longer there, so the game has ended early.",
    "start_timeout": "The game could not start this time. You are back in the waiting room, "
    "and your time there counts.",
    "desync": "There was a technical problem. It is not your fault.",
    "engine_error": "There was a technical problem. It is not your fault.",
    "reloaded": "The page was reloaded during the game, so the game has ended.",
    "server_stopped": "The study's server had to be stopped, so the game has ended early. "
    "It is not your fault.",
    "disconnected": "You were without a connection for too long, so the game has ended for you.",
    "not_loaded": "The page was reloaded and did not load the game again in time, so the game has "
    "ended for you.",
    "connection_lost": "The connection to your partner was lost, so the game has ended for you. "
    "It is not your fault.",
    "unwitnessed": "The connection to your partner was lost, so the game has ended for you.",
    "unfinished": "The game has ended for you.",
    "hidden": "The game was out of sight for too long, so it has ended for you.",
    "idle": "You did not answer for a while, so the game has ended for you.",
}
"""What participants are told about the end of a game."""

GROUP_MESSAGES: dict[EndReason | CutReason, str] = {
    **MESSAGES,
    "partner_lost": "One of your partners is no longer there, so the game has ended early.",
    "unwitnessed": "The connection to your partners was lost, so the game has ended for you.",
    "connection_lost": "The connection to your partners was lost, so the game has ended for you. "
    "It is not your fault.",
}
"""The messages that differ in games with more than one partner."""

WAY_MESSAGES: dict[WayOn, str] = {
    "next_scene": "You can go on.",
    "waitroom": "You can look for another game.",
    "exit": "The study ends here for you. Thank you for taking part!",
}
"""What is added about how to go on."""

_SAYS_IT_ALL = ("completed", "start_timeout")


class GameEndings:
    """The endings of one scene's games, for each participant.

    Args:
        scene: says how participants go on after losing a partner.
        outbox: the manager's outbox, to emit with.
        participants: logs their progress.
        new_completion_code: makes a code for whom the experiment ends with a game.
    """

    def __init__(
        self,
        scene: GameScene,
        outbox: Outbox,
        participants: ParticipantLog,
        new_completion_code: Callable[[], str],
    ) -> None:
        self._scene = scene
        self._outbox = outbox
        self._participants = participants
        self._new_completion_code = new_completion_code
        self._ended: dict[str, dict[str, Any]] = {}

    def end(self, game_id: str, subject_id: str, reason: EndReason | CutReason) -> None:
        """Keep how a game ended for a participant; `tell` sends it."""
        payload = self._payload(game_id, reason)
        if payload["way_on"] == "exit":
            payload["completion_code"] = self._new_completion_code()
            self._note("exited", subject_id, payload)
        self._note("game_left", subject_id, payload)
        self._ended[subject_id] = payload

    def restore(self, subject_id: str, ended: EndedGame) -> None:
        """Keep how a game had ended for a participant before the server was restarted."""
        payload = self._payload(ended.game_id, cast("EndReason | CutReason", ended.reason))
        self._ended[subject_id] = {**payload, "completion_code": ended.completion_code}

    def tell(self, subject_id: str) -> None:
        """Tell a participant how their game ended, unless they have moved on."""
        if subject_id in self._ended:
            self._outbox.emit("game_ended", subject_id, self._ended[subject_id])

    def tell_failed_start(self, game_id: str, subject_id: str) -> None:
        """Tell a participant who waits again that the game could not start. Nothing is kept."""
        self._outbox.emit("game_ended", subject_id, self._payload(game_id, "start_timeout"))

    def reason_of(self, subject_id: str) -> EndReason | CutReason | None:
        """Why this participant's game ended; `None` if they have moved on."""
        ended = self._ended.get(subject_id)
        return None if ended is None else ended["reason"]

    def way_on_of(self, subject_id: str) -> WayOn | None:
        """How this participant goes on after their game; `None` if they have moved on."""
        ended = self._ended.get(subject_id)
        return None if ended is None else ended["way_on"]

    def outcome_of(self, subject_id: str) -> Outcome | None:
        """The outcome with which this participant may go to the next scene; `None` if they may
        not."""
        ended = self._ended.get(subject_id)
        if ended is None or ended["way_on"] != "next_scene":
            return None
        return OUTCOME_OF_REASON[ended["reason"]]

    def forget(self, subject_id: str) -> None:
        """Drop the ending of a participant who has moved on."""
        self._ended.pop(subject_id, None)

    def _note(self, event: str, subject_id: str, payload: Mapping[str, Any]) -> None:
        """Queue a line about the end of a participant's game."""
        names = ("game_id", "reason", "completion_code")
        self._participants.note(event, subject_id, **{name: payload[name] for name in names})

    def _payload(self, game_id: str, reason: EndReason | CutReason) -> dict[str, Any]:
        way_on = self._way_on(reason)
        return {
            "game_id": game_id,
            "reason": reason,
            "message": self._message(reason, way_on, len(self._scene.human_agents)),
            "way_on": way_on,
            "completion_code": None,
        }

    def _way_on(self, reason: EndReason | CutReason) -> WayOn:
        if reason == "start_timeout":
            return "waitroom"
        return self._scene.partner_loss_way_on if reason in LOSSES else "next_scene"

    def _message(self, reason: EndReason | CutReason, way_on: WayOn, group_size: int) -> str:
        own = None
        if reason in LOSSES:
            own = self._scene.partner_loss_message
        elif reason == "hidden":
            own = self._scene.focus_loss_message
        if own is not None:
            return own
        message = (MESSAGES if group_size <= 2 else GROUP_MESSAGES)[reason]
        return message if reason in _SAYS_IT_ALL else f"{message} {WAY_MESSAGES[way_on]}"
