import pytest

from interactive_gym.scenes.forms.controls import (
    choice_question,
    paragraphs,
    scale_question,
    section_header,
    slider_question,
    text_question,
)
from interactive_gym.scenes.forms.form_html import form_of

MARKUP = '<b>"&'


def field_of(html):
    (field,) = form_of(html, "a page").fields.values()
    return field


@pytest.mark.parametrize(
    "html",
    [
        text_question("item", MARKUP, required=True),
        choice_question("item", MARKUP, {MARKUP: MARKUP, "b": MARKUP}),
        scale_question("item", MARKUP, 5, [MARKUP, MARKUP]),
        slider_question("item", MARKUP, MARKUP, (MARKUP, MARKUP), step=5),
    ],
)
def test_every_text_is_plain_and_what_is_asked_must_be_answered(html):
    assert "<b>" not in html and "&lt;b&gt;" in html
    assert field_of(html).is_required


def test_of_boxes_one_or_any_number_can_be_chosen():
    choices = {"x": "An x", "y": "A y"}
    assert field_of(choice_question("item", "Which?", choices)).value_of(["y"]) == "y"
    several = field_of(choice_question("item", "Which?", choices, several=True))
    assert several.value_of(["y", "x"]) == ["x", "y"]
    with pytest.raises(ValueError):
        several.value_of([])
    assert field_of(choice_question("item", "?", choices, required=False)).value_of([]) is None


def test_a_scale_names_all_of_its_points_or_its_ends_or_none():
    assert field_of(scale_question("item", "How?", 3, [])).value_of(["3"]) == 3
    assert "ends" not in scale_question("item", "How?", 3, ["a", "b", "c"])
    assert 'class="ends"' in scale_question("item", "How?", 5, ["a", "b"])
    with pytest.raises(ValueError):
        field_of(scale_question("item", "How?", 3, [])).value_of(["4"])


def test_texts_between_questions():
    assert section_header("") == "" and section_header("A<") == "<h2>A&lt;</h2>"
    assert paragraphs("One.\n\nTwo & three.") == "<p>One.</p><p>Two &amp; three.</p>"
