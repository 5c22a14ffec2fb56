from pathlib import Path

import pytest

from interactive_gym.packages.package import BrowserPackage
from interactive_gym.scenes.gym_scene import GymScene
from tests.support.game_scenes import SOMEBODY, game


def test_the_environment_digest_follows_the_environment_code():
    scene = game()
    before = scene.environment_digest
    assert scene.environment_digest == before
    assert scene.pyodide(environment_initialization_code="env = 1").environment_digest != before


def test_the_environment_can_be_read_from_a_file(tmp_path):
    path = tmp_path / "environment.py"
    path.write_text("env = 'ä'", encoding="utf-8")
    scene = game().pyodide(environment_initialization_code_filepath=path)
    assert scene.to_client(SOMEBODY)["environment"]["code"] == "env = 'ä'"


def test_the_served_packages_are_part_of_the_environment_and_of_its_digest():
    scene = game().pyodide(packages_to_install=["msgpack==1.1.2"])
    assert scene.packages_to_install == ("msgpack==1.1.2",)
    before = scene.environment_digest
    wheel = Path("msgpack-1.1.2-py3-none-any.whl")
    scene.serve_packages([BrowserPackage("msgpack", "1.1.2", "ab12", wheel)])
    environment = scene.to_client(SOMEBODY)["environment"]
    assert environment["packages"] == ["packages/ab12/msgpack-1.1.2-py3-none-any.whl"]
    assert environment["digest"] == scene.environment_digest != before
    assert scene.pyodide(packages_to_install=["attrs"]).packages == ()


def test_the_index_of_pyodide_packages_can_be_named_and_taken_back():
    scene = game().pyodide(pyodide_index_url="https://lab.example/pyodide/")
    assert scene.pyodide_index_url == "https://lab.example/pyodide/"
    assert scene.pyodide(pyodide_index_url=None).pyodide_index_url is None


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"run_through_pyodide": False}, "run_through_pyodide is False"),
        ({"multiplayer": 1}, "multiplayer is 1"),
        ({"input_delay": 9}, "input_delay is 9"),
        ({"input_delay": "some"}, 'or "auto"'),
        ({"latency": "same"}, "latency is 'same'"),
        ({"latency": 120}, "latency is 120"),
        ({"target_ms": -1}, "target_ms is -1"),
        ({"environment_initialization_code": "env ="}, "not valid Python"),
        ({"packages_to_install": "msgpack"}, "packages_to_install is 'msgpack'"),
        ({"packages_to_install": ["a b"]}, "packages_to_install has 'a b'"),
        ({"pyodide_index_url": "lab/pyodide"}, "pyodide_index_url is 'lab/pyodide'"),
    ],
)
def test_options_of_which_browsers_can_make_nothing_are_refused(options, named):
    with pytest.raises(ValueError, match=r".*") as caught:
        GymScene().pyodide(**options)
    assert named in str(caught.value)


def test_code_that_imports_what_browsers_lack_is_refused_with_the_cure():
    scene = (
        GymScene().scene(scene_id="sums").pyodide(environment_initialization_code="import numpy")
    )
    with pytest.raises(ValueError, match=r"in the scene 'sums' does not run in browsers: it imp"):
        scene.check_imports()
    scene.pyodide(environment_initialization_code="import math")
    scene.check_imports()
