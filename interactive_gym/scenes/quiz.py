"""A quiz: questions with right answers, some tries, and a way out."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from interactive_gym.options.outcomes import WayOut
from interactive_gym.options.validation import UNSET, filled_text, whole_number
from interactive_gym.scenes.forms.controls import paragraphs
from interactive_gym.scenes.forms.field import Value
from interactive_gym.scenes.page_scene import PASSED, Judgement
from interactive_gym.scenes.question_scenes import MultipleChoice


class Quiz(MultipleChoice):
    """A page of questions that must be answered rightly to go on.

    The questions are those of `MultipleChoice`, or named inputs in the page's HTML. Browsers are
    never sent the right answers. Every try is stored. Whoever has no try left is led out; their
    outcome is ``failed_quiz``, or ``screened_out`` where the questions are about who can take part.
    """

    type = "quiz"
    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self._right_answers: Sequence[Any] | Mapping[str, Any] = ()
        self._right: dict[str, Value] = {}
        self._tries: int | None = None
        self._failed_message: str | None = None
        self._outcome: WayOut = "failed_quiz"

    def quiz(
        self,
        *,
        right_answers: Sequence[Any] | Mapping[str, Any] = UNSET,
        tries: int | None = UNSET,
        failed_message: str = UNSET,
        outcome: Literal["failed_quiz", "screened_out"] = UNSET,
    ) -> "Quiz":
        """Set what is right.

        Args:
            right_answers: the value of the right choice for each question, in their order, or by
                item; a list of values where several can be chosen.
            tries: how often the page can be sent; None (the default) for any number.
            failed_message: what the last page says to whoever has no try left, plain text; by
                default what ``ExperimentConfig.outcomes`` says of the outcome.
            outcome: the outcome of whoever has no try left: "failed_quiz" (the default), or
                "screened_out" where the questions are about who can take part.
        """
        if right_answers is not UNSET:
            if not isinstance(right_answers, (list, tuple, Mapping)) or not right_answers:
                raise ValueError(
                    f"right_answers is {right_answers!r}: give a list with the right answer to "
                    f"each question, or a dict of them by item."
                )
            self._right_answers = right_answers
        if tries is not UNSET:
            self._tries = None if tries is None else whole_number("tries", tries, 1, other="None")
        if outcome is not UNSET:
            if outcome not in ("failed_quiz", "screened_out"):
                raise ValueError(f'outcome is {outcome!r}: give "failed_quiz" or "screened_out".')
            self._outcome = outcome
        if failed_message is not UNSET:
            self._failed_message = filled_text("failed_message", failed_message)
        return self

    def check(self) -> None:
        """Raise ValueError unless every right answer can be given."""
        super().check()
        self._right = self._checked_answers()

    def counted(self, tries: int, attempt: int) -> int:
        """Return which try this is: one more than those that were stored."""
        return tries + 1

    def judge(self, values: Mapping[str, Value], tries: int) -> Judgement:
        """Return which answers are wrong, or that no try is left."""
        wrong = tuple(item for item, right in self._right.items() if values.get(item) != right)
        if not wrong:
            return PASSED
        if self._tries is None:
            return Judgement(wrong=wrong)
        if tries >= self._tries:
            return Judgement(self._outcome, wrong)
        return Judgement(wrong=wrong, tries_left=self._tries - tries)

    def farewell(self) -> dict[str, str]:
        """Return what the last page shows to whoever has no try left, if it is set here."""
        return {} if self._failed_message is None else {"body": paragraphs(self._failed_message)}

    def _checked_answers(self) -> dict[str, Value]:
        fields = self.form().fields
        answers = self._right_answers
        if not isinstance(answers, Mapping):
            if len(answers) != len(fields):
                raise ValueError(
                    f"right_answers has {len(answers)} entries in the scene {self.scene_id!r}: "
                    f"give one for each of the {len(fields)} questions with .quiz(right_answers=…)."
                )
            answers = dict(zip(fields, answers, strict=True))
        right: dict[str, Value] = {}
        for item, answer in answers.items():
            several = answer if isinstance(answer, (list, tuple)) else [answer]
            try:
                right[item] = fields[item].value_of([_as_sent(each) for each in several])
            except (KeyError, ValueError) as error:
                possible = ", ".join(map(repr, fields[item].choices)) if item in fields else ""
                fix = f"give one of {possible}." if possible else "give an answer that it allows."
                if item not in fields:
                    fix = f"name one of the items {', '.join(map(repr, fields))}."
                raise ValueError(
                    f"right_answers has {answer!r} for {item!r} in the scene {self.scene_id!r}: "
                    f"{fix}"
                ) from error
        return right


def _as_sent(answer: Any) -> str:
    """An answer as a browser would send it."""
    return "on" if answer is True else str(answer)
