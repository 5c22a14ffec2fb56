"""One row of the table of endings, as a script writes it: what an outcome means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from interactive_gym.options.validation import (
    UNSET,
    filled_text,
    folder_name,
    number,
    web_address,
    whole_number,
)

Action = Literal["approve", "review", "return"]
"""What the recruitment platform does with a submission that has the code. `approve`: pays it.
`review`: leaves it to the researcher. `return`: asks the participant to give it back, unpaid."""

Pay = Literal["full", "time", "none"]
"""What is proposed to be paid. `full`: the whole reward. `time`: the time that they were there, up
to the whole reward. `none`: nothing."""


@dataclass(frozen=True)
class ScreenOutPayment:
    """The platform pays a fixed amount to whoever hands in the code, so many times at most."""

    amount: float
    """The amount, in units of the currency, such as 0.25."""
    slots: int
    """How many are paid at most; the platform stops the study then."""

    def __post_init__(self) -> None:
        number("amount", self.amount)
        whole_number("slots", self.slots, 1)


class Ending:
    """What an outcome means for a participant. What is left out is as it is by default."""

    def __init__(
        self,
        *,
        header: str = UNSET,
        message: str = UNSET,
        code: str | None = UNSET,
        redirect: str | None = UNSET,
        scenes: Literal["all", "none"] | Sequence[str] = UNSET,
        action: Action | ScreenOutPayment = UNSET,
        pay: Pay | float = UNSET,
    ) -> None:
        """Describe it.

        Args:
            header: the heading of the last page, plain text.
            message: what the last page says, plain text; empty lines make paragraphs. By default
                it tells what has happened and, by *pay*, what it means for payment.
            code: the completion code, the same for all with this outcome, or None for no code. By
                default a ``CompletionCodeScene`` shows everybody a code of their own, except where
                there is nothing to hand in (``consent_refused``).
            redirect: the full address that the last page leads to, or None for no link. ``{code}``
                in it becomes the completion code, ``{id}`` the recruitment id.
            scenes: which of the scenes that come later still follow: ``"all"``, ``"none"`` (the
                last page is next), or the ids of those that do.
            action: what the recruitment platform does with the code: ``"approve"``, ``"review"``,
                ``"return"``, or ``ScreenOutPayment(amount=…, slots=…)``.
            pay: the proposed payment: ``"full"``, ``"time"``, ``"none"``, or an amount.

        Raises:
            ValueError: an option cannot be used.
        """
        given: dict[str, Any] = {
            "header": header if header is UNSET else filled_text("header", header),
            "message": message if message is UNSET else filled_text("message", message),
            "code": code if code is UNSET or code is None else filled_text("code", code),
            "redirect": redirect if redirect is UNSET else web_address("redirect", redirect),
            "scenes": scenes if scenes is UNSET else _checked_scenes(scenes),
            "action": action if action is UNSET else _checked_action(action),
            "pay": pay if pay is UNSET else _checked_pay(pay),
        }
        self.given = {name: value for name, value in given.items() if value is not UNSET}
        """The options that are not left out."""


def _checked_scenes(value: Any) -> Any:
    if value in ("all", "none"):
        return value
    if not isinstance(value, (list, tuple)):
        raise ValueError(f'scenes is {value!r}: give "all", "none" or a list of scene ids.')
    return tuple(folder_name("scenes", scene_id) for scene_id in value)


def _checked_action(value: Any) -> Any:
    if isinstance(value, ScreenOutPayment) or value in ("approve", "review", "return"):
        return value
    raise ValueError(
        f'action is {value!r}: give "approve", "review", "return" or ScreenOutPayment(amount=…, '
        f"slots=…)."
    )


def _checked_pay(value: Any) -> Any:
    if value in ("full", "time", "none"):
        return value
    return number("pay", value, minimum=0, other='"full", "time" or "none"')
