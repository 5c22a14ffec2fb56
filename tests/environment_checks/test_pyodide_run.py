import shutil
from pathlib import Path

import pytest

from interactive_gym.environment_checks import pyodide_run
from interactive_gym.environment_checks.pyodide_run import PyodideRunner
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.environment_checks.running.trial import Trial
from tests.support.environment_trials import trial_of
from tests.support.paths import BROKEN
from tests.support.wheels import make_wheel

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
TRIAL = Trial(("left", "right"), (0, 1, 2), frames=30)


@needs_node
def test_the_cost_is_measured_with_the_files_that_the_environment_imports(tmp_path: Path) -> None:
    beside = tmp_path / "physics_of_the_game.py"
    beside.write_text("SPEED = 2\n", encoding="utf-8")
    file = tmp_path / "environment.py"
    code = BROKEN.read_text(encoding="utf-8").replace("import os", "import os, physics_of_the_game")
    file.write_text(code, encoding="utf-8")
    cost = PyodideRunner()(EnvironmentSource(f"{file}:Sound"), TRIAL, [beside])
    assert cost.step.p50_ms > 0
    with pytest.raises(ValueError, match="No module named 'physics_of_the_game'"):
        PyodideRunner()(EnvironmentSource(f"{file}:Sound"), TRIAL, [])


@needs_node
def test_an_environment_of_a_module_is_measured_with_its_package() -> None:
    source = EnvironmentSource("interactive_gym.examples.kitchen.environment:Kitchen")
    trial = Trial(("blue", "orange"), (0, 1, 2), frames=30)
    file = Path(source.load().namespace["__file__"])
    assert PyodideRunner()(source, trial, [file]).render.p50_ms > 0


@needs_node
def test_wheels_are_installed_before_the_environment_is_loaded(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "tides")
    file = tmp_path / "environment.py"
    code = BROKEN.read_text(encoding="utf-8").replace("import os", "import os, tides")
    file.write_text(code, encoding="utf-8")
    assert PyodideRunner([wheel])(EnvironmentSource(f"{file}:Sound"), TRIAL, []).step.p50_ms > 0


def test_without_node_there_is_no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match="node is not on PATH: install it first"):
        PyodideRunner()


def test_without_pyodide_there_is_no_runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/node")
    monkeypatch.setattr(pyodide_run, "PYODIDE_FOLDER", tmp_path)
    with pytest.raises(ValueError, match="which is missing: install the package again"):
        PyodideRunner()


def test_a_node_that_says_nothing_is_told_with_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\nexit 3\n")
    node.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(node))
    monkeypatch.setattr(pyodide_run, "PYODIDE_FOLDER", tmp_path)
    (tmp_path / "pyodide.mjs").write_text("")
    with (
        trial_of("Sound") as (source, trial),
        pytest.raises(ValueError, match="ended with status 3 and without a word"),
    ):
        PyodideRunner()(source, trial, [])
