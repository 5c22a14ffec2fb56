"""How many files and sockets the process may have open, and how many participants that allows."""

from __future__ import annotations

import resource
from dataclasses import dataclass

RESERVED = 64
"""Descriptors for the process itself: its log, the listening socket, files that are read."""

PER_PARTICIPANT = 3
"""Descriptors for each participant: the WebSocket, and a share in the connections of pages that
are loading and in files that are being written."""

MOST = 2**20
"""More would only cost memory."""


@dataclass(frozen=True)
class Descriptors:
    """The limit of the process."""

    limit: int
    """How many descriptors it may have."""

    @property
    def connections(self) -> int:
        """How many connections there may be, so that a game's files can still be opened."""
        return max(1, (self.limit - RESERVED) * 3 // 4)

    @property
    def participants(self) -> int:
        """For how many participants at a time they suffice."""
        return max(0, (self.limit - RESERVED) // PER_PARTICIPANT)

    def __str__(self) -> str:
        """Say so in a sentence."""
        return (
            f"{self.limit} descriptors (ulimit -n): room for {self.participants} participants "
            f"at a time."
        )


def raise_limit() -> Descriptors:
    """Raise the soft limit of open files to the hard one, as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return Descriptors(MOST if soft == resource.RLIM_INFINITY else soft)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError):
        return Descriptors(soft)
    return Descriptors(wanted)
