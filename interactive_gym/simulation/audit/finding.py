"""What an audit finds wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Check = Literal["chain", "manifest", "lines", "participants", "games", "decisions"]
"""What found it. `chain`: a digest is another than follows. `manifest`: the manifest says
otherwise. `lines`: the lines contradict each other. `participants`, `games`: another file of the
study says otherwise. `decisions`: the real matching decides otherwise."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    check: Check
    """What found it."""

    line_number: int | None
    """The number of the line, counted from 1; `None` if it is about no line."""

    what: str
    """What it is, in words."""
