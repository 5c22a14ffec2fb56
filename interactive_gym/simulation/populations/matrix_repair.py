"""Makes a whole matrix of RTTs out of a measured one, and counts what it had to do.

An RTT that is missing in one direction, or differs between the two, is taken from the other, or as
the mean of both. Hosts that miss more than half of their RTTs are left out, those with the fewest
first. What is missing then is unknown, not a connection that cannot be: it is filled in by way of
the other hosts c, with the middle between the bounds that the triangle inequality sets,
max |ac − cb| and min (ac + cb): the triangulated heuristic of S. Hotz, which T. S. E. Ng and
H. Zhang compare in "Predicting Internet network distance with coordinates-based approaches",
INFOCOM 2002.
"""

from __future__ import annotations

import math
import statistics
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_MEASURED_SHARE = 0.5
"""A host is left out if less than this share of its RTTs is known."""

UNKNOWN_MS = frozenset({0.0, -1.0})
"""Off the diagonal, these say that there is no measurement."""


@dataclass(frozen=True)
class Repair:
    """What was done to a matrix."""

    hosts: int
    """How many hosts it had."""

    left_out: int = 0
    """How many hosts were left out."""

    filled_in: int = 0
    """Of how many pairs of the others the RTT was filled in."""

    one_way: int = 0
    """Of how many pairs only one direction was known."""

    asymmetric: int = 0
    """Of how many pairs the two directions differed, so that their mean is used."""

    @property
    def is_needed(self) -> bool:
        """Whether anything was done."""
        return any((self.left_out, self.filled_in, self.one_way, self.asymmetric))


def repaired(rows: Sequence[Sequence[float]]) -> tuple[list[array[float]], Repair]:
    """A symmetric matrix with a zero diagonal and no gaps, and what was done for it.

    Args:
        rows: RTTs in milliseconds, as many rows as columns. NaN, infinity, 0 and −1 off the
            diagonal are missing; the diagonal does not matter.

    Raises:
        ValueError: if a row has another length, an RTT is negative, or fewer than three hosts are
            left.
    """
    whole, one_way, asymmetric = _symmetric(rows)
    kept = _kept(whole)
    left_out = len(rows) - len(kept)
    if len(kept) < 3:
        without = f", and {left_out} of them miss most of their RTTs" if left_out else ""
        raise ValueError(f"it has {len(rows)} rows{without}; a server and a pair need 3")
    whole = [array("d", [whole[a][b] for b in kept]) for a in kept]
    filled_in = _fill_in(whole)
    return whole, Repair(len(rows), left_out, filled_in, one_way, asymmetric)


def _symmetric(rows: Sequence[Sequence[float]]) -> tuple[list[array[float]], int, int]:
    """The mean of both directions, NaN where neither is known; how many had one, or differed."""
    whole = []
    for a, row in enumerate(rows):
        if len(row) != len(rows):
            raise ValueError(f"row {a + 1} has {len(row)} columns, not {len(rows)}")
        whole.append(array("d", [_checked_ms(ms, a, b) for b, ms in enumerate(row)]))
    one_way = asymmetric = 0
    for a, row in enumerate(whole):
        row[a] = 0.0
        for b in range(a):
            there, back = row[b], whole[b][a]
            if there == back:
                continue
            if math.isnan(there) or math.isnan(back):
                one_way += math.isnan(there) != math.isnan(back)
                row[b] = whole[b][a] = back if math.isnan(there) else there
            else:
                asymmetric += 1
                row[b] = whole[b][a] = (there + back) / 2
    return whole, one_way, asymmetric


def _checked_ms(rtt_ms: float, a: int, b: int) -> float:
    if a == b or not math.isfinite(rtt_ms) or rtt_ms in UNKNOWN_MS:
        return math.nan
    if rtt_ms < 0.0:
        raise ValueError(f"row {a + 1}, column {b + 1} is {rtt_ms}")
    return float(rtt_ms)


def _kept(rows: Sequence[array[float]]) -> list[int]:
    """The hosts of which enough is known, each from the others that are kept."""
    kept = list(range(len(rows)))
    missing = [sum(map(math.isnan, row)) for row in rows]
    while kept:
        worst = max(kept, key=lambda host: missing[host])
        if missing[worst] <= (1.0 - LEAST_MEASURED_SHARE) * (len(kept) - 1):
            break
        kept.remove(worst)
        for host in kept:
            missing[host] -= math.isnan(rows[host][worst])
    return kept


def _fill_in(rows: list[array[float]]) -> int:
    """Fill in what is missing; returns how many pairs."""
    gaps = [(a, b) for a, row in enumerate(rows) for b in range(a) if math.isnan(row[b])]
    typical_ms = math.nan
    found = []
    for a, b in gaps:
        ways = [(x, y) for x, y in zip(rows[a], rows[b], strict=True) if x > 0.0 and y > 0.0]
        if ways:
            least_ms = max(abs(x - y) for x, y in ways)
            found.append((least_ms + min(x + y for x, y in ways)) / 2)
            continue
        if math.isnan(typical_ms):
            typical_ms = statistics.median(ms for row in rows for ms in row if ms > 0.0)
        found.append(typical_ms)
    for (a, b), rtt_ms in zip(gaps, found, strict=True):
        rows[a][b] = rows[b][a] = rtt_ms
    return len(gaps)
