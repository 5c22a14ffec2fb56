import re

import pytest

from interactive_gym.scenes.gym_scene import GymScene
from tests.support.game_scenes import SOMEBODY, game


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"scene_header": None}, "scene_header is None"),
        (
            {"scene_body": "a", "scene_body_filepath": "b"},
            "scene_body and scene_body_filepath are both given",
        ),
        ({"scene_body_filepath": "/no/such"}, "scene_body_filepath is '/no/such'"),
        ({"waitroom_timeout": 999}, "waitroom_timeout is 999"),
        ({"waitroom_timeout_redirect_url": "javascript:1"}, "https://"),
        ({"waitroom_timeout_message": ""}, "waitroom_timeout_message is ''"),
    ],
)
def test_a_wrong_option_fails_at_the_call_with_one_sentence(options, named):
    with pytest.raises(ValueError, match=re.escape(named)):
        GymScene().user_experience(**options)


def test_the_page_says_what_was_given_last_as_text_or_as_a_file(tmp_path):
    rules = tmp_path / "rules.html"
    rules.write_text("<p>Über das Netz!</p>", encoding="utf-8")
    scene = game().user_experience(scene_header="A", scene_body="<b>B</b>", in_game_scene_body="C")
    scene.user_experience(scene_header="D", in_game_scene_body_filepath=rules)
    shown = scene.to_client(SOMEBODY)
    assert (shown["header"], shown["body"]) == ("D", "<b>B</b>")
    assert shown["in_game_body"] == "<p>Über das Netz!</p>"


def test_the_end_of_waiting_in_vain_has_the_scenes_own_words_and_way_on():
    scene = game()
    assert scene.waitroom_timeout_redirect_url is None
    assert scene.waitroom_timeout_message
    scene.user_experience(
        waitroom_timeout_redirect_url="https://example.org/exit", waitroom_timeout_message="Sorry!"
    )
    assert scene.waitroom_timeout_redirect_url == "https://example.org/exit"
    assert scene.waitroom_timeout_message == "Sorry!"
    scene.user_experience(waitroom_timeout_redirect_url=None)
    assert scene.waitroom_timeout_redirect_url is None
    assert scene.waitroom_timeout_message == "Sorry!"


@pytest.mark.parametrize("option", ["scene_body", "in_game_scene_body"])
def test_questions_on_the_page_of_a_game_are_refused_as_nobody_would_store_them(option):
    scene = game().user_experience(**{option: "<input name='age'>"})
    with pytest.raises(ValueError, match=f"^{option} of the scene '.*' has <input type='text'>"):
        scene.check()
