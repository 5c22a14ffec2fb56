"""Checks of what setters of pages with questions are given: texts, choices, pictures."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from interactive_gym.options.validation import filled_text

MAX_PICTURE_BYTES = 2_000_000
"""Larger pictures are refused, as they are sent with the page."""


def texts(option: str, value: Any, least: int = 1) -> list[str]:
    """Accept a list of at least so many texts, none of them blank."""
    if not isinstance(value, (list, tuple)) or len(value) < least:
        raise ValueError(f"{option} is {value!r}: give a list of at least {least} texts.")
    return [filled_text(f"{option}[{index}]", text) for index, text in enumerate(value)]


def named_texts(option: str, value: Any, prefix: str) -> dict[str, str]:
    """Accept texts by name, or a list of them that are named by their number.

    Args:
        option: the option's name.
        value: what is given for it.
        prefix: names texts of a list ``prefix_1``, ``prefix_2``, …
    """
    if isinstance(value, Mapping) and value:
        return {
            filled_text(f"a name in {option}", name): filled_text(f"{option}[{name!r}]", text)
            for name, text in value.items()
        }
    return {f"{prefix}_{number}": text for number, text in enumerate(texts(option, value), start=1)}


def choices(option: str, value: Any) -> dict[str, str]:
    """Accept at least two choices: texts by their value, or a list of texts that are their own."""
    given = value if isinstance(value, Mapping) else dict.fromkeys(texts(option, value, 2), "")
    if len(given) < 2 or (not isinstance(value, Mapping) and len(given) < len(value)):
        raise ValueError(f"{option} is {value!r}: give at least two choices, each another one.")
    return {
        filled_text(f"a value in {option}", choice): filled_text(option, label or choice)
        for choice, label in given.items()
    }


def picture(option: str, value: Any) -> str:
    """Accept a picture, and return it as HTML: nothing for None.

    Args:
        option: the option's name.
        value: an ``https://`` address or the path of a file, which is sent with the page; with
            what it shows in words, ``(picture, words)``; or None.
    """
    if value is None:
        return ""
    source, words = value if isinstance(value, tuple) and len(value) == 2 else (value, "")
    if not isinstance(source, (str, Path)) or not isinstance(words, str):
        raise ValueError(
            f"{option} is {value!r}: give an address, a path, (picture, words), or None."
        )
    address = str(source)
    if not address.startswith(("https://", "http://", "data:")):
        address = _embedded(option, Path(source))
    return f'<img class="picture" src="{escape(address)}" alt="{escape(words)}">'


def _embedded(option: str, path: Path) -> str:
    kind, _ = mimetypes.guess_type(path.name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(
            f"{option} is {str(path)!r}, which cannot be read ({error.strerror}): give the path of "
            f"a picture, or an address that starts with https://."
        ) from error
    if kind is None or not kind.startswith("image/") or len(content) > MAX_PICTURE_BYTES:
        raise ValueError(
            f"{option} is {str(path)!r}: give a picture such as a .png of at most "
            f"{MAX_PICTURE_BYTES // 1_000_000} MB."
        )
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
