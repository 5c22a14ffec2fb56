"""A population from measurements: a square matrix of round-trip times between hosts.

Reads the file, and draws participants from its hosts. The server is one of the hosts, and well
connected, as those of laboratories and data centres are; no participant plays there.
"""

from __future__ import annotations

import gzip
import random
import statistics
from collections.abc import Sequence
from pathlib import Path

from interactive_gym.simulation.populations.matrix_repair import Repair, repaired
from interactive_gym.simulation.populations.matrix_text import NAMES, parse_matrix
from interactive_gym.simulation.populations.population import Cohort, percentile

SERVER_QUARTER = 0.25
"""The server is drawn from this share of the hosts, those with the smallest median RTT."""


class RttMatrix:
    """Hosts with an RTT between any two of them.

    Args:
        rows: RTTs in milliseconds, as many rows as columns; see `repaired` for what may be missing.
        name: what to call it in tables and errors.

    Raises:
        ValueError: if `rows` is no such matrix, or fewer than three hosts are left of it.
    """

    def __init__(self, rows: Sequence[Sequence[float]], name: str = "matrix") -> None:
        self._name = name
        self._form: list[str] = []
        try:
            self._rows, self.repair = repaired(rows)
        except ValueError as error:
            raise ValueError(f"{name} is no square matrix of RTTs in milliseconds: {error}.") from (
                error
            )
        count = len(self._rows)
        by_median = sorted(range(count), key=lambda host: statistics.median(self._rows[host]))
        self._servers = by_median[: max(1, int(count * SERVER_QUARTER))]
        self._typical_ms = [statistics.median(row) for row in self._rows]

    @classmethod
    def read(cls, path: Path) -> RttMatrix:
        """Read a file of text, compressed (`.gz`) or not; see `parse_matrix` for its forms.

        Raises:
            ValueError: if it cannot be read or is no such matrix.
        """
        try:
            with (
                gzip.open(path, "rt", encoding="utf-8")
                if path.suffix == ".gz"
                else path.open(encoding="utf-8")
            ) as file:
                found = parse_matrix(file.read())
        except (OSError, EOFError, ValueError) as error:
            raise ValueError(
                f"{path} cannot be read as a matrix of RTTs ({error}); give a square table of "
                "milliseconds as text (.csv), compressed (.csv.gz) or not."
            ) from error
        matrix = cls(found.rows, path.name)
        headers = [
            name
            for name, is_there in (
                ("row", found.has_header_row),
                ("column", found.has_header_column),
            )
            if is_there
        ]
        if headers:
            matrix._form.append(f"its first {' and '.join(headers)} are names")
        if found.separator != ",":
            matrix._form.append(f"separated by {NAMES[found.separator]}")
        return matrix

    @property
    def reading(self) -> str | None:
        """How the matrix was understood, in one sentence; `None` if nothing had to be."""
        said = [*self._form, *_said(self.repair)]
        return f"{self._name}: {'; '.join(said)}." if said else None

    @property
    def description(self) -> str:
        """The name and the number of hosts."""
        return f"{self._name} ({len(self._rows)} hosts)"

    @property
    def most_participants(self) -> int:
        """All hosts but the server; of more participants, some share a host."""
        return len(self._rows) - 1

    def pair_rtts_ms(self) -> list[float]:
        """The RTT of every pair of hosts, in milliseconds."""
        return [row[b] for a, row in enumerate(self._rows) for b in range(a + 1, len(row))]

    def percentile_ms(self, share: float) -> float:
        """The RTT below which a share (0 to 1) of the pairs lies, in milliseconds."""
        return percentile(self.pair_rtts_ms(), share)

    def cohort(self, participants: int, rng: random.Random) -> Cohort:
        """Draw a server, and other hosts, all different as long as there are enough.

        Beyond that, hosts are drawn again. Two participants at the same host have the RTT that is
        typical of it, as nothing is known of their way to each other.
        """
        server = rng.choice(self._servers)
        others = [host for host in range(len(self._rows)) if host != server]
        hosts: list[int] = []
        while len(hosts) < participants:
            hosts += rng.sample(others, min(len(others), participants - len(hosts)))
        rows, typical_ms = self._rows, self._typical_ms

        def rtt_ms(a: int, b: int) -> float:
            one, other = hosts[a], hosts[b]
            return rows[one][other] if one != other or a == b else typical_ms[one]

        return Cohort(tuple(rows[server][host] for host in hosts), rtt_ms)


def _said(repair: Repair) -> list[str]:
    """What was done to a matrix, in words."""
    said = []
    if repair.one_way:
        said.append(f"{_pairs(repair.one_way)} known in one direction only, which counts for both")
    if repair.asymmetric:
        said.append(f"{_pairs(repair.asymmetric)} different by direction, with the mean of both")
    if repair.left_out:
        said.append(
            f"{repair.left_out} of {repair.hosts} hosts left out, as more than half of their RTTs "
            f"are missing"
        )
    if repair.filled_in:
        said.append(f"{_pairs(repair.filled_in)} not measured and filled in by way of other hosts")
    return said


def _pairs(count: int) -> str:
    return "1 pair" if count == 1 else f"{count:,} pairs"
