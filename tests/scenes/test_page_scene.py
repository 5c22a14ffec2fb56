import pytest

from interactive_gym.scenes.static_scene import StartScene, StaticScene
from interactive_gym.server.participants.registry import Participant

WALK_IN = Participant(subject_id="s2", recruitment_id=None, completion_code="OWN2")


def test_a_page_shows_what_display_was_given_last(tmp_path):
    body = tmp_path / "body.html"
    body.write_text("<p>Hello</p>", encoding="utf-8")
    scene = StartScene().scene(scene_id="start").display(scene_header="A", scene_subheader="B")
    scene.display(scene_header="C", scene_body_filepath=body)
    assert scene.to_client(WALK_IN) == {
        "scene_id": "start",
        "type": "start",
        "header": "C",
        "subheader": "B",
        "body": "<p>Hello</p>",
    }


def test_the_questions_of_a_page_are_those_of_its_html():
    page = StaticScene().scene(scene_id="page").display(scene_body='<input name="age" required>')
    assert list(page.form().fields) == ["age"]
    assert page.judge({"age": "9"}, tries=1).stays is False
    assert page.declined() is None and page.farewell() == {}


def test_a_page_whose_answer_would_be_lost_is_refused():
    page = StaticScene().scene(scene_id="page").display(scene_body="<input type=text>")
    with pytest.raises(ValueError, match="scene_body of the scene 'page'"):
        page.check()


def test_a_try_is_counted_once_whatever_the_page_has_seen():
    page = StaticScene().scene(scene_id="page")
    assert [page.counted(0, 1), page.counted(1, 1), page.counted(1, 4)] == [1, 2, 4]
