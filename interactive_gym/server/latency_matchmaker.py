"""A matchmaker for measured latency, which probes the most promising pairs first.

It ranks pairs by the predicted probability that they are accepted, weighted by their waiting times.
A prediction may defer a pair, but never excludes it. A measured pair is judged by its measurement.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from interactive_gym.options.validation import number, whole_number
from interactive_gym.server.matching.candidate import Compatible, MatchCandidate
from interactive_gym.server.matching.find_match import groups_by_asking
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.prior import Evidence, read_prior
from interactive_gym.server.matching.relaxation import ExpandBy, Expansion
from interactive_gym.server.matching.rtt_predictor import RttPredictor
from interactive_gym.server.matching.search.bounded_deferral import BoundedDeferral
from interactive_gym.server.matching.search.deferral import Deferral
from interactive_gym.server.matching.search.groups import GroupSearch
from interactive_gym.server.matching.search.pairs import PairSearch
from interactive_gym.server.matchmaker import Matchmaker

_RULES = {1: Deferral, 2: BoundedDeferral}
"""When a probe is worth its price, by the number of the rules."""

MOST_CONCURRENT_PROBES = 4
"""The most connections that a page opens at a time to measure partners."""


class LatencyMatchmaker(Matchmaker):
    """Groups participants whose connection is likely to be within the threshold.

    While two participants are probed, neither can be tried with another partner. So a pair is
    proposed when p · (expected wait + age_weight · their mean wait + time since the last arrival)
    is at least probe_price · (typical duration of a probe), or when both have waited for a hold of
    a few probes' time; see `BoundedDeferral`. Those with few acceptable partners come first.

    Args:
        max_p2p_rtt_ms: the largest acceptable P2P RTT in milliseconds.
        probe_price: what a second of probing costs, in seconds of waiting. Larger: fewer probes,
            longer waits.
        age_weight: by how many seconds each second waited raises the wait that is still expected.
            Larger: participants who have waited long are tried sooner, with more probes.
        max_concurrent_probes: with how many partners a participant is probed at the same time at
            most, from 1 to 4; in groups of two. The first pair that is accepted plays. Larger:
            shorter waits, more probes.
        rules: 2, or 1 for the rules of versions 0.1 and 0.2, by which their ledgers are replayed:
            every expected wait is the typical one, and there is no hold.
        prior: paths of ledgers of earlier studies, from whose verdicts the predictions begin. Their
            digests are in the matching plan.
        rtt_expansions, expand_by, compatible: see `Matchmaker`.

    Raises:
        ValueError: if an argument is malformed, there is no threshold, or a prior cannot be read.
    """

    parameters_before = MappingProxyType({"rules": 1, "max_concurrent_probes": 1})
    """What to replay ledgers with that do not name these parameters."""

    def __init__(
        self,
        max_p2p_rtt_ms: int | float,
        *,
        probe_price: float = 1.0,
        age_weight: float = 0.6,
        max_concurrent_probes: int = 2,
        rules: int = 2,
        prior: Sequence[Any] = (),
        rtt_expansions: Sequence[Expansion] = (),
        expand_by: ExpandBy = "oldest",
        compatible: Compatible | None = None,
    ) -> None:
        super().__init__(
            max_p2p_rtt_ms,
            rtt_expansions=rtt_expansions,
            expand_by=expand_by,
            compatible=compatible,
        )
        if self.max_p2p_rtt_ms is None:
            raise ValueError(
                "max_p2p_rtt_ms is None, but LatencyMatchmaker needs a threshold: give one, or use "
                "FIFOMatchmaker()."
            )
        if rules not in _RULES:
            raise ValueError(f"rules must be 2, or 1 to replay an earlier ledger; got {rules!r}.")
        self.probe_price = number("probe_price", probe_price)
        self.age_weight = number("age_weight", age_weight)
        self.max_concurrent_probes = whole_number(
            "max_concurrent_probes", max_concurrent_probes, 1, MOST_CONCURRENT_PROBES
        )
        self.rules = rules
        if isinstance(prior, str | Path) or not isinstance(prior, Sequence):
            raise ValueError(f"prior must list paths of ledgers; got {prior!r}.")
        self._priors = [read_prior(given) for given in prior]
        self.prior = [known.record for known in self._priors]
        deferral = _RULES[rules](self.probe_price, self.age_weight)
        self._pairs, self._groups = PairSearch(deferral), GroupSearch(deferral)

    def evidence(self) -> Sequence[Evidence]:
        """What the ledgers of earlier studies tell of pairs."""
        return [pair for known in self._priors for pair in known.evidence]

    def propose(self, pool: MatchPool) -> list[list[MatchCandidate]]:
        """Propose the free groups most worth a probe, and all that need none."""
        if not pool.is_probing or pool.group_size == 1:
            return groups_by_asking(self.find_match, pool)
        if pool.group_size == 2:
            return self._pairs.propose(pool)
        return self._groups.propose(pool)

    def next_look_s(self, pool: MatchPool) -> float | None:
        """In how many seconds the next deferred pair becomes worth its probe."""
        if not pool.is_probing or pool.group_size == 1:
            return None
        search = self._pairs if pool.group_size == 2 else self._groups
        return search.next_look_s(pool)

    def find_match(
        self, arriving: MatchCandidate, waiting: Sequence[MatchCandidate], group_size: int
    ) -> list[MatchCandidate] | None:
        """Propose the likeliest partners for `arriving`, by the server RTTs alone.

        Partners are added one by one, each the likeliest to be accepted by all before; among
        equals, the longest waiting. Nothing is deferred: enough candidates always give a group.
        """
        if len(waiting) < group_size - 1:
            return None
        predictor, threshold_ms = RttPredictor(), self.max_p2p_rtt_ms or math.inf
        chances = {candidate.subject_id: 1.0 for candidate in waiting}
        group, rest = [arriving], list(waiting)
        while len(group) < group_size:
            for candidate in rest:
                p = predictor.p_accept(group[-1], candidate, threshold_ms)
                chances[candidate.subject_id] *= p
            partner = max(rest, key=lambda candidate: chances[candidate.subject_id])
            rest.remove(partner)
            group.append(partner)
        return sorted(group, key=_arrival_s)


def _arrival_s(candidate: MatchCandidate) -> float:
    return math.inf if candidate.waiting_since_s is None else candidate.waiting_since_s
