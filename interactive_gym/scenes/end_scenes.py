"""The last page of an experiment, without and with a completion code."""

from typing import Any, TypeVar
from urllib.parse import quote

from interactive_gym.options.validation import filled_text, flag, web_address
from interactive_gym.scenes.forms.form_html import refuse_questions
from interactive_gym.scenes.page_scene import StaticScene
from interactive_gym.scenes.scene import ParticipantIds

E = TypeVar("E", bound="EndScene")


class EndScene(StaticScene):
    """The last page of an experiment."""

    type = "end"

    def __init__(self) -> None:
        super().__init__()
        self._redirect_url: str | None = None
        self._unfinished_url: str | None = None
        self._append_subject_id = False

    def redirect(
        self: E,
        *,
        url: str | None,
        unfinished_url: str | None = None,
        append_subject_id: bool = False,
    ) -> E:
        """Offer a link to another site, such as the recruitment platform.

        Args:
            url: the full address, or None for no link. It may hold a completion code, so only
                those see it who did their part in every game.
            unfinished_url: the address for all others, such as those who found no partner; None
                for no link.
            append_subject_id: put the participant's recruitment id (their subject id, where they
                came without one) at the end of the address, which then ends with ``=`` or ``/``.
        """
        url = web_address("url", url)
        unfinished_url = web_address("unfinished_url", unfinished_url)
        if flag("append_subject_id", append_subject_id):
            _check_that_an_id_can_follow("url", url or "")
            if unfinished_url is not None:
                _check_that_an_id_can_follow("unfinished_url", unfinished_url)
        self._redirect_url, self._unfinished_url = url, unfinished_url
        self._append_subject_id = append_subject_id
        return self

    @property
    def has_own_link(self) -> bool:
        """Whether the researcher has said where the page leads."""
        return self._redirect_url is not None or self._unfinished_url is not None

    def code_of_study(self, participant: ParticipantIds) -> str | None:
        """Return the code by which the recruitment platform knows that this participant is done.

        None if they are not. It is empty where the study has no such code.
        """
        return "" if participant.has_finished else None

    @property
    def says_something(self) -> bool:
        """Whether the page has a text of the researcher's."""
        return bool(self._header or self._body)

    def has_link(self, has_finished: bool) -> bool:
        """Whether there is a link for whoever has, or has not, done their part in every game."""
        return (self._redirect_url if has_finished else self._unfinished_url) is not None

    def check(self) -> None:
        """Raise ValueError unless the scene is complete, and asks nothing."""
        super().check()
        where = f"scene_body of the scene {self.scene_id!r}"
        refuse_questions(
            self.page_html,
            where,
            "nothing is sent from the last page, so its answer would be lost: ask it in a scene "
            "before.",
        )

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with this participant's ``redirect_url``, or None for no link."""
        url = self._redirect_url if participant.has_finished else self._unfinished_url
        if url is not None and self._append_subject_id:
            url += quote(participant.recruitment_id or participant.subject_id, safe="")
        return {**super().to_client(participant), "redirect_url": url}


class CompletionCodeScene(EndScene):
    """The last page of an experiment, with a code that the participant hands in elsewhere."""

    type = "completion_code"

    def __init__(self) -> None:
        super().__init__()
        self._code: str | None = None

    def completion(self, *, code: str) -> "CompletionCodeScene":
        """Give all who did their part in every game the same *code*.

        All others, such as those who found no partner, have a code of their own, as everyone has
        without this call.
        """
        self._code = filled_text("code", code)
        return self

    @property
    def common_code(self) -> str | None:
        """The code of all who did their part, or None where everybody has their own."""
        return self._code

    def code_for(self, participant: ParticipantIds) -> str:
        """Return the code this participant sees, the same at every call."""
        if self._code is None or not participant.has_finished:
            return participant.completion_code
        return self._code

    def code_of_study(self, participant: ParticipantIds) -> str | None:
        """Return the code that all have who are done; None for those who are not."""
        return self._code or "" if participant.has_finished else None

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with this participant's ``code``."""
        return {**super().to_client(participant), "code": self.code_for(participant)}


def _check_that_an_id_can_follow(name: str, url: str) -> None:
    if not url.endswith(("=", "/")):
        raise ValueError(
            f"append_subject_id is True but {name} is {url!r}: end it with '=' or '/', so that the "
            f"id can follow."
        )
