"""What follows when a participant is lost: `.reconnection_config()` and
`.partner_disconnect_message_config()`.

These are limits, texts and ways on. The server decides who is lost.
"""

from typing import Any, Literal, TypeVar

from interactive_gym.netcode.game_config import ON_CUT, RANDOM_POLICY
from interactive_gym.options.constants import PolicyTypes
from interactive_gym.options.refused_options import setter
from interactive_gym.options.validation import UNSET, filled_text, flag, whole_number
from interactive_gym.scenes.game_options import GameOptions
from interactive_gym.scenes.policy_options import policy_name
from interactive_gym.scenes.scene import ParticipantIds

S = TypeVar("S", bound="DisconnectionOptions")

WayOn = Literal["next_scene", "waitroom", "exit"]
"""How a participant goes on after a game, as in `game_ended`."""

RETURN_TIMEOUT_MS = 60_000
"""How long a reloaded page may take by default: a slow machine that is busy besides takes ten
seconds for what a quick one does in three (``tests/benchmarks/bench_reload.py``), and a cache that
was lost means a download of 7 MB."""

DEFAULT_ACTION = ("default_action", "neutral")
"""What *continue_with* calls the default action: the documented name, and that of 0.1."""


class DisconnectionOptions(GameOptions):
    """How long a lost participant is waited for, and what follows."""

    def __init__(self) -> None:
        super().__init__()
        self.partner_timeout_ms = 15_000
        """How long a silent partner is waited for before they are lost."""
        self._return_timeout_ms: int | None = None
        self.on_cut = "end"
        """What follows the last known frame of a lost participant: ``end``, ``neutral`` (the
        default action) or the name of the policy that goes on in their place."""
        self.partner_loss_message: str | None = None
        """What the page says to those whose game ended by a loss, plain text, or None for the
        server's own words."""
        self.partner_loss_way_on: WayOn = "next_scene"
        """How those participants go on."""

    @property
    def return_timeout_ms(self) -> int:
        """How long a page that was reloaded, and is connected, may take to load the game again."""
        if self._return_timeout_ms is not None:
            return self._return_timeout_ms
        return max(RETURN_TIMEOUT_MS, self.partner_timeout_ms)

    @property
    def policy_on_cut(self) -> str | None:
        """The policy of the environment's code that takes over from lost participants, if any."""
        return None if self.on_cut in (*ON_CUT, RANDOM_POLICY) else self.on_cut

    @setter
    def reconnection_config(
        self: S,
        *,
        timeout_ms: int = UNSET,
        return_timeout_ms: int = UNSET,
        continue_with: PolicyTypes | str | None = UNSET,
    ) -> S:
        """Set how long a silent or reloading participant is waited for, and what follows.

        Args:
            timeout_ms: after how long they are lost, in ms; 15000 by default. Nobody is lost whom a
                partner hears, and while all are without the server they have at least a quarter of
                an hour.
            return_timeout_ms: how long a page that was reloaded, and is connected to the server,
                may take to load the environment again, in ms; 60000 by default, and never less than
                *timeout_ms*. Partners see how far it is.
            continue_with: None (the default) ends the game at their last frame.
                ``"default_action"`` goes on with the default action on their seat;
                ``PolicyTypes.Random``, or the name of a policy that the environment's code
                defines, goes on in their place. Scripts of 0.1 say ``"neutral"`` for
                ``"default_action"``. Both are stored as ``neutral`` (``on_cut`` in ``match.json``).
        """
        if timeout_ms is not UNSET:
            self.partner_timeout_ms = whole_number("timeout_ms", timeout_ms, 1000)
        if return_timeout_ms is not UNSET:
            self._return_timeout_ms = whole_number("return_timeout_ms", return_timeout_ms, 1000)
        if self.return_timeout_ms < self.partner_timeout_ms:
            raise ValueError(
                f"return_timeout_ms is {self.return_timeout_ms} but timeout_ms is "
                f"{self.partner_timeout_ms}: give at least as much time to a page that is coming "
                "back as to one that is away."
            )
        if continue_with is not UNSET:
            self.on_cut = _checked_continuation(continue_with)
        return self

    @setter
    def partner_disconnect_message_config(
        self: S,
        *,
        message: str = UNSET,
        show_completion_code: bool = UNSET,
        return_to_waitroom: bool = UNSET,
    ) -> S:
        """Set how participants go on whose game ended because a partner was lost.

        Without either of the two ways they go on to the next scene.

        Args:
            message: what the page says, plain text.
            show_completion_code: True ends the experiment for them, with a completion code.
            return_to_waitroom: True offers them another wait in the waitroom.
        """
        ways = {
            "exit": self.partner_loss_way_on == "exit"
            if show_completion_code is UNSET
            else flag("show_completion_code", show_completion_code),
            "waitroom": self.partner_loss_way_on == "waitroom"
            if return_to_waitroom is UNSET
            else flag("return_to_waitroom", return_to_waitroom),
        }
        if all(ways.values()):
            raise ValueError(
                "show_completion_code and return_to_waitroom are both True: choose one way on."
            )
        if message is not UNSET:
            self.partner_loss_message = filled_text("message", message)
        self.partner_loss_way_on = (
            "exit" if ways["exit"] else "waitroom" if ways["waitroom"] else "next_scene"
        )
        return self

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """Return the ``game`` object with what follows a loss."""
        return {**super().game_config(rtt_ms), "on_cut": self.on_cut}

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with its limit of silence."""
        return {
            **super().to_client(participant),
            "partner_timeout_ms": self.partner_timeout_ms,
        }


def _checked_continuation(value: Any) -> str:
    if value is None:
        return "end"
    if value == "end":
        raise ValueError("continue_with is 'end': give None to end the game at the last frame.")
    if value in DEFAULT_ACTION:
        return "neutral"
    return policy_name("continue_with", value)
