import re

import pytest

from interactive_gym.scenes.static_scene import (
    MultipleChoice,
    OptionBoxes,
    OptionBoxesWithScalesAndTextBox,
    OptionBoxesWithTextBox,
    ScalesAndTextBox,
    TextBox,
)

HOSTILE = """<script>alert("x")</script> & 'so'"""


def items(scene):
    fields = scene.scene(scene_id="page").form().fields
    return {item: (field.kind, field.is_required, field.choices) for item, field in fields.items()}


def test_a_text_box_may_be_left_empty_unless_it_is_required():
    assert items(TextBox().display()) == {"text": ("text", False, ())}
    assert items(TextBox().display(required=True)) == {"text": ("text", True, ())}


def test_options_are_stored_as_they_read_or_by_a_value():
    scene = OptionBoxes().display(options=["Red", "Green"])
    assert items(scene) == {"option": ("choice", True, ("Red", "Green"))}
    scene = OptionBoxesWithTextBox().display(options={"r": "Red", "g": "Green"}, required=False)
    assert items(scene) == {"option": ("choice", False, ("r", "g")), "text": ("text", False, ())}


def test_scales_are_numbers_from_one_under_names_of_ones_own_or_numbered():
    scene = ScalesAndTextBox().display(scale_questions=["Fun?", "Long?"], scale_size=3)
    points = ("choice", True, ("1", "2", "3"))
    assert items(scene) == {"scale_1": points, "scale_2": points, "text": ("text", False, ())}
    assert scene.form().fields["scale_1"].value_of(["2"]) == 2
    scene = OptionBoxesWithScalesAndTextBox().display(
        options=["A", "B"], scale_questions={"fun": "Fun?"}, scale_labels=["No", "Yes"]
    )
    assert list(items(scene)) == ["option", "fun", "text"]


def test_questions_have_choices_of_their_own_or_share_them():
    scene = MultipleChoice().display(
        questions=["One?", "Two?"], choices=[["a", "b"], ["c", "d"]], multi_select=[True, False]
    )
    assert items(scene) == {
        "question_1": ("choices", True, ("a", "b")),
        "question_2": ("choice", True, ("c", "d")),
    }
    scene.display(choices=["yes", "no"], multi_select=False)
    assert {choices for *_, choices in items(scene).values()} == {("yes", "no")}


def test_a_picture_is_an_address_or_a_file_that_is_sent_with_the_page(tmp_path):
    file = tmp_path / "map.png"
    file.write_bytes(b"picture")
    scene = MultipleChoice().display(
        questions=["One?", "Two?", "Three?"],
        choices=["a", "b"],
        images=["https://example.org/a.png", (file, "A map"), None],
    )
    pictures = re.findall(r'<img class="picture" src="(.*?)" alt="(.*?)">', scene.page_html)
    embedded = "data:image/png;base64,cGljdHVyZQ=="
    assert pictures == [("https://example.org/a.png", ""), (embedded, "A map")]


@pytest.mark.parametrize(
    "scene",
    [
        TextBox().display(text_box_header=HOSTILE),
        OptionBoxes().display(options=[HOSTILE, "b"], option_box_header=HOSTILE),
        ScalesAndTextBox().display(
            scale_questions={HOSTILE: HOSTILE},
            scale_labels=[HOSTILE, "b"],
            pre_scale_header=HOSTILE,
        ),
        MultipleChoice().display(
            pre_questions_header=HOSTILE,
            questions={HOSTILE: HOSTILE},
            choices=[HOSTILE, "b"],
            images=[("https://example.org/'\"><script>", HOSTILE)],
        ),
    ],
)
def test_plain_texts_are_shown_as_they_are_written(scene):
    fields = scene.scene(scene_id="page").form().fields
    assert "<script" not in scene.page_html
    names = set(fields) | {c for field in fields.values() for c in field.choices}
    assert names <= {HOSTILE, "b", "text", "option", *map(str, range(1, 8))}


def test_what_is_given_again_replaces_and_what_is_left_out_stays():
    scene = ScalesAndTextBox().display(scale_questions=["Fun?"], scene_header="A")
    scene.display(scale_size=2, scene_body="<p>Read</p>")
    assert scene.page_html.startswith("<p>Read</p>")
    assert items(scene)["scale_1"][2] == ("1", "2")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: OptionBoxes().display(options=["one"]), "options is .*: give a list of at least"),
        (lambda: OptionBoxes().display(options=["a", "a"]), "options is .* each another one"),
        (lambda: OptionBoxes().display(options="ab"), "options is 'ab'"),
        (lambda: OptionBoxes().display(option=["a", "b"]), "unexpected keyword argument 'option'"),
        (lambda: ScalesAndTextBox().display(scale_questions=[]), "scale_questions is"),
        (lambda: ScalesAndTextBox().display(scale_size=12), "scale_size is 12"),
        (lambda: ScalesAndTextBox().display(scale_labels="ab"), "scale_labels is 'ab'"),
        (lambda: TextBox().display(required=1), "required is 1: give True or False"),
        (lambda: MultipleChoice().display(choices=[["a"]]), r"choices\[0\] is"),
        (lambda: MultipleChoice().display(images=["none.png"]), r"images\[0\] is 'none.png'"),
        (lambda: MultipleChoice().display(images=[__file__]), "give a picture"),
        (lambda: MultipleChoice().display(images=[7]), r"images\[0\] is 7"),
    ],
)
def test_an_option_that_cannot_be_used_fails_at_the_call(make, why):
    with pytest.raises((ValueError, TypeError), match=why):
        make()


@pytest.mark.parametrize(
    ("scene", "why"),
    [
        (OptionBoxes(), "options is missing in the scene 'page': give it with .display"),
        (OptionBoxesWithScalesAndTextBox().display(options=["a", "b"]), "scale_questions is miss"),
        (MultipleChoice().display(questions=["One?"]), "choices is missing"),
        (
            ScalesAndTextBox().display(scale_questions=["Fun?"], scale_labels=["a", "b", "c"]),
            "scale_labels has 3 texts in the scene 'page': give two, for the ends, or 7",
        ),
        (
            MultipleChoice().display(questions=["1?", "2?", "3?"], choices=[["a", "b"]] * 2),
            "choices has 2 entries in the scene 'page': give one for each of the 3 questions",
        ),
        (
            MultipleChoice().display(questions=["1?"], choices=["a", "b"], images=[None, None]),
            "images has 2 entries",
        ),
        (
            MultipleChoice().display(questions=["1?"], choices=["a", "b"], multi_select=[True] * 2),
            "multi_select has 2 entries",
        ),
        (
            TextBox().display(scene_body="<input name=text>"),
            "scene_body of the scene 'page' has <textarea> named 'text': another one has its name",
        ),
    ],
)
def test_a_scene_that_is_not_complete_is_named_with_what_is_missing(scene, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        scene.scene(scene_id="page").check()
