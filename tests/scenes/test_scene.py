import pytest

from interactive_gym.scenes.scene import Scene
from tests.support.game_scenes import SOMEBODY


class Page(Scene):
    type = "page"


def test_a_scene_without_an_id_says_how_to_name_it_whenever_it_is_asked_for():
    for ask in (lambda page: page.scene_id, Page.check, lambda page: page.to_client(SOMEBODY)):
        with pytest.raises(ValueError, match=r"name the Page with \.scene\(scene_id=…\)"):
            ask(Page())


def test_a_scene_is_called_what_it_was_called_last():
    page = Page().scene(scene_id="first").scene(scene_id="second")
    page.check()
    assert page.scene_id == "second"


def test_an_id_that_is_no_name_of_a_folder_is_refused_and_the_earlier_one_stays():
    page = Page().scene(scene_id="first")
    with pytest.raises(ValueError, match="scene_id is 'a/b'"):
        page.scene(scene_id="a/b")
    assert page.scene_id == "first"


def test_browsers_get_the_kind_of_page_and_its_texts():
    assert Page().scene(scene_id="welcome").to_client(SOMEBODY) == {
        "scene_id": "welcome",
        "type": "page",
        "header": "",
        "subheader": "",
        "body": "",
    }


def test_a_scene_is_for_everybody_unless_it_says_for_whom():
    page = Page().scene(scene_id="a")
    assert page.only_if is None
    assert page.scene(scene_id="a", only_if="played").only_if == {"played"}
    assert page.scene(scene_id="b").only_if == {"played"}
    assert page.scene(scene_id="b", only_if=None).only_if is None
    with pytest.raises(ValueError, match="only_if has 'gone': give one of played, completed"):
        page.scene(scene_id="a", only_if="gone")
