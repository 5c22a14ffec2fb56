"""Matchmakers, which decide who plays with whom: the base class and the default one.

Two latencies are told apart. The *server RTT* (browser to server), `MatchCandidate.rtt_ms`, is
known early, and `find_match` may use it. The *P2P RTT* (browser to browser) is known only after a
probe, so filtering by it happens after a proposal, in `should_reject_for_rtt`, not inside
`find_match`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from interactive_gym.options.validation import number
from interactive_gym.server.matching.candidate import Compatible
from interactive_gym.server.matching.candidate import MatchCandidate as MatchCandidate
from interactive_gym.server.matching.find_match import groups_by_asking
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.prior import Evidence
from interactive_gym.server.matching.relaxation import (
    ExpandBy,
    Expansion,
    checked_expand_by,
    checked_expansions,
    relaxed_threshold_ms,
)
from interactive_gym.server.matching.search.earliest import EarliestSearch


class Matchmaker(ABC):
    """Proposes groups and judges their measured P2P RTTs.

    A subclass defines `find_match`, which groups one participant at a time, or overrides `propose`,
    which sees all candidates. A class that defines only `find_match` is asked by it alone, even if
    it inherits another strategy's `propose`.

    Args:
        max_p2p_rtt_ms: the largest acceptable P2P RTT in milliseconds, for every pair of a group.
            `None` accepts every pair, and nothing is probed.
        rtt_expansions: pairs (wait_s, ms): from `wait_s` seconds of waiting on, the threshold is
            `ms` milliseconds. Waits and thresholds increase.
        expand_by: whose wait counts in a group, the `"oldest"` member's or the `"newest"`'s.
        compatible: returns whether two candidates may be in one group, for instance by their
            `attributes`; `None` allows every pair. Its answer must be the same in either order and
            must not change while the two wait.

    Raises:
        ValueError: if `max_p2p_rtt_ms` is neither `None` nor a positive, finite number, or another
            argument is malformed, or expansions are given to a class whose own
            `should_reject_for_rtt` could not follow them.
    """

    max_p2p_rtt_ms: float | None = None
    rtt_expansions: tuple[Expansion, ...] = ()
    expand_by: ExpandBy = "oldest"
    compatible: Compatible | None = None
    max_concurrent_probes: int = 1
    """With how many partners a participant is probed at the same time at most, in groups of two.
    The first pair that is accepted plays, and the other probes end."""

    def __init__(
        self,
        max_p2p_rtt_ms: int | float | None = None,
        *,
        rtt_expansions: Sequence[Expansion] = (),
        expand_by: ExpandBy = "oldest",
        compatible: Compatible | None = None,
    ) -> None:
        self.max_p2p_rtt_ms = (
            None
            if max_p2p_rtt_ms is None
            else number("max_p2p_rtt_ms", max_p2p_rtt_ms, "milliseconds", other="None for no limit")
        )
        self.rtt_expansions = checked_expansions(rtt_expansions, self.max_p2p_rtt_ms)
        self.expand_by = checked_expand_by(expand_by)
        if compatible is not None and not callable(compatible):
            raise ValueError(
                f"compatible must be a function of two candidates, or None; got {compatible!r}."
            )
        if compatible is not None:
            self.compatible = compatible
        if self.rtt_expansions and not self.verdict_follows_threshold:
            raise ValueError(
                f"rtt_expansions={rtt_expansions!r} cannot relax the verdicts of "
                f"{type(self).__name__}, which overrides should_reject_for_rtt: relax there, or "
                f"leave the verdict to max_p2p_rtt_ms."
            )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "find_match" in cls.__dict__ and "propose" not in cls.__dict__:
            # Otherwise an inherited strategy would silently override the class's own find_match.
            cls.propose = Matchmaker.propose  # type: ignore[method-assign]
            cls.next_look_s = Matchmaker.next_look_s  # type: ignore[method-assign]

    @abstractmethod
    def find_match(
        self, arriving: MatchCandidate, waiting: Sequence[MatchCandidate], group_size: int
    ) -> list[MatchCandidate] | None:
        """Propose a group for `arriving`, or `None` to let them wait.

        `waiting` holds the candidates that may be grouped with `arriving`, longest waiting first;
        do not modify it. Reserved participants, and those whose connection to `arriving` is known
        to be bad, are not in it. The answer has exactly `group_size` distinct members out of these,
        `arriving` included; its order gives the seats. Called on every arrival, and for every
        waiting participant whenever something has changed.
        """

    def should_reject_for_rtt(self, measured_rtt_ms: float | None) -> bool:
        """Whether a pair with this P2P RTT must not play; `None` means the measurement failed.

        Without a threshold nothing is rejected. With one, a failed measurement is, and so is an
        RTT above it; an RTT equal to the threshold is accepted. Override to judge otherwise.
        """
        if self.max_p2p_rtt_ms is None:
            return False
        if measured_rtt_ms is None:
            return True
        return not measured_rtt_ms <= self.max_p2p_rtt_ms

    @property
    def verdict_follows_threshold(self) -> bool:
        """Whether `max_p2p_rtt_ms` alone decides: `should_reject_for_rtt` is not overridden."""
        return type(self).should_reject_for_rtt is Matchmaker.should_reject_for_rtt

    def threshold_ms(self, waits_s: Sequence[float] = ()) -> float | None:
        """The threshold for a group whose members have waited so long, after relaxation."""
        return relaxed_threshold_ms(
            self.max_p2p_rtt_ms, self.rtt_expansions, waits_s, self.expand_by
        )

    def propose(self, pool: MatchPool) -> list[list[MatchCandidate]]:
        """Propose disjoint groups to try now, best first, out of the free candidates.

        By default `find_match` is called for the arriving participant or, without an arrival, for
        all candidates in the order of waiting. Candidates who are blocked with the one asked for
        are not offered. If two others of the answer are blocked with each other, it is called again
        without the one who came later.
        """
        return groups_by_asking(self.find_match, pool)

    def evidence(self) -> Sequence[Evidence]:
        """What earlier studies tell of pairs, for a scene's predictions to begin from."""
        return ()

    def next_look_s(self, pool: MatchPool) -> float | None:
        """In how many seconds to ask again even if nothing happens; `None` for no need.

        For strategies that defer proposals. Called after `propose`, with the same pool.
        """
        return None


class FIFOMatchmaker(Matchmaker):
    """Groups participants in the order of their arrival, except pairs known to be bad.

    Without a threshold nothing is probed and a group starts as soon as it is complete.
    """

    def propose(self, pool: MatchPool) -> list[list[MatchCandidate]]:
        """Propose the earliest groups in which no pair is blocked; ready ones come first."""
        if "_search" not in vars(self):
            # Not made in the constructor, as a subclass's may not call it.
            self._search = EarliestSearch()
        return self._search.propose(pool)

    def find_match(
        self, arriving: MatchCandidate, waiting: Sequence[MatchCandidate], group_size: int
    ) -> list[MatchCandidate] | None:
        """Propose the longest waiting candidates together with `arriving`, by arrival."""
        partners = group_size - 1
        if len(waiting) < partners:
            return None
        return sorted([*waiting[:partners], arriving], key=_arrival_s)


def _arrival_s(candidate: MatchCandidate) -> float:
    return math.inf if candidate.waiting_since_s is None else candidate.waiting_since_s
