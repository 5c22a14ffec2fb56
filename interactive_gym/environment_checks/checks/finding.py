"""The result of a check: one line, with likely causes.

The other modules return findings, and the command prints them.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["ok", "wrong", "note", "skipped"]
"""``note`` is worth knowing but no failure; ``skipped`` says why a check was not made."""


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    check: str
    """The check's name, one or two words."""

    status: Status
    """Whether the environment passed."""

    text: str
    """What was found, and where."""

    causes: tuple[str, ...] = ()
    """Likely causes of what is wrong, the likeliest first."""

    def as_record(self) -> dict[str, Any]:
        """The finding as JSON-compatible fields."""
        return {**asdict(self), "causes": list(self.causes)}
