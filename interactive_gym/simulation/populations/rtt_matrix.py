"""A population from measurements: a square matrix of round-trip times between hosts.

Reads and checks the file, and draws participants from its hosts. The server is one of the hosts,
and well connected, as those of laboratories and data centres are; no participant plays there.
"""

from __future__ import annotations

import csv
import gzip
import math
import random
import statistics
from array import array
from collections.abc import Sequence
from pathlib import Path

from interactive_gym.simulation.populations.population import Cohort, percentile

SERVER_QUARTER = 0.25
"""The server is drawn from this share of the hosts, those with the smallest median RTT."""


class RttMatrix:
    """Hosts with a measured RTT between any two of them.

    Args:
        rows: RTTs in milliseconds: as many rows as columns, symmetric, with a zero diagonal.
        name: what to call it in tables and errors.

    Raises:
        ValueError: if `rows` is no such matrix, or has fewer than three hosts.
    """

    def __init__(self, rows: Sequence[Sequence[float]], name: str = "matrix") -> None:
        fault = _fault(rows)
        if fault is not None:
            raise ValueError(
                f"{name} must be a square, symmetric matrix of RTTs in milliseconds "
                f"with a zero diagonal; {fault}."
            )
        self._rows = [array("d", row) for row in rows]
        self._name = name

    @classmethod
    def read(cls, path: Path) -> RttMatrix:
        """Read a CSV file without a header, one row a line; it may be compressed (`.gz`).

        Raises:
            ValueError: if it cannot be read or is no such matrix.
        """
        try:
            with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
                rows = [[float(cell) for cell in row] for row in csv.reader(file) if row]
        except (OSError, EOFError, ValueError) as error:
            raise ValueError(
                f"{path} cannot be read as a matrix of RTTs ({error}); give a CSV file of "
                "numbers without a header, compressed (.csv.gz) or not."
            ) from error
        return cls(rows, path.name)

    @property
    def description(self) -> str:
        """The name and the number of hosts."""
        return f"{self._name} ({len(self._rows)} hosts)"

    @property
    def most_participants(self) -> int:
        """All hosts but the server."""
        return len(self._rows) - 1

    def pair_rtts_ms(self) -> list[float]:
        """The RTT of every pair of hosts, in milliseconds."""
        return [row[b] for a, row in enumerate(self._rows) for b in range(a + 1, len(row))]

    def percentile_ms(self, share: float) -> float:
        """The RTT below which a share (0 to 1) of the pairs lies, in milliseconds."""
        return percentile(self.pair_rtts_ms(), share)

    def cohort(self, participants: int, rng: random.Random) -> Cohort:
        """Draw a server and that many other hosts, all different.

        Raises:
            ValueError: if there are not so many.
        """
        if participants > self.most_participants:
            raise ValueError(
                f"{participants} participants cannot be drawn from {self.description}, one of "
                f"which is the server; use at most {self.most_participants}."
            )
        by_median = sorted(
            range(len(self._rows)), key=lambda host: statistics.median(self._rows[host])
        )
        server = rng.choice(by_median[: max(1, int(len(by_median) * SERVER_QUARTER))])
        others = [host for host in range(len(self._rows)) if host != server]
        hosts = rng.sample(others, participants)
        rows = self._rows

        def rtt_ms(a: int, b: int) -> float:
            return rows[hosts[a]][hosts[b]]

        return Cohort(tuple(rows[server][host] for host in hosts), rtt_ms)


def _fault(rows: Sequence[Sequence[float]]) -> str | None:
    """What is wrong with a matrix, if anything is; rows and columns are counted from 1."""
    if len(rows) < 3:
        return f"it has {len(rows)} rows, and a server and a pair need 3"
    for a, row in enumerate(rows):
        if len(row) != len(rows):
            return f"row {a + 1} has {len(row)} columns, not {len(rows)}"
        if row[a] != 0.0:
            return f"the diagonal of row {a + 1} is {row[a]}"
        for b in range(a):
            if not (math.isfinite(row[b]) and row[b] > 0.0):
                return f"row {a + 1}, column {b + 1} is {row[b]}"
            if row[b] != rows[b][a]:
                return f"row {a + 1}, column {b + 1} is {row[b]}, and mirrored {rows[b][a]}"
    return None
