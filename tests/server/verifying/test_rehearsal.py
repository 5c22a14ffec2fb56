"""Environments are tried before participants come."""

import dataclasses

import pytest

from interactive_gym.server.verifying import rehearsal
from interactive_gym.server.verifying.rehearsal import PlayedBefore, Rehearsal, check_starts
from tests.support.game_scenes import game
from tests.support.served_experiment import ServedExperiment
from tests.support.still_environment import still_environment

FAILS = "\ndef reset(self, seed=None):\n    raise OSError('no level')\nStill.reset = reset\n"


def scene_of(code):
    return game().pyodide(environment_initialization_code=code)


def test_an_environment_that_plays_is_let_pass(tmp_path):
    check_starts([scene_of(still_environment(["left", "right"]))], PlayedBefore(tmp_path))


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (still_environment(["left", "rigth"]), "that no seat controls: \\['rigth'\\]"),
        (still_environment(["left", "right"]) + FAILS, "fails in line .*: OSError: no level"),
        (
            still_environment(["left", "right"]) + "Still.render = lambda self: {}",
            "must return a list of draw commands",
        ),
    ],
)
def test_a_server_does_not_start_with_an_environment_that_fails(code, why, tmp_path):
    with pytest.raises(ValueError, match=f"in the scene 'game' cannot be played: .*{why}"):
        check_starts([scene_of(code)], PlayedBefore(tmp_path))


def test_what_cannot_be_tried_here_is_said(caplog, monkeypatch, tmp_path):
    scene = scene_of("import js\n" + still_environment(["left", "right"]))
    code = dataclasses.replace(scene.game_code(), pyodide_version="0.1")
    monkeypatch.setattr(scene, "game_code", lambda: code)
    check_starts([scene], PlayedBefore(tmp_path))
    assert "could not be tried on this machine (ModuleNotFoundError" in caplog.text


def test_a_game_that_was_played_without_a_fault_is_not_played_again(tmp_path, monkeypatch):
    scene, before = scene_of(still_environment(["left", "right"])), PlayedBefore(tmp_path / "new")
    check_starts([scene], before)
    monkeypatch.setattr(rehearsal, "Rehearsal", None)
    check_starts([scene], before)
    with pytest.raises(TypeError):
        check_starts([scene_of(still_environment(["left", "right"]) + "# changed")], before)


def test_a_game_that_failed_is_played_again(tmp_path):
    scene, before = scene_of(still_environment(["left", "right"]) + FAILS), PlayedBefore(tmp_path)
    for _ in range(2):
        with pytest.raises(ValueError, match="no level"):
            check_starts([scene], before)


def test_a_cache_that_cannot_be_written_keeps_no_server_from_starting(tmp_path):
    (tmp_path / "file").touch()
    check_starts(
        [scene_of(still_environment(["left", "right"]))], PlayedBefore(tmp_path / "file" / "new")
    )


def test_a_rehearsal_can_be_stopped():
    scene = scene_of("import time\ntime.sleep(3600)\nenv = None")
    running = Rehearsal(scene.game_code(), {**scene.game_config(), "seat": 0})
    assert not running.is_over
    running.stop()
    assert running.is_over


def test_a_served_experiment_does_not_start_either(tmp_path):
    with pytest.raises(AssertionError, match="OSError: no level"):
        ServedExperiment(tmp_path, environment=still_environment(["left", "right"]) + FAILS)
