"""An environment that fails in the browser: who reads what, and what is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.product import Product, experiment

pytestmark = pytest.mark.e2e

IN_BROWSERS = "import sys\nif sys.platform == 'emscripten':\n"
"""Begins a block that is carried out in browsers alone, as the server refuses what fails there."""
FAILURES = {
    "pixel rows": (
        "    OneDot.render = lambda self: [[0, 0, 255], [0, 255, 0]]",
        "picture[0] is [0,0,255], not a dict",
    ),
    "an element that comes later": (
        "    whole = OneDot.render\n"
        "    OneDot.render = lambda self: whole(self) + [{'type': 'disc'}] * (self._x != 150)\n",
        'picture[1] has the type "disc": use one of rect, circle',
    ),
    "a step that raises": (
        "    def step(self, actions):\n        return self.nowhere\n    OneDot.step = step",
        "AttributeError: 'OneDot' object has no attribute 'nowhere'",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_the_participant_reads_that_it_is_not_their_fault_and_the_researcher_why(
    participant: ParticipantFactory, tmp_path: Path, name: str
) -> None:
    code, why = FAILURES[name]
    options = {"fps": 30, "input_delay": 0, "more_code": IN_BROWSERS + code}
    person = participant("Ann")
    with experiment("timed_dot.py", tmp_path, **options) as product:
        person.go_to_waitroom(product.url)
        if "later" in name:
            person.wait_for_phase("playing")
            person.hold("ArrowRight")
        person.wait_for_phase("ended", "scene")
        assert "There was a technical problem. It is not your fault." in person.text()
        (event,) = product.wait_for(engine_errors)
        assert why in event["detail"]["message"]
        assert why in product.output
        left = product.wait_for(
            lambda it: [p for p in it.participants if p["event"] == "game_left"]
        )
    assert [line["reason"] for line in left] == ["engine_error"]
    if name == "a step that raises":
        assert 'File "environment.py", line ' in event["detail"]["traceback"]
        assert "return self.nowhere" in product.output


def test_code_that_fails_while_it_is_loaded_is_not_blamed_on_the_connection(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    code = f"{IN_BROWSERS}    __import__('numpy')"
    options = {"fps": 30, "input_delay": 0, "more_code": code}
    person = participant("Ann")
    with experiment("timed_dot.py", tmp_path, **options) as product:
        person.go_to_waitroom(product.url)
        person.wait_for_phase("error")
        text = person.text()
        (line,) = product.wait_for(load_failures)
        (stopped,) = product.wait_for(scenes_stopped)
        log = product.output
    assert "The game does not start" in text and "It is not your fault" in text
    assert "check your internet connection" not in text
    for told in (text, line["reason"], log, stopped["fault"]):
        assert "ModuleNotFoundError: No module named 'numpy'" in told


def load_failures(product: Product) -> list[dict[str, Any]]:
    return [line for line in product.participants if line["event"] == "load_failed"]


def engine_errors(product: Product) -> list[dict[str, Any]]:
    lines = [
        json.loads(line)
        for game in product.games
        for line in (game.folder / "events.jsonl").read_text().splitlines()
    ]
    return [line for line in lines if line["kind"] == "engine_error"]


def scenes_stopped(product: Product) -> list[dict[str, Any]]:
    return [line for line in product.participants if line["event"] == "scene_stopped"]
