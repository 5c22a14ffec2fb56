"""What one probe measured, as each side saw it, and the P2P RTT that follows from both.

Pure records and arithmetic. It never decides whether an RTT is acceptable: that is the
matchmaker's verdict. Made by the ProbeCoordinator, kept in the ledger and in `match.json`.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal, TypeGuard

MAX_SAMPLES = 100
"""The largest number of RTT samples one side may report."""

MAX_REASON_CHARS = 200
"""Longer failure reasons of a browser are cut."""

DISAGREEMENT_MS = 10.0
"""Medians of the two sides closer than this, in milliseconds, always agree."""

DISAGREEMENT_SHARE = 0.25
"""Medians further apart than this share of the larger one disagree."""

CANDIDATE_TYPES = frozenset({"host", "srflx", "prflx", "relay"})
"""The ICE candidate types of the W3C's RTCIceCandidateType."""

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

    def as_record(self) -> dict[str, Any]:
        """The report as JSON-compatible fields."""
        return asdict(self)


def parse_side(subject_id: str, payload: dict[str, Any]) -> ProbeSide:
    """Read a `probe_result` payload; anything but good samples becomes a failed measurement."""
    reason = payload.get("reason")
    fault = _samples_fault(payload.get("samples_ms")) if reason is None else _shortened(reason)
    good = tuple(float(sample) for sample in payload["samples_ms"]) if fault is None else ()
    lost = payload.get("lost")
    hidden = payload.get("hidden")
    stats_rtt_ms = payload.get("stats_rtt_ms")
    return ProbeSide(
        subject_id=subject_id,
        samples_ms=good,
        median_ms=statistics.median(good) if good else None,
        minimum_ms=min(good) if good else None,
        jitter_ms=_jitter_ms(good),
        lost=lost if type(lost) is int and 0 <= lost <= 10_000 else None,
        hidden=hidden if isinstance(hidden, bool) else None,
        stats_rtt_ms=float(stats_rtt_ms) if is_rtt(stats_rtt_ms) else None,
        local_candidate_type=_candidate_type(payload.get("local_candidate_type")),
        remote_candidate_type=_candidate_type(payload.get("remote_candidate_type")),
        reason=fault,
    )


def make_report(
    *,
    probe_session_id: str,
    offerer: str,
    answerer: str,
    sides: tuple[ProbeSide, ...],
    duration_ms: float,
    failure_reason: str | None,
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
    )


def is_rtt(value: Any) -> TypeGuard[float]:
    """Whether `value` can be a round-trip time in milliseconds: a finite, positive number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value) and value > 0
    except OverflowError:
        return False


def _shortened(reason: Any) -> str:
    return str(reason)[:MAX_REASON_CHARS] or "unknown"


def _samples_fault(samples: Any) -> str | None:
    if not isinstance(samples, list) or not samples:
        return "no samples"
    if len(samples) > MAX_SAMPLES:
        return f"more than {MAX_SAMPLES} samples"
    if not all(is_rtt(sample) for sample in samples):
        return "a sample is not a finite positive number"
    return None


def _jitter_ms(samples: tuple[float, ...]) -> float | None:
    if len(samples) < 2:
        return None
    steps = [abs(after - before) for before, after in pairwise(samples)]
    return statistics.fmean(steps)


def _disagree(smaller_ms: float, larger_ms: float) -> bool:
    return larger_ms - smaller_ms > max(DISAGREEMENT_MS, DISAGREEMENT_SHARE * larger_ms)


def _candidate_type(value: Any) -> str | None:
    return value if isinstance(value, str) and value in CANDIDATE_TYPES else None
