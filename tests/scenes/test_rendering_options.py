import pytest

from interactive_gym.scenes.gym_scene import GymScene
from tests.support.game_scenes import SOMEBODY, game


@pytest.fixture
def folder(tmp_path):
    """Images, a hidden file and a folder."""
    for name in ("cook.png", "pot.svg", ".DS_Store"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "more").mkdir()
    return tmp_path


def test_the_browser_is_told_where_images_are_and_which_to_load_first(folder):
    scene = game().rendering(assets_dir=str(folder), assets_to_preload=["pot.svg"])
    assert scene.to_client(SOMEBODY)["assets"] == {
        "base_url": "assets/game/",
        "preload": ["pot.svg"],
    }


def test_a_folder_can_be_taken_back(folder):
    scene = game().rendering(assets_dir=folder).rendering(assets_dir=None)
    assert scene.to_client(SOMEBODY)["assets"] is None


@pytest.mark.parametrize(("given", "sent"), [(250, 250), (0, 0), (None, 0)])
def test_the_picture_eases_into_a_correction_as_long_as_it_should(given, sent):
    assert game().to_client(SOMEBODY)["smoothing_ms"] == 100
    scene = game().rendering(rollback_smoothing_duration=given)
    assert scene.to_client(SOMEBODY)["smoothing_ms"] == sent


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"fps": 0}, "fps is 0"),
        ({"fps": 29.97}, "fps is 29.97"),
        ({"game_width": -1}, "game_width is -1"),
        ({"background": " "}, "background is ' '"),
        ({"rollback_smoothing_duration": 1001}, "rollback_smoothing_duration is 1001"),
        ({"rollback_smoothing_duration": -1}, "rollback_smoothing_duration is -1"),
        ({"rollback_smoothing_duration": False}, "rollback_smoothing_duration is False"),
        ({"assets_dir": "/no/such"}, "assets_dir is '/no/such'"),
        ({"assets_dir": 7}, "assets_dir is '7'"),
        ({"assets_to_preload": ["a.png"]}, "there is no assets_dir"),
        ({"assets_to_preload": "a.png"}, "assets_to_preload is 'a.png'"),
    ],
)
def test_a_picture_that_cannot_be_is_refused(options, named):
    with pytest.raises(ValueError, match=r".*") as caught:
        GymScene().rendering(**options)
    assert named in str(caught.value)


@pytest.mark.parametrize("name", ["dog.png", "../secret.png", ".DS_Store", "more", 7])
def test_only_files_of_the_folder_can_be_preloaded(folder, name):
    with pytest.raises(ValueError, match="assets_to_preload has") as caught:
        GymScene().rendering(assets_dir=folder, assets_to_preload=["cook.png", name])
    assert repr(name) in str(caught.value)


def test_another_folder_must_have_the_images_to_preload_as_well(folder, tmp_path):
    scene = game().rendering(assets_dir=folder, assets_to_preload=["cook.png"])
    with pytest.raises(ValueError, match=r"has 'cook\.png'"):
        scene.rendering(assets_dir=folder / "more")
