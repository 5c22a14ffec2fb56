"""Sums up a probe anew from the samples in its line, as the server did."""

from __future__ import annotations

from typing import Any

import msgspec

from interactive_gym.server.ledger.schema import ProbeLine
from interactive_gym.server.probing.report import (
    ProbeReport,
    ProbeSide,
    is_rtt,
    make_report,
    make_side,
)

_OF_SIDE = ("median_ms", "minimum_ms", "jitter_ms")
_OF_REPORT = ("rtt_ms", "disagreement")


def report_of(line: ProbeLine, probe_session_id: str | None = None) -> ProbeReport:
    """The account that follows from the samples of a line.

    Args:
        line: the line.
        probe_session_id: the probe's id, if it is to be another than the line's.

    Raises:
        ValueError: if a side of it is no account.
    """
    return make_report(
        probe_session_id=probe_session_id or line.probe_session_id,
        offerer=line.offerer,
        answerer=line.answerer,
        sides=tuple(_side(side) for side in line.sides),
        duration_ms=line.duration_ms,
        failure_reason=line.failure_reason,
        causes=line.causes,
    )


def faults_of(line: ProbeLine) -> list[str]:
    """What a probe's line says that does not follow from its samples, in words."""
    try:
        report = report_of(line)
    except ValueError as error:
        return [f"a side of it is no account of a probe: {error}"]
    faults = [
        _told(f"{name} of {side.subject_id}", told.get(name), getattr(side, name))
        for side, told in zip(report.sides, line.sides, strict=True)
        for name in _OF_SIDE
        if told.get(name) != getattr(side, name)
    ]
    faults += [
        _told(name, getattr(line, name), getattr(report, name))
        for name in _OF_REPORT
        if getattr(line, name) != getattr(report, name)
    ]
    who = {line.offerer, line.answerer}
    measured = [side.subject_id for side in report.sides]
    if len(who) != 2 or not who.issuperset(measured) or len(set(measured)) != len(measured):
        faults.append("its sides are not those of its offerer and its answerer")
    if any(not is_rtt(sample) for side in report.sides for sample in side.samples_ms):
        faults.append("a sample of it is no time that a round trip can take")
    if any((side.reason is None) != bool(side.samples_ms) for side in report.sides):
        faults.append("a side has both samples and a reason for having none, or neither")
    if (report.rtt_ms is None) != (line.failure_reason is not None):
        faults.append("it has both a measurement and a reason for having none, or neither")
    if line.causes and (line.failure_reason is None or not who.issuperset(line.causes)):
        faults.append("it names causes of a failure, but no such failure")
    return faults


def _side(told: Any) -> ProbeSide:
    side = msgspec.convert(told, ProbeSide, strict=True)
    return make_side(
        side.subject_id,
        side.samples_ms,
        lost=side.lost,
        hidden=side.hidden,
        stats_rtt_ms=side.stats_rtt_ms,
        local_candidate_type=side.local_candidate_type,
        remote_candidate_type=side.remote_candidate_type,
        reason=side.reason,
    )


def _told(what: str, told: Any, follows: Any) -> str:
    return f"its {what} is {told}, where {follows} follows from the samples"
