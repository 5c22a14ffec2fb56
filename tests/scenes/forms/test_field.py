import time

import pytest

from interactive_gym.scenes.forms.field import FaultyAnswers
from interactive_gym.scenes.forms.form_html import form_of

CHOICES = "".join(f"<input type=checkbox name=a value={value}>" for value in ("x", "y", "z"))
SCALE = "".join(f"<input type=radio name=a value={value} required>" for value in (1, 2, 3))
IDS = "".join(f"<option>{value}" for value in ("007", "12"))


def answer(html, *given):
    return form_of(html, "scene_body").values_of({"a": list(given)})["a"]


@pytest.mark.parametrize(
    ("html", "given", "value"),
    [
        ("<input name=a>", ["<b>"], "<b>"),
        ("<input name=a>", [], None),
        ("<input name=a>", [""], None),
        ("<input name=a type=number>", ["12"], 12),
        ("<input name=a type=number step=any>", ["1.50"], 1.5),
        ("<input name=a type=number step=0.1 min=0.1>", ["0.7"], 0.7),
        ("<input name=a type=range>", [], None),
        ("<input name=a type=range>", ["50"], 50),
        ("<input name=a type=checkbox>", ["on"], True),
        ("<input name=a type=checkbox>", [], False),
        (CHOICES, ["z", "x"], ["x", "z"]),
        (CHOICES, [], []),
        (SCALE, ["2"], 2),
        (f"<select name=a>{IDS}</select>", ["007"], "007"),
        (f"<select name=a multiple>{IDS}</select>", ["12", "007"], ["007", "12"]),
        ("<input name=a type=date>", ["2026-02-28"], "2026-02-28"),
        ("<input name=a type=time>", ["23:59"], "23:59"),
        ("<input name=a type=email>", ["a@b.example"], "a@b.example"),
        ("<input name=a pattern='[a-z]{3}'>", ["abc"], "abc"),
        (r"<input name=a pattern='\p{L}+'>", ["Zoë"], "Zoë"),
    ],
)
def test_an_answer_is_stored_with_its_type(html, given, value):
    stored = answer(html, *given)
    assert (stored, type(stored)) == (value, type(value))


@pytest.mark.parametrize(
    ("html", "given"),
    [
        ("<input name=a required>", []),
        ("<input name=a required>", [""]),
        ("<input name=a>", ["one", "two"]),
        ("<input name=a maxlength=3>", ["abcd"]),
        ("<input name=a maxlength=3>", ["a\U0001f600b"]),
        ("<input name=a minlength=3>", ["ab"]),
        ("<input name=a>", ["x" * 10_001]),
        ("<input name=a pattern='[a-z]{3}'>", ["abcd"]),
        ("<input name=a type=number>", ["twelve"]),
        ("<input name=a type=number>", ["1e999"]),
        ("<input name=a type=number>", ["NaN"]),
        ("<input name=a type=number>", ["1.5"]),
        ("<input name=a type=number min=18>", ["17"]),
        ("<input name=a type=number max=18>", ["19"]),
        ("<input name=a type=number min=1 step=2>", ["2"]),
        ("<input name=a type=range required>", []),
        ("<input name=a type=range>", ["101"]),
        ("<input name=a type=checkbox required>", []),
        ("<input name=a type=checkbox>", ["off"]),
        (CHOICES, ["w"]),
        (CHOICES, ["x", "x"]),
        (f"<fieldset data-required>{CHOICES}</fieldset>", []),
        (
            "<input type=checkbox name=a value=x required><input type=checkbox name=a value=y>",
            ["y"],
        ),
        (SCALE, []),
        (SCALE, ["4"]),
        (SCALE, ["1", "2"]),
        ("<select name=a required><option value=''>–<option>x</select>", [""]),
        ("<select name=a><option disabled>x<option>y</select>", ["x"]),
        ("<input name=a type=date>", ["2026-02-30"]),
        ("<input name=a type=date>", ["20260228"]),
        ("<input name=a type=date min=2026-01-01>", ["2025-12-31"]),
        ("<input name=a type=time>", ["24:00"]),
        ("<input name=a type=month>", ["2026-13"]),
        ("<input name=a type=week>", ["2026-W54"]),
        ("<input name=a type=color>", ["red"]),
        ("<input name=a type=email>", ["nobody"]),
        ("<input name=a type=url>", ["nowhere"]),
    ],
)
def test_an_answer_that_breaks_a_rule_is_refused_with_a_sentence(html, given):
    with pytest.raises(FaultyAnswers) as refused:
        answer(html, *given)
    (sentence,) = refused.value.faults.values()
    assert sentence.endswith(".")


def test_a_question_that_the_page_does_not_have_is_refused():
    form = form_of("<input name=a>", "scene_body")
    with pytest.raises(FaultyAnswers, match="no such question"):
        form.values_of({"a": ["1"], "b": ["1"]})


def test_all_faults_of_a_page_are_told_at_once():
    form = form_of("<input name=a required><input name=b required><input name=c>", "scene_body")
    with pytest.raises(FaultyAnswers) as refused:
        form.values_of({})
    assert list(refused.value.faults) == ["a", "b"]


def test_a_pattern_that_takes_for_ever_is_given_up():
    began_s = time.process_time()
    with pytest.raises(FaultyAnswers):
        answer("<input name=a pattern='(a|aa)+$'>", "a" * 5000 + "b")
    assert time.process_time() - began_s < 5
