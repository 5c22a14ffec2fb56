import base64

import pytest

from interactive_gym.scenes.forms.options import choices, named_texts, picture, texts


def test_texts_are_named_by_the_script_or_by_their_number():
    assert texts("questions", ["a", "b"]) == ["a", "b"]
    assert named_texts("questions", ["How?", "Why?"], "q") == {"q_1": "How?", "q_2": "Why?"}
    assert named_texts("questions", {"how": "How?"}, "q") == {"how": "How?"}


def test_choices_are_their_own_texts_unless_those_are_given():
    assert choices("options", ["Yes", "No"]) == {"Yes": "Yes", "No": "No"}
    assert choices("options", {"1": "Yes", "0": "No"}) == {"1": "Yes", "0": "No"}


@pytest.mark.parametrize("value", [["Yes"], ["Yes", "Yes"], {"1": "Yes"}, "Yes", [" ", "No"], None])
def test_what_leaves_no_choice_is_refused_with_the_name_of_the_option(value):
    with pytest.raises(ValueError, match="options"):
        choices("options", value)


@pytest.mark.parametrize("value", [[], "text", [3], {"": "How?"}, {"how": ""}])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(ValueError, match="questions"):
        named_texts("questions", value, "q")


def test_a_picture_is_an_address_or_sent_with_the_page(tmp_path):
    file = tmp_path / "star.png"
    file.write_bytes(b"png")
    assert picture("images", None) == ""
    address = picture("images", ("https://example.org/a.png?b&c", 'A "star"'))
    assert address == (
        '<img class="picture" src="https://example.org/a.png?b&amp;c" alt="A &quot;star&quot;">'
    )
    assert base64.b64encode(b"png").decode() in picture("images", file)


@pytest.mark.parametrize("name", ["missing.png", "text.txt"])
def test_a_file_that_is_no_picture_is_refused_at_the_start(tmp_path, name):
    (tmp_path / "text.txt").write_text("text")
    with pytest.raises(ValueError, match="images is "):
        picture("images", tmp_path / name)
    with pytest.raises(ValueError, match="images is 3"):
        picture("images", 3)
