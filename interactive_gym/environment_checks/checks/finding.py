"""What a check has to say: one line, with its likely causes.

Holds no check. Every module beside it returns findings; the command prints them.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["ok", "wrong", "note", "skipped"]
"""``note`` is worth knowing but stops nobody; ``skipped`` says why the check was not made."""


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    check: str
    """The check's name, one or two words."""

    status: Status
    """Whether the environment passed."""

    text: str
    """What is so, or what is wrong and where."""

    causes: tuple[str, ...] = ()
    """Likely causes of what is wrong, the likeliest first."""

    def as_record(self) -> dict[str, Any]:
        """The finding as JSON has it."""
        return {**asdict(self), "causes": list(self.causes)}
