"""Instructions: several pages in one scene, read back and forth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from interactive_gym.options.validation import UNSET, filled_text, text_or_file
from interactive_gym.scenes.page_scene import StaticScene

I_ = TypeVar("I_", bound="Instructions")


class Instructions(StaticScene):
    """Pages of HTML with "Next" and "Back", then "Continue".

    Their questions are stored together, once the last page is left.
    """

    type = "instructions"

    def __init__(self) -> None:
        super().__init__()
        self._pages: list[str] = []

    def display(
        self: I_,
        *,
        pages: Sequence[str] = UNSET,
        pages_filepaths: Sequence[str | Path] = UNSET,
        **page: Any,
    ) -> I_:
        """Set what the pages show.

        Args:
            pages: the HTML of each.
            pages_filepaths: a UTF-8 file of HTML for each, instead of *pages*.
            page: what `StaticScene.display` takes; ``scene_body`` stands above every page.
        """
        if pages is not UNSET and pages_filepaths is not UNSET:
            raise ValueError("pages and pages_filepaths are both given: give one of the two.")
        for option, value in (("pages", pages), ("pages_filepaths", pages_filepaths)):
            if value is UNSET:
                continue
            if not isinstance(value, (list, tuple)) or not value:
                raise ValueError(f"{option} is {value!r}: give a list with at least one page.")
            if option == "pages":
                self._pages = [filled_text(f"pages[{n}]", html) for n, html in enumerate(value)]
            else:
                self._pages = [
                    text_or_file(f"pages[{n}]", UNSET, path, "") for n, path in enumerate(value)
                ]
        return super().display(**page)

    def check(self) -> None:
        """Raise ValueError unless there are pages."""
        if not self._pages:
            raise ValueError(
                f"pages is missing in the scene {self.scene_id!r}: give them with "
                f".display(pages=[…])."
            )
        super().check()

    @property
    def html(self) -> tuple[str, ...]:
        """The HTML above the pages, and theirs."""
        return (*super().html, *self._pages)

    def _questions_html(self) -> str:
        return "".join(f'<section class="leaf">{page}</section>' for page in self._pages)
