"""Finds out whether two participants' confirmed frames have come apart.

Everybody sends a checksum of its confirmed frames every few of them; equal frames give equal
checksums. It never repairs a difference: a game that has come apart stops.
"""

from typing import NamedTuple

CHECKPOINT_INTERVAL = 8
"""Frames from one checkpoint to the next."""


class Desync(NamedTuple):
    """Two participants whose confirmed frames differ."""

    frame: int
    """The last frame covered by the first checksums that differ."""

    seat: int
    """The seat of the peer whose checksum differs from the local one."""


class Checkpoints:
    """Local checksums and those of each peer, compared as soon as both are there.

    A checkpoint is known by how many frames its checksum covers. Checksums come from a running
    digest, so once two differ all later ones do, and a lost checkpoint is made good by the next.

    Args:
        peer_seats: The seats of the other participants.
    """

    def __init__(self, peer_seats: list[int]) -> None:
        self.newest = (0, 0)
        self.desync: Desync | None = None
        self._local: dict[int, int] = {}
        self._remote: dict[int, dict[int, int]] = {seat: {} for seat in peer_seats}
        self._compared = dict.fromkeys(peer_seats, 0)

    def add_local(self, covered: int, checksum: int) -> None:
        """Add the checksum of the first *covered* frames as simulated here."""
        self.newest = (covered, checksum)
        self._local[covered] = checksum
        for seat, waiting in self._remote.items():
            if covered in waiting:
                self._compare(seat, covered, waiting[covered])

    def add_remote(self, seat: int, covered: int, checksum: int) -> None:
        """Add the checksum of the first *covered* frames as simulated by a peer; 0 is none."""
        if covered <= self._compared[seat]:
            return
        if covered in self._local:
            self._compare(seat, covered, checksum)
        elif covered > self.newest[0]:
            self._remote[seat][covered] = checksum

    def _compare(self, seat: int, covered: int, checksum: int) -> None:
        if self._local[covered] != checksum and self.desync is None:
            self.desync = Desync(frame=covered - 1, seat=seat)
        self._compared[seat] = covered
        waiting = self._remote[seat]
        for old in [old for old in waiting if old <= covered]:
            del waiting[old]
        oldest_useful = min(self._compared.values())
        for old in [old for old in self._local if old <= oldest_useful]:
            del self._local[old]
