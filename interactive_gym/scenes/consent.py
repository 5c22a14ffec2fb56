"""Consent: nobody goes on without it, and whoever refuses is led out."""

from html import escape
from typing import Any

from interactive_gym.options.validation import UNSET, filled_text, given
from interactive_gym.scenes.forms.controls import paragraphs
from interactive_gym.scenes.page_scene import Judgement, StaticScene
from interactive_gym.scenes.scene import ParticipantIds


class Consent(StaticScene):
    """A page with a box that must be ticked to go on, and a button by which one declines.

    Stored as the item ``consent``: true, or false of whoever declined; their outcome is
    ``consent_refused``.
    """

    type = "consent"

    def __init__(self) -> None:
        super().__init__()
        self._statement = "I have read the information above and agree to take part."
        self._decline_label = "I do not take part"
        self._refused_message: str | None = None

    def consent(
        self,
        *,
        statement: str = UNSET,
        decline_label: str = UNSET,
        refused_message: str = UNSET,
    ) -> "Consent":
        """Set what is agreed to. The information itself is the page's ``scene_body``.

        Args:
            statement: what stands beside the box, plain text.
            decline_label: what is written on the button by which one declines.
            refused_message: what the last page says to whoever declined, plain text; by default
                what ``ExperimentConfig.outcomes`` says of ``consent_refused``.
        """
        self._statement = filled_text("statement", given(statement, self._statement))
        self._decline_label = filled_text(
            "decline_label", given(decline_label, self._decline_label)
        )
        if refused_message is not UNSET:
            self._refused_message = filled_text("refused_message", refused_message)
        return self

    def declined(self) -> Judgement:
        """Return that the participant is led out."""
        return Judgement("consent_refused")

    def farewell(self) -> dict[str, str]:
        """Return what the last page shows to whoever declined, if it is set here."""
        return {} if self._refused_message is None else {"body": paragraphs(self._refused_message)}

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with the button's ``decline_label``."""
        return {**super().to_client(participant), "decline_label": self._decline_label}

    def _questions_html(self) -> str:
        return (
            '<div class="question"><label class="choice"><input type="checkbox" name="consent" '
            f"required> <span>{escape(self._statement)}</span></label></div>"
        )
