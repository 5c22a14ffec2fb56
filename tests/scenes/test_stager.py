import pytest

from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import (
    CompletionCodeScene,
    EndScene,
    StartScene,
    StaticScene,
)


def start(scene_id="start"):
    return StartScene().scene(scene_id=scene_id)


def end(scene_id="end"):
    return EndScene().scene(scene_id=scene_id)


def test_an_experiment_may_end_with_a_completion_code():
    scenes = [start(), CompletionCodeScene().scene(scene_id="code")]
    assert Stager(scenes=scenes).scenes == tuple(scenes)


def page(html, scene_id="page"):
    return StaticScene().scene(scene_id=scene_id).display(scene_body=html)


def test_a_page_may_stand_anywhere_before_the_end_and_ask():
    scenes = [start(), page("<p>Read</p>", "a"), page('<input name="age">', "b"), end()]
    assert Stager(scenes=scenes).scenes == tuple(scenes)


@pytest.mark.parametrize(
    ("scenes", "why"),
    [
        ([], "not empty"),
        ([start(), "end"], "scenes contains 'end'"),
        ([start("a"), end("a")], "scene_id is 'a' for two scenes"),
        ([end()], "begin with a StartScene"),
        ([start(), start("b")], "end with an EndScene"),
        ([start(), end("early"), end()], "'early' before the last place"),
        ([StartScene(), end()], "name the StartScene"),
        ([start().scene(scene_id="a", only_if="idle"), end()], "only_if is given for .*'a'"),
        ([start(), end().scene(scene_id="z", only_if="played")], "only_if is given for .*'z'"),
        ([start(), page("<input>"), end()], "scene_body of the scene 'page' has <input"),
        ([start(), end().display(scene_body="<input name=x>")], "ask it in a scene before"),
        ([start(), GymScene().scene(scene_id="g"), end()], "policy_mapping is missing"),
    ],
)
def test_an_order_nobody_could_go_through_fails_at_once(scenes, why):
    with pytest.raises(ValueError, match=why):
        Stager(scenes=scenes)
