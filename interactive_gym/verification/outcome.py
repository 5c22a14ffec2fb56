"""What a verification says of a game."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["equal", "differs", "code missing", "incomplete"]
"""The result for one game."""


@dataclass(frozen=True)
class Difference:
    """Something stored that is not what follows from the game."""

    file: str
    """The file."""
    frame: int | None
    """The frame; `None` for what is no frame's."""
    column: str
    """The column, or the field of ``match.json``."""
    stored: str
    """What the file has."""
    computed: str
    """What it must have."""

    def __str__(self) -> str:
        at = "" if self.frame is None else f"frame {self.frame} in "
        where = f"differs at {at}column {self.column}" if at else f"differs in {self.column}"
        return f"{where} of {self.file}: stored {_short(self.stored)}, computed " + _short(
            self.computed
        )


@dataclass
class GameOutcome:
    """What was found of one game."""

    scene_id: str
    """Its scene."""
    game_id: str
    """Its id."""
    frames: int = 0
    """How many frames are stored that all copies have."""
    code_missing: str | None = None
    """What is wrong with its code."""
    differences: list[Difference] = field(default_factory=list)
    """What differs."""
    missing: list[str] = field(default_factory=list)
    """What of it is missing, or could not be checked."""
    copies: dict[int, str] = field(default_factory=dict)
    """Where copies differ: what is true of each seat's, ``true`` or how it differs."""

    is_simulated: bool = True
    """Whether all that is stored could be simulated."""
    confirmed_by: str | None = None
    """The Python in which nothing differs: ``CPython``, or ``Pyodide`` as browsers run it."""

    @property
    def status(self) -> Status:
        """The result."""
        if self.differences:
            return "differs"
        if self.code_missing is not None:
            return "code missing"
        return "incomplete" if self.missing else "equal"

    def lines(self) -> list[str]:
        """The result in words: the status, with everything that was found."""
        found = [str(difference) for difference in self.differences]
        found += [f"the copy of seat {seat} {_said(said)}" for seat, said in self.copies.items()]
        if self.code_missing is not None:
            found.append(f"code missing: {self.code_missing}")
        found += [f"incomplete: {what}" for what in self.missing]
        return found or ["equal"]

    def as_record(self) -> dict[str, Any]:
        """The result as JSON has it."""
        return {**asdict(self), "status": self.status}


def _said(said: str) -> str:
    return "is true" if said == "true" else said


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "…")
