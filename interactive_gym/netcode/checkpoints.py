"""Finds out whether two participants' confirmed frames differ (a desync).

Each peer sends checksums of its confirmed frames at every checkpoint: one of their rows, and one of
the states behind them, which shows a difference that has not reached a row yet. A desync is not
repaired; the game stops.
"""

import hashlib
from typing import NamedTuple

CHECKPOINT_INTERVAL = 8
"""Frames from one checkpoint to the next."""


class Desync(NamedTuple):
    """Two participants whose confirmed frames differ."""

    frame: int
    """The last frame covered by the first checksums that differ."""

    seat: int
    """The seat of the peer whose checksum differs from the local one."""

    part: str
    """What differs: the ``rows``, or only the ``state`` while the rows are still equal."""


class Checksums(NamedTuple):
    """Checksums of the same confirmed frames."""

    rows: int
    """The first 32 bits of the running digest of the rows."""

    state: int
    """32 bits of a digest of the states at this checkpoint and all before it."""


NO_CHECKSUMS = Checksums(0, 0)


class Checkpoints:
    """Local checksums and those of each peer, compared as soon as both are there.

    A checkpoint is named by how many frames its checksums cover. Both come from running digests, so
    once two differ all later ones do, and the next checkpoint makes up for a lost one.

    Args:
        peer_seats: The seats of the other participants.
    """

    def __init__(self, peer_seats: list[int]) -> None:
        self.newest = (0, NO_CHECKSUMS)
        self.desync: Desync | None = None
        self._state_chain = b""
        self._local: dict[int, Checksums] = {}
        self._remote: dict[int, dict[int, Checksums]] = {seat: {} for seat in peer_seats}
        self._compared = dict.fromkeys(peer_seats, 0)

    def add_local(self, covered: int, rows_checksum: int, state_digest: bytes) -> None:
        """Add a checkpoint after the first *covered* frames as simulated here.

        Args:
            covered: How many frames.
            rows_checksum: The first 32 bits of the running digest of their rows.
            state_digest: The digest of the state after the last of them.
        """
        self._state_chain = hashlib.sha256(self._state_chain + state_digest).digest()
        checksums = Checksums(rows_checksum, int.from_bytes(self._state_chain[:4], "big"))
        self.newest = (covered, checksums)
        self._local[covered] = checksums
        for seat, waiting in self._remote.items():
            if covered in waiting:
                self._compare(seat, covered, waiting[covered])
        self._forget_compared()

    def add_remote(self, seat: int, covered: int, checksums: Checksums) -> None:
        """Add the checksums of the first *covered* frames as simulated by a peer; 0 is none."""
        if covered <= self._compared[seat]:
            return
        if covered in self._local:
            self._compare(seat, covered, checksums)
        elif covered > self.newest[0]:
            self._remote[seat][covered] = checksums

    def restart_peer(self, seat: int) -> None:
        """Forget what is not compared yet of a peer that reloaded.

        It may have confirmed those frames with inputs that no other peer got. It then makes them
        anew.
        """
        self._remote[seat].clear()

    def forget_peer(self, seat: int) -> None:
        """Stop comparing with this peer."""
        del self._remote[seat], self._compared[seat]
        self._forget_compared()

    def _compare(self, seat: int, covered: int, checksums: Checksums) -> None:
        local = self._local[covered]
        if local != checksums and self.desync is None:
            part = "state" if local.rows == checksums.rows else "rows"
            self.desync = Desync(frame=covered - 1, seat=seat, part=part)
        self._compared[seat] = covered
        waiting = self._remote[seat]
        for old in [old for old in waiting if old <= covered]:
            del waiting[old]
        self._forget_compared()

    def _forget_compared(self) -> None:
        oldest_useful = min(self._compared.values(), default=self.newest[0])
        for old in [old for old in self._local if old <= oldest_useful]:
            del self._local[old]
