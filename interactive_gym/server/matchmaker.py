"""Who plays with whom: the matchmakers an experiment can use, and the base class for one's own.

Two latencies are told apart. The *server RTT* (browser to server) is known of everybody early;
`MatchCandidate.rtt_ms` carries it, and `find_match` may use it. The *P2P RTT* (browser to browser)
is known only after two participants were connected for a probe, so filtering by it happens after
a proposal, in `should_reject_for_rtt`, not inside `find_match`. A matchmaker only decides: it
never emits, waits or keeps the waitroom; the GameManager asks it and carries its answers out.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class MatchCandidate:
    """A waiting participant as a matchmaker sees it."""

    subject_id: str
    """The participant's opaque id."""

    rtt_ms: float | None = None
    """The server RTT in milliseconds, or `None` while it is unmeasured."""

    waiting_since_s: float | None = None
    """When the participant joined the waitroom, in seconds of the GameManager's clock."""

    attributes: Mapping[str, Any] = field(
        default_factory=lambda: MappingProxyType({}), compare=False
    )
    """Whatever else is known of the participant (a condition, a survey answer)."""


class Matchmaker(ABC):
    """Proposes groups and judges their measured P2P RTTs.

    Args:
        max_p2p_rtt_ms: the largest acceptable P2P RTT in milliseconds, for every pair of a group.
            `None` accepts every pair, and nothing is probed.

    Raises:
        ValueError: if `max_p2p_rtt_ms` is neither `None` nor a positive, finite number.
    """

    max_p2p_rtt_ms: float | None = None

    def __init__(self, max_p2p_rtt_ms: int | float | None = None) -> None:
        self.max_p2p_rtt_ms = _checked_threshold(max_p2p_rtt_ms)

    @abstractmethod
    def find_match(
        self, arriving: MatchCandidate, waiting: Sequence[MatchCandidate], group_size: int
    ) -> list[MatchCandidate] | None:
        """Propose a group for `arriving`, or `None` to let them wait.

        `waiting` holds the candidates that may be grouped with `arriving`, longest waiting first;
        it is not to be modified. Reserved participants, and those whose connection to `arriving`
        is known to be bad, are not in it. The answer has exactly `group_size` distinct members
        out of these, `arriving` included; its order gives the seats. Asked on every arrival, and
        of everybody still waiting whenever something changed.
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


class FIFOMatchmaker(Matchmaker):
    """Groups participants in the order of their arrival.

    Without a threshold nothing is probed and a group starts as soon as it is complete.
    """

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


def _checked_threshold(value: Any) -> float | None:
    """Return `value` if it can be a threshold; raise ValueError otherwise."""
    if value is None:
        return None
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value <= 0:
        raise ValueError(
            f"max_p2p_rtt_ms must be a positive number of milliseconds, or None for no limit; "
            f"got {value!r}. Use for example max_p2p_rtt_ms=150."
        )
    threshold: float = value
    return threshold
