"""The examples of `docs/environments.md` are run as they stand there."""

import re
from pathlib import Path
from typing import Any

import pytest

from interactive_gym import cli
from interactive_gym.packages.platform import BrowserPlatform
from interactive_gym.scenes.gym_scene import GymScene
from tests.support.paths import BROKEN, DOCS

TEXT = (DOCS / "environments.md").read_text("utf-8")


def test_the_options_of_scenes_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("environment.py").write_text("env = None")
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        game = GymScene().scene(scene_id="game")
        exec(block, {"game": game})
    assert game.packages_to_install == ("numpy",)
    assert game.pyodide_index_url


def test_the_output_of_check_env_is_as_shown(capsys: Any):
    (shown,) = re.findall(r"```\n(ok .*?)```", TEXT, re.DOTALL)
    assert cli.main(["check-env", f"{BROKEN}:UnsavedAttribute"]) == 1
    printed = capsys.readouterr().out

    def lines(text: str) -> list[str]:
        return [re.sub(r"\d+\.\d\d", "…", line) for line in text.splitlines()]

    assert lines(printed) == lines(shown)


def test_the_platform_is_the_one_that_is_served():
    platform = BrowserPlatform.vendored()
    assert f"`{platform.platform_tag}`, for Python {platform.python_version}." in TEXT
    assert set(re.findall(r"Pyodide (3\d\d\.\d+\.\d+)", TEXT)) == {platform.pyodide_version}
