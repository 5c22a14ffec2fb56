import pytest

from interactive_gym.scenes.forms.form_html import form_of, refuse_questions

HERE = "scene_body of the scene 'page'"


def fields(html):
    return form_of(html, HERE).fields


def test_every_named_input_is_a_question_in_the_order_of_the_page():
    found = fields(
        """<label>Age <input type="number" name="age" min="18" required></label>
        <select name="hand"><option value="">–<option>left<option>right</select>
        <fieldset><legend>Games</legend>
          <label><input type="checkbox" name="games" value="chess"> Chess</label>
          <label><input type="checkbox" name="games" value="go"> Go</label>
        </fieldset>
        <label><input type="checkbox" name="agreed" required> I agree</label>
        <label><input type="radio" name="mood" value="1"> bad</label>
        <label><input type="radio" name="mood" value="2"> good</label>
        <textarea name="words" maxlength="200"></textarea>"""
    )
    assert [(item, field.kind, field.is_required) for item, field in found.items()] == [
        ("age", "number", True),
        ("hand", "choice", False),
        ("games", "choices", False),
        ("agreed", "tick", True),
        ("mood", "choice", False),
        ("words", "text", False),
    ]
    assert found["hand"].choices == ("", "left", "right")
    assert (found["age"].minimum, found["age"].step, found["words"].max_length) == (18, 1, 200)


def test_what_a_browser_does_not_send_is_no_question():
    html = """<button>Go</button><input type="submit" value="Go">
        <template><input name="a"></template>
        <input name="b" disabled><fieldset disabled><input name="c"></fieldset>
        <!-- <input name="d"> --><p title="<input name='e'>">"""
    assert fields(html) == {}


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<input>", "its answer would be lost: give it a name"),
        (f"<input name={'x' * 101}>", "give it a name"),
        ("<input type=file name=cv>", "<input type='file'> named 'cv': files cannot be stored"),
        ("<input type=hidden name=arm>", "leave it out"),
        ("<button name=choice value=1>One</button>", "use radio buttons"),
        ("<input name=a><input name=a>", "give each question its own"),
        ("<input name=a type=radio><input name=a type=checkbox>", "give each question its own"),
        ("<input type=radio name=a value=1><input type=radio name=a value=1>", "have one value"),
        ("<input type=number name=a min=ten>", "its min is 'ten': give a number"),
        ("<input type=number name=a step=0>", "its step is '0'"),
        ("<input name=a pattern='['>", "its pattern is '['"),
        ("<input name=a maxlength=-1>", "its maxlength is '-1'"),
        ("<input name=a maxlength=20000>", "whole number up to 10000"),
    ],
)
def test_a_question_whose_answer_could_not_be_kept_is_refused_in_one_sentence(html, why):
    with pytest.raises(ValueError, match=HERE) as refusal:
        form_of(html, HERE)
    assert why in str(refusal.value)


def test_questions_are_refused_where_nobody_stores_answers():
    refuse_questions("<p>No question</p><button>Nothing</button>", HERE, "ask it elsewhere.")
    with pytest.raises(ValueError, match="<textarea> named 'x': ask it elsewhere"):
        refuse_questions("<textarea name=x></textarea>", HERE, "ask it elsewhere.")


def test_the_digest_changes_with_what_is_read_and_with_nothing_else():
    def wording(html):
        return fields(html)["a"].wording

    label = "<label>How old? <input type=number name=a max=120></label>"
    assert wording(label) == wording(f"<h2>Other words</h2><div class=x>{label}</div>")
    others = [
        label.replace("How old", "What age"),
        label.replace("120", "99"),
        label.replace("number", "range"),
        label.replace("name=a", "name=a required"),
    ]
    assert len({wording(label), *map(wording, others)}) == 5
    choices = "<fieldset><legend>L</legend><label><input type=radio name=a value=1>one</label>"
    assert wording(choices) != wording(choices.replace("one", "two"))
    assert wording(choices) != wording(choices.replace("L", "M"))
