import json
import re
from typing import Any

import pytest

from interactive_gym.netcode.draw_commands import (
    OPTIONAL,
    REQUIRED,
    rules,
    wrong_with,
)
from tests.support.paths import DOCS

PROTOCOL = DOCS / "protocol.md"
CIRCLE: dict[str, Any] = {"type": "circle", "x": 1, "y": 2, "radius": 3, "color": "red"}
STROKE = {"stroke", "stroke_width"}


def test_the_fields_are_those_of_the_protocol() -> None:
    section = PROTOCOL.read_text(encoding="utf-8").split("## 6. Draw commands")[1]
    described = {}
    for kind, fields in re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE):
        plain = re.sub(r"\([^)]*\)", "", fields)
        described[kind] = [
            set(re.findall(r"`(\w+)`", part)) for part in (*plain.split("optional"), "")[:2]
        ]
    assert described == {
        kind: [set(REQUIRED[kind]), set(OPTIONAL[kind]) - STROKE] for kind in REQUIRED
    }
    filled = {kind for kind in OPTIONAL if set(OPTIONAL[kind]) >= STROKE}
    assert filled == {"rect", "circle", "ellipse", "arc", "polygon"}


@pytest.mark.parametrize(
    "command",
    [
        {**CIRCLE, "id": "ball", "alpha": 0.5, "stroke": "blue", "stroke_width": 2},
        {"type": "line", "points": [[0, 0], (1.5, 2)], "width": 1, "color": "#fff"},
        {"type": "text", "x": 0, "y": 0, "text": "", "size": 9, "color": "red", "align": "center"},
        {"type": "image", "x": 0, "y": 0, "width": 8, "height": 8, "asset": "cook.png"}
        | {"source": [0, 0, 8, 8], "flip": True, "smooth": False},
    ],
)
def test_what_the_protocol_allows_passes(command: dict[str, Any]) -> None:
    assert wrong_with([command]) is None


@pytest.mark.parametrize(
    ("picture", "text"),
    [
        ((CIRCLE,), "returns tuple, not a list"),
        ([["circle"]], "picture[0] is list, not a dict"),
        ([CIRCLE, {**CIRCLE, "alpha": 2}], "picture[1] (circle) has alpha = 2, not a number from"),
        ([{**CIRCLE, "radius": -1}], "has radius = -1, not a finite number that is not negative"),
        ([{**CIRCLE, "x": True}], "has x = True, not a finite number"),
        ([{**CIRCLE, "color": ""}], "has color = '', not text that is not empty"),
        ([{**CIRCLE, "id": 3}], "has id = 3"),
        ([{key: CIRCLE[key] for key in ("type", "x", "y", "color")}], "lacks radius"),
        ([{"type": "line", "points": [[0]], "width": 1, "color": "red"}], "not a list of [x, y]"),
    ],
)
def test_what_it_does_not_allow_is_told(picture: Any, text: str) -> None:
    assert text in str(wrong_with(picture))


def test_the_rules_of_browsers_are_these() -> None:
    told = json.loads(json.dumps(rules()))
    assert set(told["kinds"]) == set(REQUIRED)
    for kind, rule in told["kinds"].items():
        assert set(rule["required"]) == set(REQUIRED[kind])
        assert set(rule["fields"]) == {*REQUIRED[kind], *OPTIONAL[kind], "id", "alpha"}
        assert set(rule["fields"].values()) <= set(told["what"])
    assert told["what"][told["kinds"]["circle"]["fields"]["radius"]].endswith("not negative")
