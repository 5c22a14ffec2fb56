"""Writes questions as HTML: labels, groups with legends, scales.

All texts are plain and escaped. The names of what is written are those that `style.css` knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape


def text_question(item: str, label: str, *, required: bool) -> str:
    """A box for a text of several lines."""
    name = escape(item)
    return (
        f'<div class="question"><label for="question-{name}">{escape(label)}</label>'
        f'<textarea id="question-{name}" name="{name}" rows="4"{_required(required)}></textarea>'
        f"</div>"
    )


def choice_question(
    item: str,
    legend: str,
    choices: Mapping[str, str],
    *,
    several: bool = False,
    required: bool = True,
    picture: str = "",
) -> str:
    """Boxes of which one, or several, can be chosen.

    Args:
        item: the question's name.
        legend: the question.
        choices: what stands beside each box, by its value.
        several: whether any number can be chosen.
        required: whether one must be.
        picture: HTML that is shown below the question.
    """
    kind = "checkbox" if several else "radio"
    boxes = "".join(
        f'<label class="choice"><input type="{kind}" name="{escape(item)}" value="{escape(value)}"'
        f"{_required(required and not several)}> <span>{escape(label)}</span></label>"
        for value, label in choices.items()
    )
    group = " data-required" if required and several else ""
    return (
        f'<fieldset class="question"{group}>{_legend(legend)}{picture}'
        f'<div class="choices">{boxes}</div></fieldset>'
    )


def scale_question(
    item: str, legend: str, size: int, labels: Sequence[str], *, required: bool = True
) -> str:
    """A row of points from 1 to *size*, of which one can be chosen.

    Args:
        item: the question's name.
        legend: the question.
        size: how many points there are.
        labels: one for each point, or two for the ends; none for numbers alone.
        required: whether a point must be chosen.
    """
    named = {1: labels[0], size: labels[-1]} if labels else {}
    each = len(labels) == size and size > 2
    points = ""
    for point in range(1, size + 1):
        text = labels[point - 1] if each else named.get(point, "")
        told = f'<span class="{"point-text" if each else "unseen"}"> {escape(text)}</span>'
        points += (
            f'<label class="point"><input type="radio" name="{escape(item)}" value="{point}"'
            f"{_required(required)}><span>{point}</span>{told if text else ''}</label>"
        )
    ends = ""
    if labels and not each:
        ends = (
            f'<div class="ends" aria-hidden="true"><span>{escape(labels[0])}</span>'
            f"<span>{escape(labels[-1])}</span></div>"
        )
    kind = "question scale worded" if each else "question scale"
    return (
        f'<fieldset class="{kind}">{_legend(legend)}<div class="points">{points}</div>{ends}'
        f"</fieldset>"
    )


def slider_question(
    item: str, label: str, hint: str, ends: tuple[str, str], *, step: int, required: bool = True
) -> str:
    """A slider from 0 to 100, which has no answer until it is moved."""
    name = escape(item)
    return (
        f'<div class="question"><label for="question-{name}">{escape(label)}</label>'
        f'<p class="hint" id="hint-{name}">{escape(hint)} '
        f'<span class="unseen">From {escape(ends[0])} to {escape(ends[1])}.</span></p>'
        f'<input type="range" id="question-{name}" name="{name}" min="0" max="100" step="{step}" '
        f'aria-describedby="hint-{name}"{_required(required)}>'
        f'<div class="ends" aria-hidden="true"><span>{escape(ends[0])}</span>'
        f"<span>{escape(ends[1])}</span></div></div>"
    )


def section_header(text: str) -> str:
    """A heading above several questions; nothing for an empty text."""
    return f"<h2>{escape(text)}</h2>" if text else ""


def paragraphs(text: str) -> str:
    """A plain text as HTML, its paragraphs apart."""
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part.strip())


def _legend(text: str) -> str:
    if text:
        return f"<legend>{escape(text)}</legend>"
    return '<legend class="unseen">Please choose</legend>'


def _required(required: bool) -> str:
    return " required" if required else ""
