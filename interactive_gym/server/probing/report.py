"""What one probe measured, as each side saw it, and the P2P RTT that follows from both.

Pure records and arithmetic. It never decides whether an RTT is acceptable: that is the
matchmaker's verdict. Made by the ProbeCoordinator, kept in the ledger and in `match.json`.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, Literal, TypeGuard

from interactive_gym.server.probing.conduct import FailureCause

DISAGREEMENT_MS = 10.0
"""Medians of the two sides closer than this, in milliseconds, always agree."""

DISAGREEMENT_SHARE = 0.25
"""Medians further apart than this share of the larger one disagree."""

MIN_RTT_MS = 0.01
"""The smallest RTT that can be, in milliseconds: a tenth of the finest step of a page's clock."""

MAX_RTT_MS = 60_000.0
"""The largest RTT that can be, in milliseconds: no probe lasts so long."""

ProbeOutcome = Literal["rejected", "failed", "cancelled"]
"""Why a probe's connection is to be closed."""


@dataclass(frozen=True)
class ProbeSide:
    """One participant's account of a probe."""

    subject_id: str
    """Who measured."""

    samples_ms: tuple[float, ...]
    """Every RTT sample in milliseconds, in order; empty if the measurement failed."""

    median_ms: float | None
    """Median of the samples in milliseconds."""

    minimum_ms: float | None
    """Smallest sample in milliseconds."""

    jitter_ms: float | None
    """Mean absolute difference of successive samples in milliseconds, the quantity that RFC 3550,
    section 6.4.1 smooths; `None` with fewer than two samples."""

    lost: int | None
    """How many pings were not answered in time."""

    hidden: bool | None
    """Whether the page was hidden at some time during the probe."""

    stats_rtt_ms: float | None
    """The browser's own coarse figure from getStats(), in milliseconds; recorded, never judged."""

    local_candidate_type: str | None
    """ICE type of this side's end of the selected pair."""

    remote_candidate_type: str | None
    """ICE type of the other end of the selected pair."""

    reason: str | None
    """Why this side's measurement failed; `None` if it succeeded."""


@dataclass(frozen=True)
class ProbeReport:
    """The full account of one ended probe."""

    probe_session_id: str
    """The probe's opaque id."""

    offerer: str
    """Subject id of the participant who made the WebRTC offer."""

    answerer: str
    """Subject id of the other participant."""

    sides: tuple[ProbeSide, ...]
    """The accounts that arrived, at most one per participant."""

    rtt_ms: float | None
    """The P2P RTT that the verdict is about: the larger of the two medians, in milliseconds."""

    disagreement: bool
    """Whether the two medians are too far apart to be the same path."""

    duration_ms: float
    """From the probe's creation to its end, in milliseconds."""

    failure_reason: str | None
    """Why there is no measurement; `None` if there is one."""

    causes: Mapping[str, FailureCause] = field(default_factory=dict)
    """What participants did not do, so that there is no measurement, by subject id."""

    def as_record(self) -> dict[str, Any]:
        """The report as JSON-compatible fields."""
        return asdict(self)


def make_side(
    subject_id: str,
    samples_ms: tuple[float, ...],
    *,
    lost: int | None,
    hidden: bool | None,
    stats_rtt_ms: float | None,
    local_candidate_type: str | None,
    remote_candidate_type: str | None,
    reason: str | None,
) -> ProbeSide:
    """Sum up one side's samples; there are none if its measurement failed for a reason."""
    return ProbeSide(
        subject_id=subject_id,
        samples_ms=samples_ms,
        median_ms=statistics.median(samples_ms) if samples_ms else None,
        minimum_ms=min(samples_ms) if samples_ms else None,
        jitter_ms=_jitter_ms(samples_ms),
        lost=lost,
        hidden=hidden,
        stats_rtt_ms=stats_rtt_ms,
        local_candidate_type=local_candidate_type,
        remote_candidate_type=remote_candidate_type,
        reason=reason,
    )


def make_report(
    *,
    probe_session_id: str,
    offerer: str,
    answerer: str,
    sides: tuple[ProbeSide, ...],
    duration_ms: float,
    failure_reason: str | None,
    causes: Mapping[str, FailureCause] | None = None,
) -> ProbeReport:
    """Sum up a probe. It succeeded if there is no failure reason; then both sides have medians."""
    medians = [side.median_ms for side in sides if side.median_ms is not None]
    succeeded = failure_reason is None and len(medians) == 2
    return ProbeReport(
        probe_session_id=probe_session_id,
        offerer=offerer,
        answerer=answerer,
        sides=sides,
        rtt_ms=max(medians) if succeeded else None,
        disagreement=len(medians) == 2 and _disagree(min(medians), max(medians)),
        duration_ms=duration_ms,
        failure_reason=failure_reason,
        causes=causes or {},
    )


def is_rtt(value: Any) -> TypeGuard[float]:
    """Whether `value` can be a round-trip time in milliseconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return MIN_RTT_MS <= value <= MAX_RTT_MS


def _jitter_ms(samples: tuple[float, ...]) -> float | None:
    if len(samples) < 2:
        return None
    steps = [abs(after - before) for before, after in pairwise(samples)]
    return statistics.fmean(steps)


def _disagree(smaller_ms: float, larger_ms: float) -> bool:
    return larger_ms - smaller_ms > max(DISAGREEMENT_MS, DISAGREEMENT_SHARE * larger_ms)
