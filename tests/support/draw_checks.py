"""Checks of the examples' pictures: draw commands against the protocol, and colours' contrast."""

import re
from typing import Any

NUMBER = (int, float)
POINTS = "points"
COMMAND_FIELDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "rect": ({"x": NUMBER, "y": NUMBER, "width": NUMBER, "height": NUMBER}, {"radius": NUMBER}),
    "circle": ({"x": NUMBER, "y": NUMBER, "radius": NUMBER}, {}),
    "ellipse": ({"x": NUMBER, "y": NUMBER, "radius_x": NUMBER, "radius_y": NUMBER}, {}),
    "arc": ({"x": NUMBER, "y": NUMBER, "radius": NUMBER, "start": NUMBER, "end": NUMBER}, {}),
    "line": ({POINTS: list, "width": NUMBER}, {}),
    "polygon": ({POINTS: list}, {}),
    "text": (
        {"x": NUMBER, "y": NUMBER, "text": str, "size": NUMBER},
        {"align": str, "weight": str},
    ),
}
FILLED = {"rect", "circle", "ellipse", "arc", "polygon"}
COLOR = re.compile(r"#[0-9a-f]{6}")


def assert_conforms(command: dict[str, Any]) -> None:
    """Check one draw command against section 6 of the protocol."""
    kind = command["type"]
    required, optional = COMMAND_FIELDS[kind]
    required = {**required, "type": str, "color": str}
    optional = {**optional, "id": str, "alpha": NUMBER}
    if kind in FILLED:
        optional |= {"stroke": str, "stroke_width": NUMBER}
    assert required.keys() <= command.keys() <= required.keys() | optional.keys()
    for field, value in command.items():
        assert isinstance(value, (required | optional)[field]), (kind, field, value)
        if isinstance(value, float) and field not in ("start", "end"):
            assert round(value, 2) == value
    assert 0 <= command.get("alpha", 1) <= 1
    assert all(COLOR.fullmatch(command[name]) for name in ("color", "stroke") if name in command)
    assert command.get("align", "left") in ("left", "center", "right")
    for point in command.get(POINTS, []):
        assert len(point) == 2
        assert all(isinstance(number, NUMBER) and round(number, 2) == number for number in point)


def contrast(color: str, other: str) -> float:
    """The contrast ratio of two opaque colours, as WCAG 2 defines it."""

    def luminance(color: str) -> float:
        channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(color), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
