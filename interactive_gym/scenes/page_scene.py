"""A page of the researcher's HTML, and whatever it asks.

The HTML is kept as it is. Its named inputs are questions. Their rules are those of HTML, applied by
the participant's browser and once more by the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from interactive_gym.options.outcomes import WayOut
from interactive_gym.options.validation import UNSET, text, text_or_file
from interactive_gym.scenes.forms.field import Form, Value
from interactive_gym.scenes.forms.form_html import form_of
from interactive_gym.scenes.scene import ParticipantIds, Scene

S = TypeVar("S", bound="StaticScene")


@dataclass(frozen=True)
class Judgement:
    """What follows from the answers of a page, all of which keep the rules of their questions."""

    way_out: WayOut | None = None
    """Why the participant is led to the last scene, or `None` if they are not."""

    wrong: tuple[str, ...] = ()
    """The items that are to be answered again."""

    tries_left: int | None = None
    """How often they still may be, or `None` for as often as it takes."""

    @property
    def stays(self) -> bool:
        """Whether the participant stays on the page."""
        return bool(self.wrong) and self.way_out is None


PASSED = Judgement()
"""The participant goes on to the next scene."""


class StaticScene(Scene):
    """A page of text, which may ask something, with a button that leads on."""

    type = "static"

    def display(
        self: S,
        *,
        scene_header: str = UNSET,
        scene_subheader: str = UNSET,
        scene_body: str = UNSET,
        scene_body_filepath: str | Path = UNSET,
    ) -> S:
        """Set what the page shows.

        Args:
            scene_header: the heading, plain text.
            scene_subheader: a line under it, plain text.
            scene_body: HTML.
            scene_body_filepath: a UTF-8 file of HTML, instead of *scene_body*.
        """
        if scene_header is not UNSET:
            self._header = text("scene_header", scene_header)
        if scene_subheader is not UNSET:
            self._subheader = text("scene_subheader", scene_subheader)
        self._body = text_or_file("scene_body", scene_body, scene_body_filepath, self._body)
        return self

    @property
    def page_html(self) -> str:
        """All HTML of the page: the researcher's, and the questions that the scene adds."""
        return self._body + self._questions_html()

    def form(self) -> Form:
        """Return the questions of the page; raises ValueError where answers would be lost."""
        return form_of(self.page_html, f"scene_body of the scene {self.scene_id!r}")

    def check(self) -> None:
        """Raise ValueError unless the scene is complete, and its questions can be stored."""
        super().check()
        self.form()

    def judge(self, values: Mapping[str, Value], tries: int) -> Judgement:
        """Return what follows from answers that keep the rules.

        Args:
            values: the answers by item.
            tries: how often the participant has sent the page, this time included.
        """
        return PASSED

    def declined(self) -> Judgement | None:
        """Return what follows if the participant declines; None if nothing can be declined."""
        return None

    def farewell(self) -> dict[str, str]:
        """Return what the last page shows to whoever was led out from here, if it is set here."""
        return {}

    def counted(self, tries: int, attempt: int) -> int:
        """Return which try of the page this is, to be stored with its answers.

        Args:
            tries: how often the page was sent and stored before.
            attempt: how often the participant has wanted to go on, by their page.
        """
        return max(tries + 1, attempt)

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with all of its HTML."""
        return {**super().to_client(participant), "body": self.page_html}

    def _questions_html(self) -> str:
        return ""


class StartScene(StaticScene):
    """The first page of an experiment: welcome and instructions."""

    type = "start"
