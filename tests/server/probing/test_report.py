from __future__ import annotations

import math
from typing import Any

import pytest

from interactive_gym.server.probing.report import (
    CANDIDATE_TYPES,
    ProbeReport,
    ProbeSide,
    is_rtt,
    make_report,
    parse_side,
)


def side(samples_ms: Any = (40.0,), subject_id: str = "a", **fields: Any) -> ProbeSide:
    samples_ms = list(samples_ms) if isinstance(samples_ms, tuple) else samples_ms
    return parse_side(subject_id, {"samples_ms": samples_ms, **fields})


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


def test_a_hundred_samples_are_taken_and_not_one_more() -> None:
    samples = tuple(float(number) for number in range(1, 101))
    assert side(samples).samples_ms == samples
    assert side(samples).reason is None
    too_many = side((*samples, 1.0))
    assert (too_many.samples_ms, too_many.reason) == ((), "more than 100 samples")
    assert too_many.median_ms is too_many.minimum_ms is too_many.jitter_ms is None


@pytest.mark.parametrize("samples", [None, [], {}, "40", 40.0, {"0": 40.0}])
def test_what_holds_no_samples_is_a_failed_measurement(samples: Any) -> None:
    assert side(samples).reason == "no samples"
    assert side(samples).samples_ms == ()


@pytest.mark.parametrize("sample", [0, 0.0, -1, math.nan, math.inf, "40", None, True, 10**400])
def test_one_sample_that_is_no_rtt_spoils_them_all(sample: Any) -> None:
    assert not is_rtt(sample)
    for samples in ([sample], [40.0, sample], [sample, 40.0]):
        assert side(samples).reason == "a sample is not a finite positive number"


@pytest.mark.parametrize("sample", [1, 0.001, 5e-324, 40.5, 1e300])
def test_any_finite_positive_number_can_be_an_rtt(sample: float) -> None:
    assert is_rtt(sample)
    assert side((sample,)).samples_ms == (float(sample),)
    assert all(type(one) is float for one in side((sample,)).samples_ms)


def test_median_minimum_and_jitter_come_from_the_samples_in_their_order() -> None:
    measured = side((50.0, 40.0, 90.0, 60.0))
    assert (measured.median_ms, measured.minimum_ms) == (55.0, 40.0)
    assert measured.jitter_ms == (10 + 50 + 30) / 3


def test_two_samples_have_a_jitter_and_one_has_none() -> None:
    assert side((40.0, 43.0)).jitter_ms == 3.0
    assert side((43.0, 40.0)).jitter_ms == 3.0
    assert side((40.0,)).jitter_ms is None


def test_the_reason_of_a_browser_is_cut_at_two_hundred_characters() -> None:
    assert side(reason="x" * 200).reason == "x" * 200
    assert side(reason="x" * 200 + "y").reason == "x" * 200
    assert side(reason="").reason == "unknown"
    assert side(reason=7).reason == "7"


def test_with_a_reason_the_samples_do_not_count() -> None:
    failed = side((40.0, 41.0), reason="ice failed")
    assert (failed.samples_ms, failed.median_ms, failed.reason) == ((), None, "ice failed")


@pytest.mark.parametrize(
    ("lost", "kept"),
    [(0, 0), (1, 1), (10_000, 10_000), (10_001, None), (-1, None), (True, None), (1.0, None)],
)
def test_lost_pings_are_counted_up_to_ten_thousand(lost: Any, kept: int | None) -> None:
    assert side(lost=lost).lost is kept or side(lost=lost).lost == kept


@pytest.mark.parametrize(
    ("hidden", "kept"), [(True, True), (False, False), (1, None), ("no", None)]
)
def test_whether_a_page_was_hidden_is_yes_or_no_or_not_told(hidden: Any, kept: Any) -> None:
    assert side(hidden=hidden).hidden is kept


def test_the_browsers_own_figure_is_kept_if_it_can_be_one() -> None:
    assert side(stats_rtt_ms=41).stats_rtt_ms == 41.0
    for wrong in (0, -1, "41", None, True, math.nan):
        assert side(stats_rtt_ms=wrong).stats_rtt_ms is None


def test_only_types_of_candidates_that_there_are_are_kept() -> None:
    for kind in CANDIDATE_TYPES:
        told = side(local_candidate_type=kind, remote_candidate_type=None)
        assert (told.local_candidate_type, told.remote_candidate_type) == (kind, None)
        told = side(local_candidate_type="HOST", remote_candidate_type=kind)
        assert (told.local_candidate_type, told.remote_candidate_type) == (None, kind)
    assert side(local_candidate_type=["host"]).local_candidate_type is None


def test_what_is_not_told_is_not_made_up() -> None:
    bare = parse_side("a", {"samples_ms": [40.0]})
    assert bare.subject_id == "a"
    assert (bare.lost, bare.hidden, bare.stats_rtt_ms, bare.reason) == (None,) * 4
    assert (bare.local_candidate_type, bare.remote_candidate_type) == (None, None)


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
