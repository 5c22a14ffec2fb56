"""What the page says around a game, and how its waitroom ends: `.user_experience()`.

The researcher's HTML is kept as it is.
"""

from pathlib import Path
from typing import Any, TypeVar

from interactive_gym.options.refused_options import setter
from interactive_gym.options.validation import (
    UNSET,
    filled_text,
    text,
    text_or_file,
    web_address,
    whole_number,
)
from interactive_gym.scenes.forms.form_html import refuse_questions
from interactive_gym.scenes.patience_options import PatienceOptions
from interactive_gym.scenes.scene import ParticipantIds

S = TypeVar("S", bound="UserExperienceOptions")


class UserExperienceOptions(PatienceOptions):
    """The texts of a game's page."""

    def __init__(self) -> None:
        super().__init__()
        self.waitroom_timeout_message = (
            "We could not find anybody for you to play with this time. Thank you for waiting; "
            "please go on."
        )
        """What the page says after waiting in vain, plain text."""
        self.waitroom_timeout_redirect_url: str | None = None
        """Where the page then leads, or None for the next scene."""
        self._in_game_body = ""

    @property
    def html(self) -> tuple[str, ...]:
        """The HTML shown before the game and beside it."""
        return (*super().html, self._in_game_body)

    @setter
    def user_experience(
        self: S,
        *,
        scene_header: str = UNSET,
        scene_body: str = UNSET,
        scene_body_filepath: str | Path = UNSET,
        in_game_scene_body: str = UNSET,
        in_game_scene_body_filepath: str | Path = UNSET,
        waitroom_timeout: int = UNSET,
        waitroom_timeout_redirect_url: str | None = UNSET,
        waitroom_timeout_message: str = UNSET,
    ) -> S:
        """Set what the page says before and during the game, and how the waitroom ends.

        Args:
            scene_header: the heading, plain text.
            scene_body: HTML shown before the game, such as its rules.
            scene_body_filepath: a UTF-8 file of HTML, instead of *scene_body*.
            in_game_scene_body: HTML shown beside the running game, such as its keys.
            in_game_scene_body_filepath: a UTF-8 file of HTML, instead of *in_game_scene_body*.
            waitroom_timeout: the limit of waiting in ms, by the name that earlier scripts use. New
                scripts give it in seconds, as ``.matchmaking(patience_s=…)``.
            waitroom_timeout_redirect_url: where the page leads after that, or None (the default)
                for the next scene.
            waitroom_timeout_message: what the page then says, plain text.
        """
        if scene_header is not UNSET:
            self._header = text("scene_header", scene_header)
        self._body = text_or_file("scene_body", scene_body, scene_body_filepath, self._body)
        self._in_game_body = text_or_file(
            "in_game_scene_body",
            in_game_scene_body,
            in_game_scene_body_filepath,
            self._in_game_body,
        )
        if waitroom_timeout is not UNSET:
            timeout_ms = whole_number("waitroom_timeout", waitroom_timeout, 1000)
            self._set_patience("waitroom_timeout", timeout_ms)
        if waitroom_timeout_redirect_url is not UNSET:
            self.waitroom_timeout_redirect_url = web_address(
                "waitroom_timeout_redirect_url", waitroom_timeout_redirect_url
            )
        if waitroom_timeout_message is not UNSET:
            self.waitroom_timeout_message = filled_text(
                "waitroom_timeout_message", waitroom_timeout_message
            )
        return self

    def check(self) -> None:
        """Raise ValueError if the texts ask something."""
        super().check()
        for option, html in (
            ("scene_body", self._body),
            ("in_game_scene_body", self._in_game_body),
        ):
            refuse_questions(
                html,
                f"{option} of the scene {self.scene_id!r}",
                "the page of a game stores no answers: ask it in a StaticScene before or after.",
            )

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with the text beside the game."""
        return {**super().to_client(participant), "in_game_body": self._in_game_body}
