"""Pages with questions that need no HTML: texts, boxes, scales, and what combines them.

Every class adds its options to `.display()`; what is left out keeps its earlier value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from interactive_gym.options.validation import UNSET, flag, text, whole_number
from interactive_gym.scenes.forms import options as given_options
from interactive_gym.scenes.forms.controls import (
    choice_question,
    scale_question,
    section_header,
    text_question,
)
from interactive_gym.scenes.page_scene import StaticScene

Q = TypeVar("Q", bound="QuestionScene")
Picture = str | Path | tuple[str | Path, str] | None

TEXT_BOX_HEADER = "Is there anything you would like to add?"


class QuestionScene(StaticScene):
    """What the pages with questions have in common; not used by itself."""

    needs: ClassVar[tuple[str, ...]] = ()
    """The options without which the scene is incomplete."""

    def __init__(self) -> None:
        super().__init__()
        self._options: dict[str, str] = {}
        self._option_box_header = ""
        self._scale_questions: dict[str, str] = {}
        self._pre_scale_header = ""
        self._scale_size = 7
        self._scale_labels: list[str] = []
        self._text_box_header = TEXT_BOX_HEADER
        self._required = True

    def check(self) -> None:
        """Raise ValueError unless the scene is complete, and its questions can be stored."""
        for option in self.needs:
            if not getattr(self, f"_{option}"):
                raise ValueError(
                    f"{option} is missing in the scene {self.scene_id!r}: give it with "
                    f".display({option}=…)."
                )
        self._check_scale_labels()
        super().check()

    def _take(self, **options: Any) -> None:
        """Check and keep options; those that are UNSET keep their earlier value."""
        for option, value in options.items():
            if value is not UNSET:
                setattr(self, f"_{option}", _CHECKS[option](option, value))

    def _check_scale_labels(self) -> None:
        if len(self._scale_labels) not in (0, 2, self._scale_size):
            raise ValueError(
                f"scale_labels has {len(self._scale_labels)} texts in the scene "
                f"{self.scene_id!r}: give two, for the ends, or {self._scale_size}, one for each "
                f"point of scale_size."
            )

    def _options_html(self) -> str:
        return choice_question(
            "option", self._option_box_header, self._options, required=self._required
        )

    def _scales_html(self) -> str:
        scales = [
            scale_question(
                item, question, self._scale_size, self._scale_labels, required=self._required
            )
            for item, question in self._scale_questions.items()
        ]
        return section_header(self._pre_scale_header) + "".join(scales)

    def _text_html(self, *, required: bool = False) -> str:
        return text_question("text", self._text_box_header, required=required)


class TextBox(QuestionScene):
    """A page with a box for a text. Stored as the item ``text``."""

    def __init__(self) -> None:
        super().__init__()
        self._required = False

    def display(self: Q, *, text_box_header: str = UNSET, required: bool = UNSET, **page: Any) -> Q:
        """Set what the page shows.

        Args:
            text_box_header: the question above the box, plain text.
            required: whether something must be written; False unless given.
            page: what `StaticScene.display` takes.
        """
        self._take(text_box_header=text_box_header, required=required)
        return super().display(**page)

    def _questions_html(self) -> str:
        return self._text_html(required=self._required)


class OptionBoxes(QuestionScene):
    """A page on which one of several boxes is chosen. Stored as the item ``option``."""

    needs: ClassVar[tuple[str, ...]] = ("options",)

    def display(
        self: Q,
        *,
        options: Sequence[str] | Mapping[str, str] = UNSET,
        option_box_header: str = UNSET,
        required: bool = UNSET,
        **page: Any,
    ) -> Q:
        """Set what the page shows.

        Args:
            options: the texts beside the boxes, which are also stored; or a dict of texts by the
                value that is stored.
            option_box_header: the question above them, plain text.
            required: whether one must be chosen; True unless given.
            page: what `StaticScene.display` takes.
        """
        self._take(options=options, option_box_header=option_box_header, required=required)
        return super().display(**page)

    def _questions_html(self) -> str:
        return self._options_html()


class OptionBoxesWithTextBox(QuestionScene):
    """A page with boxes, and a text that may be added. Stored as ``option`` and ``text``."""

    needs: ClassVar[tuple[str, ...]] = ("options",)

    def display(
        self: Q,
        *,
        options: Sequence[str] | Mapping[str, str] = UNSET,
        option_box_header: str = UNSET,
        text_box_header: str = UNSET,
        required: bool = UNSET,
        **page: Any,
    ) -> Q:
        """Set what the page shows; for the options see `OptionBoxes` and `TextBox`.

        Args:
            options: the boxes.
            option_box_header: the question above them.
            text_box_header: the question above the text, which may stay empty.
            required: whether a box must be chosen; True unless given.
            page: what `StaticScene.display` takes.
        """
        self._take(
            options=options,
            option_box_header=option_box_header,
            text_box_header=text_box_header,
            required=required,
        )
        return super().display(**page)

    def _questions_html(self) -> str:
        return self._options_html() + self._text_html()


class ScalesAndTextBox(QuestionScene):
    """A page with scales, and a text that may be added. Stored as ``scale_1``, … and ``text``."""

    needs: ClassVar[tuple[str, ...]] = ("scale_questions",)

    def display(
        self: Q,
        *,
        scale_questions: Sequence[str] | Mapping[str, str] = UNSET,
        pre_scale_header: str = UNSET,
        scale_size: int = UNSET,
        scale_labels: Sequence[str] = UNSET,
        text_box_header: str = UNSET,
        required: bool = UNSET,
        **page: Any,
    ) -> Q:
        """Set what the page shows.

        Args:
            scale_questions: the questions, stored as ``scale_1``, ``scale_2``, …; or a dict of
                questions by the item as which each is stored.
            pre_scale_header: a heading above them, plain text.
            scale_size: how many points each scale has, from 2 to 11; 7 unless given. The answer is
                the number of the point, from 1.
            scale_labels: two texts for the ends, or one for each point.
            text_box_header: the question above the text, which may stay empty.
            required: whether every scale must be answered; True unless given.
            page: what `StaticScene.display` takes.
        """
        self._take(
            scale_questions=scale_questions,
            pre_scale_header=pre_scale_header,
            scale_size=scale_size,
            scale_labels=scale_labels,
            text_box_header=text_box_header,
            required=required,
        )
        return super().display(**page)

    def _questions_html(self) -> str:
        return self._scales_html() + self._text_html()


class OptionBoxesWithScalesAndTextBox(QuestionScene):
    """A page with boxes, scales and a text. Stored as ``option``, ``scale_1``, … and ``text``."""

    needs: ClassVar[tuple[str, ...]] = ("options", "scale_questions")

    def display(
        self: Q,
        *,
        options: Sequence[str] | Mapping[str, str] = UNSET,
        option_box_header: str = UNSET,
        scale_questions: Sequence[str] | Mapping[str, str] = UNSET,
        pre_scale_header: str = UNSET,
        scale_size: int = UNSET,
        scale_labels: Sequence[str] = UNSET,
        text_box_header: str = UNSET,
        **page: Any,
    ) -> Q:
        """Set what the page shows; for the options see `OptionBoxes` and `ScalesAndTextBox`.

        Args:
            options: the boxes, of which one must be chosen.
            option_box_header: the question above them.
            scale_questions: the scales, all of which must be answered.
            pre_scale_header: a heading above them.
            scale_size: how many points each scale has.
            scale_labels: two texts for the ends, or one for each point.
            text_box_header: the question above the text, which may stay empty.
            page: what `StaticScene.display` takes, and ``required``.
        """
        self._take(
            options=options,
            option_box_header=option_box_header,
            scale_questions=scale_questions,
            pre_scale_header=pre_scale_header,
            scale_size=scale_size,
            scale_labels=scale_labels,
            text_box_header=text_box_header,
            required=page.pop("required", UNSET),
        )
        return super().display(**page)

    def _questions_html(self) -> str:
        return self._options_html() + self._scales_html() + self._text_html()


class MultipleChoice(QuestionScene):
    """A page of questions with choices. Stored as ``question_1``, ``question_2``, …"""

    needs: ClassVar[tuple[str, ...]] = ("questions", "choices")

    def __init__(self) -> None:
        super().__init__()
        self._pre_questions_header = ""
        self._questions: dict[str, str] = {}
        self._choices: list[dict[str, str]] = []
        self._multi_select: bool | list[bool] = False
        self._images: list[str] = []

    def display(
        self: Q,
        *,
        pre_questions_header: str = UNSET,
        questions: Sequence[str] | Mapping[str, str] = UNSET,
        choices: Sequence[Any] = UNSET,
        multi_select: bool | Sequence[bool] = UNSET,
        images: Sequence[Picture] = UNSET,
        required: bool = UNSET,
        **page: Any,
    ) -> Q:
        """Set what the page shows.

        Args:
            pre_questions_header: a heading above the questions, plain text.
            questions: the questions, stored as ``question_1``, …; or a dict of questions by the
                item as which each is stored.
            choices: for each question its choices, a list of texts or a dict of texts by the value
                that is stored; or one list of texts for all questions.
            multi_select: whether any number of choices can be made, for all questions or each.
            images: for each question a picture: an ``https://`` address, the path of a file,
                ``(picture, what it shows)``, or None.
            required: whether every question must be answered; True unless given.
            page: what `StaticScene.display` takes.
        """
        self._take(
            pre_questions_header=pre_questions_header,
            questions=questions,
            choices=choices,
            multi_select=multi_select,
            images=images,
            required=required,
        )
        return super().display(**page)

    def check(self) -> None:
        """Raise ValueError unless every question has its choices."""
        count = len(self._questions)
        several = self._multi_select if isinstance(self._multi_select, list) else [False] * count
        counts = {
            "choices": len(self._choices) if len(self._choices) != 1 else count,
            "multi_select": len(several),
            "images": len(self._images) or count,
        }
        for option, found in counts.items():
            if self._questions and found not in (0, count):
                raise ValueError(
                    f"{option} has {found} entries in the scene {self.scene_id!r}: give one for "
                    f"each of the {count} questions."
                )
        super().check()

    def _questions_html(self) -> str:
        html = section_header(self._pre_questions_header)
        for number, (item, question) in enumerate(self._questions.items()):
            several = self._multi_select
            html += choice_question(
                item,
                question,
                self._choices[number if len(self._choices) > 1 else 0],
                several=several[number] if isinstance(several, list) else several,
                required=self._required,
                picture=self._images[number] if self._images else "",
            )
        return html


def _choice_lists(option: str, value: Any) -> list[dict[str, str]]:
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError(f"{option} is {value!r}: give a list of choices for each question.")
    if all(isinstance(choice, str) for choice in value):
        return [given_options.choices(option, value)]
    return [
        given_options.choices(f"{option}[{index}]", choices) for index, choices in enumerate(value)
    ]


def _flags(option: str, value: Any) -> bool | list[bool]:
    if isinstance(value, (list, tuple)):
        return [flag(f"{option}[{index}]", each) for index, each in enumerate(value)]
    return flag(option, value)


def _pictures(option: str, value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{option} is {value!r}: give a list with a picture for each question.")
    return [given_options.picture(f"{option}[{index}]", each) for index, each in enumerate(value)]


_CHECKS: Mapping[str, Any] = {
    "options": given_options.choices,
    "option_box_header": text,
    "scale_questions": lambda option, value: given_options.named_texts(option, value, "scale"),
    "pre_scale_header": text,
    "scale_size": lambda option, value: whole_number(option, value, 2, 11),
    "scale_labels": given_options.texts,
    "text_box_header": text,
    "required": flag,
    "pre_questions_header": text,
    "questions": lambda option, value: given_options.named_texts(option, value, "question"),
    "choices": _choice_lists,
    "multi_select": _flags,
    "images": _pictures,
}
"""How each option is checked: a function of its name and what is given."""
