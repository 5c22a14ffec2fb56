"""Limits for participants who look away: `.focus_loss_config()`, `.continuous_monitoring()` and
`.idle_config()`.

A hidden page plays on with the default action, and its frames are flagged in the data. The limits
say for how long.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from interactive_gym.options.refused_options import setter
from interactive_gym.options.validation import UNSET, filled_text, flag, whole_number
from interactive_gym.scenes.game_options import GameOptions
from interactive_gym.scenes.scene import ParticipantIds

S = TypeVar("S", bound="AttentionOptions")


class AttentionOptions(GameOptions):
    """How long a page may be out of sight, and when "are you still there?" is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.focus_loss_message: str | None = None
        """What participants read whose page was out of sight for too long, plain text, or None
        for the server's own words."""
        self._focus_timeout_ms: int | None = None
        self._focus_warning_ms: int | None = None
        self._waitroom_prompt_ms: int | None = None
        self._game_prompt_ms: int | None = None
        self._answer_ms = 30_000
        self._idle_message = "Are you still there?"

    @setter
    def focus_loss_config(
        self: S,
        *,
        timeout_ms: int | None = UNSET,
        message: str | None = UNSET,
        pause_on_partner_background: bool = UNSET,
    ) -> S:
        """Set how long a participant's page may be out of sight during the game.

        Args:
            timeout_ms: after how long in one go they are out of the game, in ms; None (the
                default) for no limit. Frames of a hidden page are flagged in any case.
            message: what they are then told, plain text; None (the default) for standard words.
            pause_on_partner_background: False, as a game never pauses.
        """
        pauses = pause_on_partner_background is not UNSET and flag(
            "pause_on_partner_background", pause_on_partner_background
        )
        if pauses:
            raise ValueError(
                "pause_on_partner_background is True: leave it out or give False, as the game goes "
                "on with neutral input for a hidden page, whose frames are flagged in the data."
            )
        if timeout_ms is not UNSET:
            self._focus_timeout_ms = _milliseconds("timeout_ms", timeout_ms)
        if message is not UNSET:
            self.focus_loss_message = None if message is None else filled_text("message", message)
        if self.focus_loss_message is not None and self._focus_timeout_ms is None:
            raise ValueError(
                f"message is {self.focus_loss_message!r} but there is no timeout_ms: give the "
                f"limit after which it is shown, too."
            )
        return self

    @setter
    def continuous_monitoring(
        self: S,
        *,
        tab_warning_ms: int | None = UNSET,
        tab_exclude_ms: int | None = UNSET,
        exclusion_messages: Mapping[str, str] = UNSET,
    ) -> S:
        """Set when a participant whose page is out of sight is called back, and when they are out.

        Args:
            tab_warning_ms: after how long in one go the title of the page calls them back, in ms;
                None (the default) for never.
            tab_exclude_ms: after how long they are out of the game, in ms: the *timeout_ms* of
                `focus_loss_config`.
            exclusion_messages: what they are then told, ``{"hidden": "…"}``.
        """
        if tab_warning_ms is not UNSET:
            self._focus_warning_ms = _milliseconds("tab_warning_ms", tab_warning_ms)
        if tab_exclude_ms is not UNSET:
            self._focus_timeout_ms = _milliseconds("tab_exclude_ms", tab_exclude_ms)
        if exclusion_messages is not UNSET:
            if not isinstance(exclusion_messages, Mapping) or set(exclusion_messages) != {"hidden"}:
                raise ValueError(
                    f"exclusion_messages is {exclusion_messages!r}: give a dict with the message "
                    f'for "hidden", the only reason why somebody is led out of a game.'
                )
            self.focus_loss_message = filled_text("hidden", exclusion_messages["hidden"])
        warning_ms, exclude_ms = self._focus_warning_ms, self._focus_timeout_ms
        if self.focus_loss_message is not None and exclude_ms is None:
            raise ValueError(
                "exclusion_messages is given but there is no tab_exclude_ms: give the limit after "
                "which it is shown, too."
            )
        if warning_ms is not None and exclude_ms is not None and warning_ms >= exclude_ms:
            raise ValueError(
                f"tab_warning_ms is {warning_ms}, but after {exclude_ms} ms (tab_exclude_ms) the "
                f"participant is out: give fewer."
            )
        return self

    @setter
    def idle_config(
        self: S,
        *,
        waitroom_prompt_ms: int | None = UNSET,
        game_prompt_ms: int | None = UNSET,
        answer_ms: int = UNSET,
        message: str = UNSET,
    ) -> S:
        """Set when a participant who gives no sign of life is asked for one.

        Without an answer they leave the waitroom, or are out of the game, with the reason
        ``idle``.

        Args:
            waitroom_prompt_ms: after how long without a sign of life they are asked in the
                waitroom, in ms; None (the default) never asks.
            game_prompt_ms: the same in the game.
            answer_ms: how long they then have to answer, in ms; 30000 by default.
            message: the question, plain text; "Are you still there?" by default.
        """
        if waitroom_prompt_ms is not UNSET:
            self._waitroom_prompt_ms = _milliseconds("waitroom_prompt_ms", waitroom_prompt_ms)
        if game_prompt_ms is not UNSET:
            self._game_prompt_ms = _milliseconds("game_prompt_ms", game_prompt_ms)
        if answer_ms is not UNSET:
            self._answer_ms = whole_number("answer_ms", answer_ms, 1000)
        if message is not UNSET:
            self._idle_message = filled_text("message", message)
        if self.idle is None and not (answer_ms is UNSET and message is UNSET):
            raise ValueError(
                "answer_ms or message is given but nobody is ever asked: give waitroom_prompt_ms "
                "or game_prompt_ms, too."
            )
        return self

    @property
    def idle(self) -> dict[str, Any] | None:
        """The protocol's ``idle`` object; None if participants are never asked."""
        if self._waitroom_prompt_ms is None and self._game_prompt_ms is None:
            return None
        return {
            "waitroom_prompt_ms": self._waitroom_prompt_ms,
            "game_prompt_ms": self._game_prompt_ms,
            "answer_ms": self._answer_ms,
            "message": self._idle_message,
        }

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with its limits of attention."""
        timeout_ms, warning_ms = self._focus_timeout_ms, self._focus_warning_ms
        focus = {"timeout_ms": timeout_ms, "warning_ms": warning_ms}
        return {
            **super().to_client(participant),
            "focus": None if timeout_ms is None and warning_ms is None else focus,
            "idle": self.idle,
        }


def _milliseconds(option: str, value: Any) -> int | None:
    """Accept a number of milliseconds from 1000 on, or None."""
    return None if value is None else whole_number(option, value, 1000, other="None")
