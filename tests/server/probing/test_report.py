from __future__ import annotations

import math
from typing import Any

import pytest

from interactive_gym.server.probing.report import (
    ProbeReport,
    ProbeSide,
    is_rtt,
    make_report,
    make_side,
)


def side(samples_ms: tuple[float, ...], subject_id: str = "a") -> ProbeSide:
    return make_side(
        subject_id,
        samples_ms,
        lost=0,
        hidden=False,
        stats_rtt_ms=None,
        local_candidate_type="host",
        remote_candidate_type="host",
        reason=None,
    )


def report(a_ms: float | None, b_ms: float | None, failure: str | None = None) -> ProbeReport:
    """A probe that the two sides measured these medians of; None where one did not report."""
    sides = tuple(side((ms,), who) for who, ms in (("a", a_ms), ("b", b_ms)) if ms is not None)
    return make_report(
        probe_session_id="p",
        offerer="a",
        answerer="b",
        sides=sides,
        duration_ms=1500.0,
        failure_reason=failure,
    )


@pytest.mark.parametrize(
    "value", [0, 0.0, -1, 1e-300, 1e308, math.nan, math.inf, "40", None, True, 10**400]
)
def test_what_cannot_be_a_round_trip_is_no_rtt(value: Any) -> None:
    assert not is_rtt(value)


@pytest.mark.parametrize("value", [1, 0.01, 40.5, 60_000.0])
def test_what_a_probe_can_measure_is_an_rtt(value: float) -> None:
    assert is_rtt(value)


def test_no_samples_have_neither_median_nor_minimum_nor_jitter() -> None:
    failed = side(())
    assert failed.median_ms is failed.minimum_ms is failed.jitter_ms is None


def test_median_minimum_and_jitter_come_from_the_samples_in_their_order() -> None:
    measured = side((50.0, 40.0, 90.0, 60.0))
    assert (measured.median_ms, measured.minimum_ms) == (55.0, 40.0)
    assert measured.jitter_ms == (10 + 50 + 30) / 3


def test_two_samples_have_a_jitter_and_one_has_none() -> None:
    assert side((40.0, 43.0)).jitter_ms == 3.0
    assert side((43.0, 40.0)).jitter_ms == 3.0
    assert side((40.0,)).jitter_ms is None


def test_the_verdict_is_about_the_larger_median() -> None:
    assert report(40.0, 44.0).rtt_ms == report(44.0, 40.0).rtt_ms == 44.0


@pytest.mark.parametrize(("a_ms", "b_ms"), [(40.0, None), (None, 40.0), (None, None)])
def test_without_both_sides_there_is_no_measurement(a_ms: Any, b_ms: Any) -> None:
    assert report(a_ms, b_ms).rtt_ms is None
    assert not report(a_ms, b_ms).disagreement


def test_a_probe_that_failed_has_no_rtt_whatever_was_measured() -> None:
    failed = report(40.0, 44.0, failure="b left")
    assert (failed.rtt_ms, failed.failure_reason) == (None, "b left")


@pytest.mark.parametrize(
    ("a_ms", "b_ms", "disagree"),
    [
        (20.0, 30.0, False),
        (20.0, 30.001, True),
        (30.0, 40.0, False),
        (29.999, 40.0, True),
        (75.0, 100.0, False),
        (74.999, 100.0, True),
        (300.0, 400.0, False),
        (400.0, 299.999, True),
    ],
)
def test_two_sides_agree_within_ten_milliseconds_or_a_quarter(
    a_ms: float, b_ms: float, disagree: bool
) -> None:
    assert report(a_ms, b_ms).disagreement == report(b_ms, a_ms).disagreement == disagree


def test_a_report_is_a_record_for_the_ledger() -> None:
    record = report(40.0, 44.0).as_record()
    assert (record["probe_session_id"], record["offerer"], record["answerer"]) == ("p", "a", "b")
    assert record["duration_ms"] == 1500.0
    assert [one["samples_ms"] for one in record["sides"]] == [(40.0,), (44.0,)]
