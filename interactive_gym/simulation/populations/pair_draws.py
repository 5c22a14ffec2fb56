"""One random number for every pair of participants, the same however often it is asked for.

Thousands of participants make millions of pairs, of which a simulation needs few. So the numbers
are computed from a key and the pair, not drawn in advance.
"""

from __future__ import annotations

from hashlib import blake2b
from statistics import NormalDist

_STANDARD_NORMAL = NormalDist()
_STEPS = 2.0**64


class PairDraws:
    """Independent draws for unordered pairs of indices.

    Args:
        key: another key gives other draws.
    """

    def __init__(self, key: int) -> None:
        self._key = key.to_bytes(16, "big", signed=True)

    def uniform(self, a: int, b: int) -> float:
        """A draw between 0 and 1, both excluded."""
        low, high = (a, b) if a < b else (b, a)
        pair = low.to_bytes(4, "big") + high.to_bytes(4, "big")
        digest = blake2b(pair, digest_size=8, key=self._key).digest()
        return (int.from_bytes(digest, "big") // 2048 * 2048 + 1024) / _STEPS

    def normal(self, a: int, b: int) -> float:
        """A draw from the standard normal distribution."""
        return _STANDARD_NORMAL.inv_cdf(self.uniform(a, b))
