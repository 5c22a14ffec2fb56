"""A population from an earlier study: its participants and measured RTTs, the others filled in.

A ledger holds only the RTTs of pairs that were probed. These are used as they are. An unmeasured
pair gets the RTT of a measured one that is like it, by predictive mean matching (R. J. A. Little,
"Missing-Data Adjustments in Large Surveys", Journal of Business & Economic Statistics 6 (1988)
287–296): of the measured pairs whose server RTTs predict nearly the same, one is drawn, and its
ratio of measured to predicted RTT is applied. So the filled-in RTTs vary as much as measured ones
do.

Limits: Which pairs were probed depended on their server RTTs, which does not bias the filling-in,
as it uses the same; but where no similar pair was probed it extrapolates from the nearest. Pairs
are filled in one by one: a participant who is far from all others gets some small RTTs, so the
longest waits and the share of excluded participants are underestimated.
"""

from __future__ import annotations

import json
import math
import random
import statistics
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from interactive_gym.server.probing.report import is_rtt
from interactive_gym.simulation.populations.pair_draws import PairDraws
from interactive_gym.simulation.populations.population import Cohort

LEAST_MEASURED_PAIRS = 10
"""The fewest measured pairs from which others can be filled in."""

DONORS = 8
"""One of this many most similar measured pairs is drawn."""

SMALLEST_BOUND_MS = 3.0
"""Added to both bounds of an RTT, in milliseconds, as smaller bounds are noise of measurement."""


class LedgerPopulation:
    """The participants of an earlier study.

    Args:
        server_rtt_ms: the server RTTs in milliseconds, by subject id.
        measured_ms: the P2P RTTs in milliseconds of measured pairs.
        name: what to call it in tables and errors.
        failure_share: the share of the study's probes that failed.
        probe_s: the median time of its successful probes, in seconds.

    Raises:
        ValueError: if there are fewer measured pairs than `LEAST_MEASURED_PAIRS`.
    """

    def __init__(
        self,
        server_rtt_ms: Mapping[str, float],
        measured_ms: Mapping[tuple[str, str], float],
        name: str = "ledger",
        *,
        failure_share: float = 0.0,
        probe_s: float = 1.0,
    ) -> None:
        self.failure_share = failure_share
        self.probe_s = probe_s
        self._name = name
        self._server_rtt_ms = list(server_rtt_ms.values())
        index_of = {subject_id: index for index, subject_id in enumerate(server_rtt_ms)}
        self._measured_ms = {
            _ordered(index_of[a], index_of[b]): rtt_ms
            for (a, b), rtt_ms in measured_ms.items()
            if a in index_of and b in index_of
        }
        if len(self._measured_ms) < LEAST_MEASURED_PAIRS:
            raise ValueError(
                f"{name} holds {len(self._measured_ms)} measured pairs of people with a server "
                f"RTT, and at least {LEAST_MEASURED_PAIRS} are needed to say anything of the "
                "others; use the ledger of a larger study, or --rtt synthetic."
            )
        donors = []
        for (a, b), rtt_ms in self._measured_ms.items():
            predicted_ms = _predicted_ms(self._server_rtt_ms[a], self._server_rtt_ms[b])
            donors.append((predicted_ms, rtt_ms / predicted_ms))
        donors.sort()
        self._donor_predictions_ms = [predicted_ms for predicted_ms, _ in donors]
        self._donor_ratios = [ratio for _, ratio in donors]

    @classmethod
    def read(cls, path: Path) -> LedgerPopulation:
        """Read the `matching.jsonl` of one game scene.

        Raises:
            ValueError: if it cannot be read or holds too few measured pairs.
        """
        server_rtts: dict[str, float] = {}
        pairs: dict[tuple[str, str], list[float]] = {}
        durations_ms: list[float] = []
        probes = 0
        for line in _lines(path):
            if line.get("kind") == "arrival" and is_rtt(line.get("server_rtt_ms")):
                server_rtts[line["subject_id"]] = line["server_rtt_ms"]
            elif line.get("kind") == "probe":
                probes += 1
                if is_rtt(line.get("rtt_ms")):
                    a, b = sorted((line["offerer"], line["answerer"]))
                    pairs.setdefault((a, b), []).append(line["rtt_ms"])
                    durations_ms.append(line["duration_ms"])
        return cls(
            server_rtts,
            {pair: statistics.median(rtts) for pair, rtts in pairs.items()},
            path.name,
            failure_share=1.0 - len(durations_ms) / probes if probes else 0.0,
            probe_s=statistics.median(durations_ms) / 1000.0 if durations_ms else 1.0,
        )

    @property
    def description(self) -> str:
        """The name, and how much of it was measured."""
        people = len(self._server_rtt_ms)
        share = len(self._measured_ms) / (people * (people - 1) / 2)
        return f"{self._name} ({people} people, {share:.0%} of the pairs measured)"

    @property
    def most_participants(self) -> None:
        """There is no limit: a larger study draws participants several times."""
        return None

    def cohort(self, participants: int, rng: random.Random) -> Cohort:
        """Draw participants, different ones as long as there are enough, and fill in their RTTs.

        Two copies of one participant count as a pair that was not measured.
        """
        everybody = range(len(self._server_rtt_ms))
        people: list[int] = []
        while len(people) < participants:
            people += rng.sample(everybody, min(len(everybody), participants - len(people)))
        draws = PairDraws(rng.getrandbits(64))

        def rtt_ms(a: int, b: int) -> float:
            measured_ms = self._measured_ms.get(_ordered(people[a], people[b]))
            if measured_ms is not None:
                return measured_ms
            return self._filled_in_ms(people[a], people[b], draws.uniform(a, b))

        return Cohort(tuple(self._server_rtt_ms[person] for person in people), rtt_ms)

    def _filled_in_ms(self, a: int, b: int, draw: float) -> float:
        predicted_ms = _predicted_ms(self._server_rtt_ms[a], self._server_rtt_ms[b])
        ratios = self._donor_ratios
        position = bisect_left(self._donor_predictions_ms, predicted_ms) - DONORS // 2
        first = max(0, min(position, len(ratios) - DONORS))
        return predicted_ms * ratios[first + int(draw * DONORS)]


def _predicted_ms(server_rtt_a_ms: float, server_rtt_b_ms: float) -> float:
    """The geometric mean of the bounds that the triangle inequality sets to a P2P RTT."""
    lower_ms = abs(server_rtt_a_ms - server_rtt_b_ms) + SMALLEST_BOUND_MS
    upper_ms = server_rtt_a_ms + server_rtt_b_ms + SMALLEST_BOUND_MS
    return math.sqrt(lower_ms * upper_ms)


def _ordered(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    """The lines of a ledger; a last one torn by a killed server is left out."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read ({error}); give a study's matching.jsonl.") from (
            error
        )
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            if number == len(lines):
                return
            raise ValueError(
                f"Line {number} of {path} is no JSON; give a study's matching.jsonl."
            ) from error
        if isinstance(record, dict):
            yield record
