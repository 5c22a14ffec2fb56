"""Which browser, and which version of it, sends a User-Agent.

Browsers name others for old pages' sake, so the order in which they are looked for matters. What a
browser says of itself is its user's to change.
"""

from __future__ import annotations

import re

_MARKS = (
    ("Edge", r"(?:Edg|EdgA|EdgiOS)/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)[.\d]* (?:Mobile/\w+ )?Safari/"),
)

BROWSERS = tuple(name for name, _ in _MARKS)
"""The names of the browsers that are told apart."""


def browser_of(user_agent: str) -> tuple[str, int] | None:
    """The browser's name and the number of its version; `None` for one that is not known."""
    for name, mark in _MARKS:
        found = re.search(mark, user_agent)
        if found is not None:
            return name, int(found[1][:9])
    return None
