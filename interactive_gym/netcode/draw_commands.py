"""Checks draw commands against docs/protocol.md §6: their types, fields and values.

A browser draws what it does not know as nothing, and nobody would notice. So every picture is
checked where it is made, by `rules`, and ``interactive-gym check-env`` checks those that it sees.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from interactive_gym.netcode import strict_json
from interactive_gym.netcode.pixels import wrong_with_pixels

Check = Callable[[Any], bool]


def _number(value: Any) -> bool:
    plain = value.item() if hasattr(value, "item") else value
    return not isinstance(plain, bool) and isinstance(plain, (int, float)) and math.isfinite(plain)


def _size(value: Any) -> bool:
    return _number(value) and value >= 0


def _share(value: Any) -> bool:
    return _number(value) and 0 <= value <= 1


def _points(value: Any) -> bool:
    return _sequence(value) and all(
        _sequence(point) and len(point) == 2 and all(map(_number, point)) for point in value
    )


def _source(value: Any) -> bool:
    return _sequence(value) and len(value) == 4 and all(map(_size, value))


def _sequence(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or hasattr(value, "tolist")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _align(value: Any) -> bool:
    return value in ("left", "center", "right")


def _weight(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return _number(value) and value >= 1 and value == int(value)


def _encoding(value: Any) -> bool:
    return isinstance(value, str) and value in ("rgb", "rgba", "indexed", "png")


def _base64(value: Any) -> bool:
    return isinstance(value, str) and len(value) > 0 and len(value) % 4 == 0


def _palette(value: Any) -> bool:
    return (
        _sequence(value)
        and 1 <= len(value) <= 256
        and all(_sequence(color) and len(color) == 3 and all(map(_byte, color)) for color in value)
    )


def _byte(value: Any) -> bool:
    return _number(value) and 0 <= value <= 255 and value == int(value)


_WHAT: dict[Check, str] = {
    _number: "a finite number",
    _size: "a finite number that is not negative",
    _share: "a number from 0 to 1",
    _points: "a list of [x, y]",
    _source: "[x, y, width, height]",
    _text: "text",
    _filled: "text that is not empty",
    _flag: "True or False",
    _align: "left, center or right",
    _weight: "a CSS font weight",
    _count: "a whole number from 1 up",
    _encoding: "rgb, rgba, indexed or png",
    _base64: "bytes in base64",
    _palette: "a list of 1 to 256 [red, green, blue], each from 0 to 255",
}
"""What a field must be, by its check."""

_PLACE: dict[str, Check] = {"x": _number, "y": _number}
_BOX: dict[str, Check] = {**_PLACE, "width": _size, "height": _size}
_COLOR: dict[str, Check] = {"color": _filled}

REQUIRED: dict[str, dict[str, Check]] = {
    "rect": {**_BOX, **_COLOR},
    "circle": {**_PLACE, "radius": _size, **_COLOR},
    "ellipse": {**_PLACE, "radius_x": _size, "radius_y": _size, **_COLOR},
    "arc": {**_PLACE, "radius": _size, "start": _number, "end": _number, **_COLOR},
    "line": {"points": _points, "width": _size, **_COLOR},
    "polygon": {"points": _points, **_COLOR},
    "text": {**_PLACE, "text": _text, "size": _size, **_COLOR},
    "image": {**_BOX, "asset": _filled},
    "pixels": {"columns": _count, "rows": _count, "data": _base64},
}
"""The fields that each type of command must have."""

_ANYWHERE: dict[str, Check] = {"id": _filled, "alpha": _share}
_STROKE: dict[str, Check] = {"stroke": _filled, "stroke_width": _size}

OPTIONAL: dict[str, dict[str, Check]] = {
    "rect": {"radius": _size, **_STROKE},
    "circle": _STROKE,
    "ellipse": _STROKE,
    "arc": _STROKE,
    "line": {},
    "polygon": _STROKE,
    "text": {"align": _align, "weight": _weight},
    "image": {"source": _source, "flip": _flag, "smooth": _flag},
    "pixels": {**_BOX, "encoding": _encoding, "palette": _palette, "smooth": _flag},
}
"""The fields that each type may have, beside ``id`` and ``alpha``."""


def rules() -> dict[str, Any]:
    """The rules in a form that browsers check every picture by, where Python would take too long.

    Returns:
        ``what``, for every name of a check what a field must be, and ``kinds``, for every type of
        command the fields that it must have (``required``) and the check of each (``fields``).
    """
    return {
        "what": {_name(check): what for check, what in _WHAT.items()},
        "kinds": {
            kind: {
                "required": list(required),
                "fields": {
                    name: _name(check)
                    for name, check in {**required, **OPTIONAL[kind], **_ANYWHERE}.items()
                },
            }
            for kind, required in REQUIRED.items()
        },
    }


def _name(check: Check) -> str:
    return check.__name__.lstrip("_")


def wrong_with(picture: Any) -> str | None:
    """What is wrong with a picture, as a sentence without its full stop; None if nothing is."""
    if not isinstance(picture, list):
        return f"render() returns {type(picture).__name__}, not a list of draw commands"
    ids: dict[Any, int] = {}
    for number, command in enumerate(picture):
        found = _wrong_with_command(command)
        if found:
            return f"picture[{number}] {found}"
        identity = command.get("id")
        if identity is not None:
            if identity in ids:
                return f"picture[{number}] has the id {identity!r}, as picture[{ids[identity]}] has"
            ids[identity] = number
    return None


def _wrong_with_command(command: Any) -> str | None:
    if not isinstance(command, Mapping):
        return f"is {type(command).__name__}, not a dict"
    kind = command.get("type")
    if kind not in REQUIRED:
        return f"has the type {kind!r}: use one of {', '.join(REQUIRED)}"
    missing = [name for name in REQUIRED[kind] if name not in command]
    if missing:
        return f"({kind}) lacks {missing[0]}"
    checks = {**REQUIRED[kind], **OPTIONAL[kind], **_ANYWHERE}
    for name, value in command.items():
        if name == "type":
            continue
        if name not in checks:
            return f"({kind}) has {name!r}, which no {kind} has"
        if not checks[name](value):
            return f"({kind}) has {name} = {value!r}, not {_WHAT[checks[name]]}"
        try:
            strict_json.dumps(value)
        except (TypeError, ValueError):
            return f"({kind}) has {name} = {value!r}, which JSON has no form for"
    return wrong_with_pixels(command) if kind == "pixels" else None
