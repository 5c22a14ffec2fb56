"""Reads the id that a recruitment platform gave a participant out of the address they opened.

A value that cannot be an id counts as none: whoever comes with it is somebody without an id, rather
than one and the same person as all others who come with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal

RepeatedId = Literal["continue", "refuse", "allow"]
"""What becomes of a link that is opened again with a recruitment id that is known. `continue`: it
leads back to where the participant is. `refuse`: it leads nowhere. `allow`: it is somebody new, who
is never grouped with others of the same id."""

ID_PARAMETERS = ("PROLIFIC_PID", "workerId", "participant_id", "survey_code")
"""The query parameters in which recruitment platforms pass ids."""

MAX_LENGTH = 200
"""The longest id in characters; no platform has any as long."""

_PLACEHOLDER = re.compile(r"[{}<>\[\]]|^\$|^%.*%$")
"""What platforms leave in an address when they are not asked to fill it in, as in a preview."""

_NO_VALUES = frozenset({"null", "none", "undefined", "nan"})


def recruitment_id(
    query: Mapping[str, Sequence[str]], parameters: Sequence[str] = ID_PARAMETERS
) -> str | None:
    """The recruitment id in a query string; `None` if there is none.

    Args:
        query: all values of every parameter, decoded.
        parameters: the names of the parameters to look for, the most important first. The first
            value that can be an id counts.
    """
    values = (value for name in parameters for value in query.get(name, ()))
    return next((found for value in values if (found := _checked(value)) is not None), None)


def plain_text(value: str, max_length: int) -> str | None:
    """Return a value without blanks around it; `None` if it is no text of 1 to so many characters.

    Equal texts are equal as Python strings afterwards (NFC).
    """
    found = unicodedata.normalize("NFC", value).strip()
    is_text = all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in found)
    return found if 1 <= len(found) <= max_length and is_text else None


def is_placeholder(text: str) -> bool:
    """Whether a platform should have put something in this text's place."""
    return _PLACEHOLDER.search(text) is not None


def _checked(value: str) -> str | None:
    """The value in the form in which ids are compared; `None` if it cannot be an id."""
    found = plain_text(value, MAX_LENGTH)
    if found is None or is_placeholder(found) or found.casefold() in _NO_VALUES:
        return None
    return found
