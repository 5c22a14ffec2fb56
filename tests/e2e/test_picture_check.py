"""Pages check what environments draw as `interactive_gym.netcode.draw_commands` does."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from interactive_gym.examples.kitchen.environment import Kitchen
from interactive_gym.examples.slime_volleyball.environment import SlimeVolleyball
from interactive_gym.netcode.draw_commands import REQUIRED, rules, wrong_with
from tests.support.e2e.module_page import run

pytestmark = pytest.mark.e2e

CHECK = """
    return arg.pictures.map((picture) => {
      try { m.checkPicture(picture, arg.rules); } catch ({ message }) { return message; }
      return null;
    });
"""
VALUES = [None, True, -1, 0, 0.5, 2, "", " ", "red", "left", [], [1, 2], [[1, 2]], [[1]]]
VALUES += ["indexed", "png", "AAA=", "A" * 16, [[0, 0, 256]], [[0, 0, 0]]]
VALUES += [[0, 0, 8, 8], [0, 0, -8, 8], {}, [[1, 2], [3, None]]]
RIGHT = {
    "number": 3.5,
    "size": 2,
    "points": [[1, 2], [3, 4]],
    "filled": "red",
    "text": "",
    "share": 1,
    "align": "center",
    "weight": 700,
    "flag": False,
    "source": [0, 0, 8, 8],
    "count": 2,
    "encoding": "rgb",
    "base64": "A" * 16,
    "palette": [[0, 0, 0], [255, 128, 0]],
}


def told(page: Page, pictures: list[Any]) -> list[str | None]:
    argument = {"pictures": pictures, "rules": rules()}
    return run(page, "engine/picture_check.js", CHECK, argument)


def command(kind: str) -> dict[str, Any]:
    fields = rules()["kinds"][kind]["fields"]
    return {"type": kind, **{name: RIGHT[fields[name]] for name in REQUIRED[kind]}}


def test_a_page_finds_wrong_what_python_finds_wrong_and_nothing_else(page: Page) -> None:
    pictures: list[Any] = [[], [7], [None], ["circle"], [["circle"]], [{}], [{"type": "disc"}]]
    for kind, rule in rules()["kinds"].items():
        right = command(kind)
        pictures += [[right], [{**right, "id": "a"}, {**right, "id": "a"}]]
        pictures += [[right, {**right, "colour": "red"}]]
        pictures += [
            [right, {key: value for key, value in right.items() if key != name}]
            for name in rule["required"]
        ]
        pictures += [[right, {**right, name: v}] for name in rule["fields"] for v in VALUES]
    found = told(page, pictures)
    differing = [
        (picture, there, here)
        for picture, there in zip(pictures, found, strict=True)
        if (there is None) != ((here := wrong_with(json.loads(json.dumps(picture)))) is None)
    ]
    assert differing == []
    assert 100 < sum(it is None for it in found) < len(found) - 500


def test_the_first_wrong_element_is_named_with_its_place_its_kind_and_the_page(page: Page) -> None:
    right = command("circle")
    (said,) = told(page, [[right, {**right, "radius": -1}, 7]])
    assert said == (
        "render() draws what no page can (docs/protocol.md §6): picture[1] (circle) has "
        "radius = -1, not a finite number that is not negative."
    )
    (pixels,) = told(page, [[[0, 0, 255], [0, 255, 0]]])
    assert "picture[0] is [0,0,255], not a dict" in str(pixels)


@pytest.mark.parametrize("make", [SlimeVolleyball, Kitchen])
def test_the_examples_draw_what_pages_can(page: Page, make: Any) -> None:
    env = make()
    env.reset(seed=1)
    assert told(page, [env.render()]) == [None]
