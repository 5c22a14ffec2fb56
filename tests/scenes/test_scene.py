import pytest

from interactive_gym.scenes.scene import RandomizeOrder, RepeatScene, Scene, SceneWrapper
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


def pages(*ids):
    return [Page().scene(scene_id=scene_id) for scene_id in ids]


def test_what_is_wrapped_stays_in_its_order():
    scenes = pages("a", "b")
    wrapper = SceneWrapper(scenes)
    assert wrapper.unfolded() == tuple(scenes)
    assert wrapper.ordered([3, 1, 2], "s1", "") == [3, 1, 2]


def test_an_order_is_drawn_for_each_participant_and_stays():
    wrapper = RandomizeOrder(pages("a", "b", "c"))
    orders = [tuple(wrapper.ordered("abc", f"s{number}", "/1")) for number in range(600)]
    assert orders == [tuple(wrapper.ordered("abc", f"s{number}", "/1")) for number in range(600)]
    assert len(set(orders)) == 6
    assert all(60 < orders.count(order) < 140 for order in set(orders))


def test_another_seed_or_place_draws_another_order():
    people = [f"s{number}" for number in range(50)]

    def drawn(seed, place):
        wrapper = RandomizeOrder(pages("a", "b", "c"), seed=seed)
        return [tuple(wrapper.ordered("abc", who, place)) for who in people]

    assert drawn(0, "/1") != drawn(1, "/1") and drawn(0, "/1") != drawn(0, "/2")


def test_of_some_scenes_only_as_many_are_kept_as_wanted():
    wrapper = RandomizeOrder(pages("a", "b", "c"), keep_n=2)
    kept = [wrapper.ordered("abc", f"s{number}", "") for number in range(50)]
    assert all(len(set(each)) == 2 for each in kept)
    assert {letter for each in kept for letter in each} == set("abc")


def test_repeated_scenes_are_numbered_and_leave_the_original_as_it_is():
    (trial,) = pages("trial")
    first, second = RepeatScene(trial, n=2).unfolded()
    assert (first.scene_id, second.scene_id, trial.scene_id) == ("trial_1", "trial_2", "trial")
    mixed = RepeatScene([RandomizeOrder(pages("a", "b"), keep_n=1)], n=2).unfolded()
    assert [[scene.scene_id for scene in each.scenes] for each in mixed] == [
        *(["a_1", "b_1"], ["a_2", "b_2"]),
    ]
    assert [each.keep_n for each in mixed] == [1, 1]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: SceneWrapper([]), "not empty"),
        (lambda: SceneWrapper(["a"]), "scenes contains 'a'"),
        (lambda: RandomizeOrder(pages("a"), keep_n=2), "keep_n is 2"),
        (lambda: RandomizeOrder(pages("a"), seed="x"), "seed is 'x'"),
        (lambda: RepeatScene(pages("a"), n=0), "n is 0"),
    ],
)
def test_what_cannot_be_wrapped_is_refused(make, why):
    with pytest.raises(ValueError, match=why):
        make()
