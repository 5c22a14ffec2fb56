"""Reads the questions of a page from its HTML, as a browser would find them.

Called when the server starts, so that a form whose answers would be lost is told then.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import regex
from selectolax.lexbor import LexborHTMLParser, LexborNode

from interactive_gym.scenes.forms.field import (
    MAX_TEXT_CHARS,
    ORDERED_TYPES,
    Field,
    Form,
    Kind,
    compiled,
    digest_of_wording,
)

MAX_ITEM_CHARS = 100
"""Longer names of inputs are refused."""

_NO_QUESTION = frozenset({"button", "submit", "reset"})
_REFUSED = {
    "file": "files cannot be stored as answers: ask for a text.",
    "hidden": "it asks nothing, and a participant's browser can change it: leave it out.",
    "image": "a click on a picture is no answer: use radio buttons.",
}
_NUMBERS = frozenset({"number", "range"})


def form_of(html: str, where: str) -> Form:
    """Return the questions of a page.

    Args:
        html: what the page shows.
        where: what to call the HTML in messages, such as ``scene_body of the scene 'welcome'``.

    Raises:
        ValueError: a question's answer would be lost, or its rules cannot be kept.
    """
    page = LexborHTMLParser(f"<!doctype html><body>{html}")
    controls: dict[str, list[LexborNode]] = {}
    for control in page.css("input, select, textarea, button"):
        kind = _type_of(control)
        if _is_off(control):
            continue
        if kind in _NO_QUESTION:
            if control.attributes.get("name"):
                raise _refusal(where, control, "a button stores no answer: use radio buttons.")
            continue
        if kind in _REFUSED:
            raise _refusal(where, control, _REFUSED[kind])
        name = control.attributes.get("name")
        if not name or len(name) > MAX_ITEM_CHARS:
            raise _refusal(
                where,
                control,
                f"its answer would be lost: give it a name of 1 to {MAX_ITEM_CHARS} characters.",
            )
        controls.setdefault(name, []).append(control)
    return Form({name: _field(name, group, page, where) for name, group in controls.items()})


def refuse_questions(html: str, where: str, why: str) -> None:
    """Refuse HTML with questions where nobody would store the answers.

    Raises:
        ValueError: there are some; the message ends with *why*.
    """
    page = LexborHTMLParser(f"<!doctype html><body>{html}")
    for control in page.css("input, select, textarea"):
        if _type_of(control) not in _NO_QUESTION:
            raise _refusal(where, control, why)


def _field(name: str, group: Sequence[LexborNode], page: LexborHTMLParser, where: str) -> Field:
    first = group[0]
    kinds = {_type_of(control) for control in group}
    if len(kinds) > 1 or (len(group) > 1 and kinds.isdisjoint({"radio", "checkbox"})):
        raise _refusal(where, group[1], "another one has its name: give each question its own.")
    input_type = kinds.pop()
    is_choice = input_type in ("radio", "checkbox")
    is_kept = "readonly" not in first.attributes or is_choice or input_type == "select"
    required = [is_kept and "required" in control.attributes for control in group]
    kind: Kind = "text"
    choices: list[str] = []
    labels: list[str] = []
    if is_choice:
        choices = [_value(control, "on") for control in group]
        labels = [_label_of(control, page) for control in group]
        kind = "choice" if input_type == "radio" else "tick" if len(group) == 1 else "choices"
    elif input_type == "select":
        options = [o for o in first.css("option") if "disabled" not in o.attributes]
        choices = [_value(option, _plain(option)) for option in options]
        labels = [_plain(option) for option in options]
        kind = "choices" if "multiple" in first.attributes else "choice"
    elif input_type in _NUMBERS:
        kind = "number"
    if len(set(choices)) < len(choices):
        raise _refusal(where, first, "two of its choices have one value: give each its own.")
    must_choose = kind == "choices" and (is_choice and _is_required_group(first))
    is_required = must_choose or (any(required) and not (kind == "choices" and is_choice))
    demanded = [c for c, r in zip(choices, required, strict=False) if r and kind == "choices"]
    rules = _rules(first, input_type, where) if is_kept and not choices else {}
    wording = {
        "question": _legend_of(first) if is_choice and kind != "tick" else _label_of(first, page),
        "choices": [list(pair) for pair in zip(choices, labels, strict=True)],
        "type": input_type,
        "rules": {key: str(rule) for key, rule in rules.items()} | {"required": is_required},
    }
    return Field(
        item=name,
        kind=kind,
        wording=digest_of_wording(wording),
        is_required=is_required,
        choices=tuple(choices),
        required_choices=frozenset(demanded) if is_choice else frozenset(),
        input_type=input_type,
        **rules,  # type: ignore[arg-type]
    )


def _rules(control: LexborNode, input_type: str, where: str) -> dict[str, object]:
    """The limits of one control, under the names that `Field` has for them."""
    rules: dict[str, object] = {}
    if input_type in _NUMBERS:
        return _number_rules(control, input_type, where)
    if input_type in ORDERED_TYPES:
        for attribute, name in (("min", "minimum"), ("max", "maximum")):
            if limit := control.attributes.get(attribute):
                rules[name] = limit
        return rules
    for attribute, name in (("minlength", "min_length"), ("maxlength", "max_length")):
        text = control.attributes.get(attribute)
        if text is not None:
            if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or int(text) > MAX_TEXT_CHARS:
                wanted = f"give a whole number up to {MAX_TEXT_CHARS}."
                raise _refusal(where, control, f"its {attribute} is {text!r}: {wanted}")
            rules[name] = int(text)
    pattern = control.attributes.get("pattern")
    if pattern and control.tag == "input":
        try:
            compiled(pattern)
        except regex.error as error:
            why = f"its pattern is {pattern!r}, which cannot be read ({error}): mend it."
            raise _refusal(where, control, why) from error
        rules["pattern"] = pattern
    return rules


def _number_rules(control: LexborNode, input_type: str, where: str) -> dict[str, object]:
    given: dict[str, float] = {}
    for attribute in ("min", "max", "step", "value"):
        text = control.attributes.get(attribute)
        if not text or (attribute == "step" and text.lower() == "any"):
            continue
        try:
            given[attribute] = float(text)
            is_usable = math.isfinite(given[attribute]) and (
                attribute != "step" or given[attribute] > 0
            )
        except ValueError:
            is_usable = False
        if not is_usable:
            raise _refusal(where, control, f"its {attribute} is {text!r}: give a number.")
    if input_type == "range":
        given = {"min": 0.0, "max": 100.0} | given
    has_step = (control.attributes.get("step") or "").lower() != "any"
    return {
        "minimum": given.get("min"),
        "maximum": given.get("max"),
        "step": given.get("step", 1.0) if has_step else None,
        "step_base": given.get("min", given.get("value", 0.0)),
    }


def _type_of(control: LexborNode) -> str:
    """The input's type; `select`, `textarea` or `submit` for the other elements."""
    if control.tag == "input":
        return (control.attributes.get("type") or "text").lower()
    if control.tag == "button":
        return "submit"
    return str(control.tag)


def _value(control: LexborNode, default: str) -> str:
    value = control.attributes.get("value", default)
    return value if value is not None else ""


def _is_off(control: LexborNode) -> bool:
    """Whether a control is disabled, so that browsers send nothing of it."""
    if "disabled" in control.attributes:
        return True
    return any(
        node.tag == "template" or (node.tag == "fieldset" and "disabled" in node.attributes)
        for node in _ancestors(control)
    )


def _is_required_group(control: LexborNode) -> bool:
    fieldset = _closest(control, "fieldset")
    return fieldset is not None and "data-required" in fieldset.attributes


def _label_of(control: LexborNode, page: LexborHTMLParser) -> str:
    """What is written beside a control."""
    texts = []
    control_id = control.attributes.get("id")
    if control_id:
        labels = page.css("label[for]")
        texts += [_plain(label) for label in labels if label.attributes["for"] == control_id]
    around = _closest(control, "label")
    if around is not None and not texts:
        texts.append(_plain(around))
    for attribute in ("aria-label", "placeholder"):
        texts += filter(None, [control.attributes.get(attribute)])
    return " ".join([*filter(None, [_legend_of(control)]), *texts])


def _legend_of(control: LexborNode) -> str:
    fieldset = _closest(control, "fieldset")
    legend = fieldset.css_first("legend") if fieldset is not None else None
    return _plain(legend) if legend is not None else ""


def _closest(control: LexborNode, tag: str) -> LexborNode | None:
    return next((node for node in _ancestors(control) if node.tag == tag), None)


def _ancestors(control: LexborNode) -> list[LexborNode]:
    found: list[LexborNode] = []
    node = control.parent
    while node is not None:
        found.append(node)
        node = node.parent
    return found


def _plain(node: LexborNode) -> str:
    return " ".join(node.text().split())


def _refusal(where: str, control: LexborNode, why: str) -> ValueError:
    kind = f" type={_type_of(control)!r}" if control.tag == "input" else ""
    name = control.attributes.get("name")
    named = f" named {name!r}" if name else ""
    return ValueError(f"{where} has <{control.tag}{kind}>{named}: {why}")
