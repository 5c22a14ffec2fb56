"""Mutations that change nothing anybody could notice, each with the reason.

They are known by the function they are in and by the line before and after, so that they are still
found when code has moved.
"""

from typing import NamedTuple


class Equivalent(NamedTuple):
    """A mutation that no test can catch."""

    definition: str | None
    """The function or class it is in; None at the top of a module."""

    before: str
    """The line, without its indentation."""

    after: str
    """The mutated line."""

    why: str
    """Why it makes no difference."""


EQUIVALENT: tuple[Equivalent, ...] = ()
