"""Checks of the options of `.hosting()`."""

import re
from collections.abc import Sequence
from typing import Any

MAX_RECORDERS = 64
"""Most recorders."""

_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(:(?P<port>\d+))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def checked_base_path(value: Any) -> str:
    """Return the path with a slash at its end."""
    if value == "/":
        return "/"
    path = value.removesuffix("/") if isinstance(value, str) else ""
    before, *segments = path.split("/")
    usable = all(_SEGMENT.fullmatch(each) and each not in (".", "..") for each in segments)
    if before or not segments or not usable:
        raise ValueError(
            f"base_path is {value!r}: give the path of the experiment's address, such as "
            f"'/study1', of letters, digits, '.', '_', '~' and '-'."
        )
    return f"{path}/"


def checked_origins(option: str, value: Any) -> tuple[str, ...] | None:
    """Return the origins as browsers write them, or None for "*", all of them."""
    if value == "*":
        return None
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(
            f"{option} is {value!r}: give '*' or a list such as ['https://study.example.org']."
        )
    return tuple(_checked_origin(option, origin) for origin in value)


def _checked_origin(option: str, value: Any) -> str:
    found = _ORIGIN.fullmatch(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(
            f"{option} has {value!r}: give each origin as its scheme, host and, unless it is the "
            f"usual one, port, such as 'https://study.example.org' or 'http://192.168.0.9:8000'."
        )
    scheme, host, port = found["scheme"], found["host"], found["port"]
    is_usual = port is None or port == _DEFAULT_PORTS[scheme]
    return f"{scheme}://{host}" if is_usual else f"{scheme}://{host}:{port}"
