"""What browsers say about probes: one Struct for each event, checked by conversion to it.

The app converts payloads, the ProbeCoordinator takes the messages.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from interactive_gym.server.messages.fields import CandidateType, Id
from interactive_gym.server.messages.signals import Signal, check_size
from interactive_gym.server.probing.report import MAX_RTT_MS, MIN_RTT_MS, ProbeSide, make_side

MAX_REASON_CHARS = 200
"""Longer failure reasons of a browser are cut."""

RttMs = Annotated[float, Meta(ge=MIN_RTT_MS, le=MAX_RTT_MS)]
"""A round-trip time in milliseconds."""

LostPings = Annotated[int, Meta(ge=0, le=10_000)]
"""How many pings may have been lost."""


class ProbeMessage(msgspec.Struct, frozen=True):
    """What every message about a probe says."""

    probe_session_id: Id
    """Which probe."""


class ProbeReady(ProbeMessage, frozen=True):
    """`probe_ready`: the page's RTCPeerConnection exists."""


class ProbeSignal(ProbeMessage, frozen=True):
    """`probe_signal`: for the other browser."""

    signal: Signal
    """An offer, an answer or a candidate."""

    def __post_init__(self) -> None:
        check_size(self.signal)


class ProbeResult(ProbeMessage, frozen=True):
    """`probe_result`: what the page measured.

    Whoever measures badly must not keep the other one waiting, so any account is taken, and
    `parse_side` looks at its fields one by one.
    """

    samples_ms: Any = None
    """Every RTT sample in milliseconds, in order."""

    lost: Any = None
    """How many pings were not answered in time."""

    hidden: Any = None
    """Whether the page was hidden at some time during the probe."""

    stats_rtt_ms: Any = None
    """The browser's own coarse figure from getStats(), in milliseconds."""

    local_candidate_type: Any = None
    """ICE type of this side's end of the selected pair."""

    remote_candidate_type: Any = None
    """ICE type of the other end of the selected pair."""

    reason: Any = None
    """Why the measurement failed; `None` if it succeeded."""


def parse_side(
    subject_id: str,
    result: ProbeResult,
    *,
    max_samples: int = 10,
    max_rtt_ms: float = MAX_RTT_MS,
) -> ProbeSide:
    """Read a participant's account; anything but good samples becomes a failed measurement.

    Args:
        subject_id: whose account it is.
        result: the account.
        max_samples: how many samples were asked for.
        max_rtt_ms: how long a probe lasts at most, in milliseconds; no round trip takes longer.
    """
    fault = _shortened(result.reason)
    if result.reason is None:
        fault = _samples_fault(result, max_samples, max_rtt_ms)
    return make_side(
        subject_id,
        () if fault is not None else tuple(_told(result.samples_ms, list[RttMs])),
        lost=_told(result.lost, LostPings),
        hidden=_told(result.hidden, bool),
        stats_rtt_ms=_told(result.stats_rtt_ms, RttMs),
        local_candidate_type=_told(result.local_candidate_type, CandidateType),
        remote_candidate_type=_told(result.remote_candidate_type, CandidateType),
        reason=fault,
    )


def _shortened(reason: Any) -> str | None:
    return None if reason is None else (str(reason)[:MAX_REASON_CHARS] or "unknown")


def _samples_fault(result: ProbeResult, max_samples: int, max_rtt_ms: float) -> str | None:
    samples = result.samples_ms
    if not isinstance(samples, list) or not samples:
        return "no samples"
    if len(samples) > max_samples:
        return f"more than the {max_samples} samples asked for"
    if _told(samples, list[RttMs]) is None:
        return f"a sample is no number from {MIN_RTT_MS} to {MAX_RTT_MS:.0f}"
    if max(samples) > max_rtt_ms:
        return "a sample is longer than a probe may last"
    return None


def _told(value: Any, told_type: Any) -> Any:
    """What a field of an account says; `None` if it is not of this type."""
    try:
        return msgspec.convert(value, told_type, strict=True)
    except ValueError:
        return None
