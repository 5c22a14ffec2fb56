"""Checks of option values, so that a wrong one fails where it is written.

Each check returns the accepted value or raises a ValueError of one sentence that names the option,
the value and the fix.
"""

import math
import re
from numbers import Real
from pathlib import Path
from typing import Any, TypeVar

UNSET: Any = object()
"""The default of options; an option left out keeps its earlier value."""

T = TypeVar("T")

_FOLDER_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")


def given(value: T, earlier: T) -> T:
    """Return *value*, or *earlier* where the option was left out of the call."""
    return earlier if value is UNSET else value


def is_number(value: Any) -> bool:
    """Whether *value* is a finite real number; True and False are none."""
    is_real = isinstance(value, Real) and not isinstance(value, bool)
    return is_real and -math.inf < value < math.inf


def number(
    option: str, value: Any, unit: str = "", *, minimum: float | None = None, other: str = ""
) -> float:
    """Accept a finite number of at least *minimum*, or a positive one where there is none.

    Args:
        option: the option's name.
        value: what is given for it.
        unit: what the number counts, such as "seconds".
        minimum: the least number.
        other: what else the option takes, for the message; the caller accepts that itself.
    """
    if not is_number(value) or (value <= 0 if minimum is None else value < minimum):
        of_unit = f" of {unit}" if unit else ""
        wanted = (
            f"a positive number{of_unit}"
            if minimum is None
            else f"a number{of_unit} of at least {minimum}"
        )
        raise _refusal(option, value, wanted, other)
    accepted: float = value
    return accepted


def whole_number(
    option: str, value: Any, minimum: int, maximum: int | None = None, *, other: str = ""
) -> int:
    """Accept an int from *minimum* to *maximum* (both included); *other* as for `number`."""
    is_whole = is_number(value) and isinstance(value, int)
    if not is_whole or value < minimum or (maximum is not None and value > maximum):
        limits = f"from {minimum} to {maximum}" if maximum is not None else f"of at least {minimum}"
        raise _refusal(option, value, f"a whole number {limits}", other)
    return int(value)


def _refusal(option: str, value: Any, wanted: str, other: str) -> ValueError:
    also = f", or {other}" if other else ""
    return ValueError(f"{option} is {value!r}: give {wanted}{also}.")


def flag(option: str, value: Any) -> bool:
    """Accept True or False only."""
    if not isinstance(value, bool):
        raise ValueError(f"{option} is {value!r}: give True or False.")
    return value


def text(option: str, value: Any) -> str:
    """Accept a string, which may be empty."""
    if not isinstance(value, str):
        raise ValueError(f"{option} is {value!r}: give a string.")
    return value


def filled_text(option: str, value: Any) -> str:
    """Accept a string that is not blank."""
    if not text(option, value).strip():
        raise ValueError(f"{option} is {value!r}: give a string that is not empty.")
    return str(value)


def folder_name(option: str, value: Any) -> str:
    """Accept an id that is also used as a folder name."""
    if not isinstance(value, str) or not _FOLDER_NAME.fullmatch(value):
        raise ValueError(
            f"{option} is {value!r}: it names a folder of data, so use 1 to 100 letters, digits, "
            f"'_' and '-'."
        )
    return value


def web_address(option: str, value: Any) -> str | None:
    """Accept an absolute http or https address, or None."""
    if value is None:
        return None
    if not isinstance(value, str) or not re.match(r"https?://[^\s/]", value):
        raise ValueError(
            f"{option} is {value!r}: give a full address that starts with https:// or http://, "
            f"or None."
        )
    return value


def web_address_or_folder(option: str, value: Any) -> str | None:
    """Accept an absolute http or https address, a folder that exists, or None.

    Returns:
        The address; that of a folder begins with ``file://``.
    """
    if isinstance(value, Path) or (isinstance(value, str) and "://" not in value):
        if not Path(value).is_dir():
            raise ValueError(
                f"{option} is {str(value)!r}, which is no folder: give a folder that exists, or a "
                f"full address that starts with https:// or http://."
            )
        return Path(value).resolve().as_uri()
    return web_address(option, value)


def text_or_file(option: str, value: Any, filepath: Any, earlier: str) -> str:
    """Return the text given by *option* or read from *option*_filepath, else the *earlier* one."""
    if value is not UNSET and filepath is not UNSET:
        raise ValueError(f"{option} and {option}_filepath are both given: give one of the two.")
    if filepath is not UNSET:
        try:
            return Path(filepath).read_text(encoding="utf-8")
        except (OSError, TypeError, UnicodeDecodeError) as error:
            raise ValueError(
                f"{option}_filepath is {str(filepath)!r}, which cannot be read as text: {error}."
            ) from error
    return earlier if value is UNSET else text(option, value)
