import pytest

from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.scene import RandomizeOrder, RepeatScene, SceneWrapper
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


def test_wrappers_are_unfolded_and_every_participant_has_a_way_of_their_own():
    inner = SceneWrapper([page("<p>", "a"), page("<p>", "b")])
    scenes = [start(), RandomizeOrder([inner, page("<p>", "c")]), RepeatScene(play(), 2), end()]
    stager = Stager(scenes=scenes)
    ids = [scene.scene_id for scene in stager.scenes]
    assert ids == ["start", "a", "b", "c", "play_1", "play_2", "end"]
    assert [game.scene_id for game in stager.gym_scenes] == ["play_1", "play_2"]
    routes = {stager.route(f"s{number}") for number in range(50)}
    assert routes == {(0, 1, 2, 3, 4, 5, 6), (0, 3, 1, 2, 4, 5, 6)}


def test_each_repetition_draws_an_order_of_its_own():
    order = RandomizeOrder([page("<p>", "a"), page("<p>", "b")], keep_n=1)
    stager = Stager(scenes=[start(), RepeatScene([order], 2), end()])
    assert {stager.route(f"s{number}") for number in range(50)} == {
        *((0, 1, 3, 5), (0, 1, 4, 5), (0, 2, 3, 5), (0, 2, 4, 5)),
    }


@pytest.mark.parametrize("at", [0, -1])
def test_a_study_begins_and_ends_with_the_same_page_for_all(at):
    scenes = [start(), page("<p>", "a"), end()]
    scenes[at] = SceneWrapper([scenes[at]])
    with pytest.raises(ValueError, match=r"(begin with a Start|end with an End)Scene"):
        Stager(scenes=scenes)


def play():
    mapping = {"left": "human", "right": "human"}
    scene = GymScene().scene(scene_id="play").policies(policy_mapping=mapping)
    scene.gameplay(default_action=0, action_mapping={"a": 1})
    return scene.pyodide(environment_initialization_code="env = None")
