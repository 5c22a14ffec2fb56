"""Environments are tried before participants come."""

import dataclasses

import pytest

from interactive_gym.server.verifying.rehearsal import Rehearsal, check_starts
from tests.support.game_scenes import game
from tests.support.served_experiment import ServedExperiment
from tests.support.still_environment import still_environment

FAILS = "\ndef reset(self, seed=None):\n    raise OSError('no level')\nStill.reset = reset\n"


def scene_of(code):
    return game().pyodide(environment_initialization_code=code)


def test_an_environment_that_plays_is_let_pass():
    check_starts([scene_of(still_environment(["left", "right"]))])


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
def test_a_server_does_not_start_with_an_environment_that_fails(code, why):
    with pytest.raises(ValueError, match=f"in the scene 'game' cannot be played: .*{why}"):
        check_starts([scene_of(code)])


def test_what_cannot_be_tried_here_is_said(caplog, monkeypatch):
    scene = scene_of("import js\n" + still_environment(["left", "right"]))
    code = dataclasses.replace(scene.game_code(), pyodide_version="0.1")
    monkeypatch.setattr(scene, "game_code", lambda: code)
    check_starts([scene])
    assert "could not be tried on this machine (ModuleNotFoundError" in caplog.text


def test_a_rehearsal_can_be_stopped():
    scene = scene_of("import time\ntime.sleep(3600)\nenv = None")
    rehearsal = Rehearsal(scene.game_code(), {**scene.game_config(), "seat": 0})
    assert not rehearsal.is_over
    rehearsal.stop()
    assert rehearsal.is_over


def test_a_served_experiment_does_not_start_either(tmp_path):
    with pytest.raises(AssertionError, match="OSError: no level"):
        ServedExperiment(tmp_path, environment=still_environment(["left", "right"]) + FAILS)
