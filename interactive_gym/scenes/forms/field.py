"""One question of a form, and which answers it allows.

The rules are those of the HTML standard's constraint validation, which browsers apply before they
send a page. Here they are applied again, to whatever was sent.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal
from urllib.parse import urlsplit

import regex

Value = str | int | float | bool | list[str] | list[int] | None
"""An answer as it is stored; `None` where there is none."""

Kind = Literal["text", "number", "tick", "choice", "choices"]
"""`text`: what was written. `number`: a number. `tick`: a box that is ticked or not. `choice`: one
of several. `choices`: any of several."""

MAX_TEXT_CHARS = 10_000
"""Longer texts are refused where the HTML sets no limit, in UTF-16 code units as browsers count."""

PATTERN_TIMEOUT_S = 0.05
"""A pattern that takes longer counts as not matched, in seconds: some take for ever."""

_FLOAT = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"0|-?[1-9]\d{0,14}", re.ASCII)
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)


@dataclass(frozen=True)
class Field:
    """A question: its name and the rules of its answer."""

    item: str
    """Its name in the data."""

    kind: Kind
    """What its answer is."""

    wording: str
    """The digest of what the participant reads."""

    is_required: bool = False
    """Whether an answer must be given."""

    choices: tuple[str, ...] = ()
    """What may be chosen."""

    required_choices: frozenset[str] = frozenset()
    """What must be among the choices that are made."""

    input_type: str = "text"
    """The `type` of the input."""

    min_length: int = 0
    """The least length of a text."""

    max_length: int = MAX_TEXT_CHARS
    """The greatest length of a text."""

    pattern: str | None = None
    """What a text must match as a whole."""

    minimum: float | str | None = None
    """The least number, or the first date or time."""

    maximum: float | str | None = None
    """The greatest number, or the last date or time."""

    step: float | None = None
    """What numbers count in, from `step_base`."""

    step_base: float = 0.0
    """A number that is allowed by `step`."""

    def value_of(self, given: Sequence[str]) -> Value:
        """Return the answer as it is stored.

        Args:
            given: what the browser sends of the controls with this name, as `FormData.getAll`.

        Raises:
            ValueError: it breaks a rule; the message is a sentence for the participant.
        """
        if self.kind == "choices":
            return self._choices_of(given)
        if self.kind == "tick":
            _check(len(given) <= 1 and set(given) <= set(self.choices), "This is no choice.")
            _check(bool(given) or not self.is_required, "Please tick this box.")
            return bool(given)
        _check(len(given) <= 1, "Only one answer can be given.")
        text = given[0] if given else ""
        if text == "":
            _check(not self.is_required, "Please answer this question.")
            return None
        if self.kind == "choice":
            _check(text in self.choices, "This is no choice.")
            return int(text) if self._has_numbers else text
        return self._number_of(text) if self.kind == "number" else self._text_of(text)

    @property
    def _has_numbers(self) -> bool:
        """Whether all choices are whole numbers, so that answers are stored as such."""
        return all(map(_WHOLE.fullmatch, filter(None, self.choices)))

    def _choices_of(self, given: Sequence[str]) -> Value:
        chosen = set(given)
        _check(len(chosen) == len(given) and chosen <= set(self.choices), "This is no choice.")
        _check(bool(chosen) or not self.is_required, "Please choose at least one.")
        _check(self.required_choices <= chosen, "Please tick every box that is required.")
        ordered = [choice for choice in self.choices if choice in chosen]
        return list(map(int, ordered)) if self._has_numbers else ordered

    def _number_of(self, text: str) -> Value:
        _check(_FLOAT.fullmatch(text) is not None and len(text) <= 40, "Please enter a number.")
        number = float(text)
        _check(math.isfinite(number), "Please enter a number.")
        self._check_limits(number)
        if self.step is not None:
            steps = (number - self.step_base) / self.step
            is_on_step = abs(steps - round(steps)) <= 1e-6 * max(1.0, abs(steps) * 1e-6)
            _check(is_on_step, f"Please count in steps of {self.step:g} from {self.step_base:g}.")
        return int(text) if _WHOLE.fullmatch(text) else number

    def _text_of(self, text: str) -> Value:
        length = len(text.encode("utf-16-le", "surrogatepass")) // 2
        _check(length <= self.max_length, f"Please write at most {self.max_length} characters.")
        _check(length >= self.min_length, f"Please write at least {self.min_length} characters.")
        _check(_has_form(self.input_type, text), _FORMS.get(self.input_type, ""))
        if self.input_type in ORDERED_TYPES:
            self._check_limits(text)
        _check(self.pattern is None or _matches(self.pattern, text), "Please use the form asked.")
        return text

    def _check_limits(self, value: float | str) -> None:
        for limit, wanted in ((self.minimum, "at least"), (self.maximum, "at most")):
            if limit is None:
                continue
            is_short = value < limit if wanted == "at least" else value > limit  # type: ignore[operator]
            shown = limit if isinstance(limit, str) else f"{limit:g}"
            _check(not is_short, f"Please enter {wanted} {shown}.")


ORDERED_TYPES = frozenset({"date", "time", "datetime-local", "month", "week"})
"""Input types whose `min` and `max` are dates or times, which sort as texts."""

_FORMS = {
    "email": "Please enter an e-mail address.",
    "url": "Please enter an address that begins with https://.",
    "color": "Please choose a colour.",
    "date": "Please enter a date.",
    "time": "Please enter a time.",
    "datetime-local": "Please enter a date and a time.",
    "month": "Please enter a month.",
    "week": "Please enter a week.",
}


class FaultyAnswers(ValueError):  # noqa: N818 - the message is for participants
    """Raised for answers that break rules."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """Say what is wrong: *faults* has a sentence for every item."""
        super().__init__(", ".join(f"{item!r}: {fault}" for item, fault in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True)
class Form:
    """All questions of a page."""

    fields: Mapping[str, Field]
    """The questions by item, in the order of the page."""

    def values_of(self, given: Mapping[str, Sequence[str]]) -> dict[str, Value]:
        """Return the answer to every question, in the order of the page.

        Args:
            given: by item, what the browser sends; what is left out has no answer.

        Raises:
            FaultyAnswers: answers break their rules, or there is no such question.
        """
        unknown = given.keys() - self.fields.keys()
        if unknown:
            raise FaultyAnswers({sorted(unknown)[0]: "There is no such question."})
        values: dict[str, Value] = {}
        faults: dict[str, str] = {}
        for item, field in self.fields.items():
            try:
                values[item] = field.value_of(given.get(item, ()))
            except ValueError as fault:
                faults[item] = str(fault)
        if faults:
            raise FaultyAnswers(faults)
        return values


def digest_of_wording(wording: Mapping[str, object]) -> str:
    """Return the SHA-256 of what a participant reads, in hexadecimal."""
    text = json.dumps(wording, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def compiled(pattern: str) -> Any:
    """Return a `pattern` of HTML's as an expression; raises `regex.error` if it cannot be read.

    `\\d` and `\\w` mean ASCII characters, as in JavaScript, unless there are Unicode properties.
    """
    return regex.compile(pattern, 0 if r"\p" in pattern.lower() else regex.ASCII)


def _matches(pattern: str, text: str) -> bool:
    try:
        return bool(compiled(pattern).fullmatch(text, timeout=PATTERN_TIMEOUT_S))
    except TimeoutError:
        return False


def _has_form(input_type: str, text: str) -> bool:
    match input_type:
        case "email":
            return _EMAIL.fullmatch(text) is not None
        case "url":
            return _is_url(text)
        case "color":
            return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None
        case "month":
            return _is_made(lambda: date.fromisoformat(f"{text}-01"), text, r"\d{4}-\d\d")
        case "week":
            return re.fullmatch(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])", text, re.ASCII) is not None
        case "date":
            return _is_made(lambda: date.fromisoformat(text), text, r"\d{4}-\d\d-\d\d")
        case "time":
            return _is_made(lambda: time.fromisoformat(text), text, _TIME)
        case "datetime-local":
            shape = rf"\d{{4}}-\d\d-\d\dT{_TIME}"
            return _is_made(lambda: datetime.fromisoformat(text), text, shape)
    return True


_TIME = r"\d\d:\d\d(:\d\d(\.\d{3})?)?"


def _is_made(make: Callable[[], object], text: str, shape: str) -> bool:
    """Whether a text has a shape, and a date or time can be made of it."""
    if re.fullmatch(shape, text, re.ASCII) is None:
        return False
    try:
        make()
    except ValueError:
        return False
    return True


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


def _check(is_kept: bool, fault: str) -> None:
    if not is_kept:
        raise ValueError(fault)
