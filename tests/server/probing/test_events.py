import math
from typing import Any, get_args

import pytest

from interactive_gym.server.messages.fields import CandidateType
from interactive_gym.server.messages.signals import Offer
from interactive_gym.server.probing.events import ProbeReady, ProbeResult, ProbeSignal, parse_side
from interactive_gym.server.probing.report import ProbeSide
from tests.support.browser_events import is_dropped, message

OFFER = {"type": "offer", "sdp": "v=0"}


def test_signals_are_taken():
    payload = {"probe_session_id": "p", "signal": OFFER}
    assert message("probe_signal", payload) == ProbeSignal("p", Offer("v=0"))


@pytest.mark.parametrize("signal", [None, "offer", [], {}, {"type": "offer"}])
def test_malformed_signals_are_refused(signal):
    assert is_dropped("probe_signal", {"probe_session_id": "p", "signal": signal})


def test_any_account_of_a_probe_is_taken_so_that_nobody_waits_for_a_better_one():
    assert message("probe_result", {"probe_session_id": "p"}) == ProbeResult("p")
    strange = {"samples_ms": "12", "lost": True, "hidden": [], "reason": 5}
    assert message("probe_result", {"probe_session_id": "p", **strange}) == ProbeResult(
        "p", **strange
    )


@pytest.mark.parametrize("payload", [None, 5, "p", [], {}, {"probe_session_id": 3}])
@pytest.mark.parametrize("event", ["probe_ready", "probe_signal", "probe_result"])
def test_whoever_does_not_name_the_probe_says_nothing(event, payload):
    assert message("probe_ready", {"probe_session_id": "p"}) == ProbeReady("p")
    assert is_dropped(event, payload)


def side(samples_ms: Any = (40.0,), subject_id: str = "a", **fields: Any) -> ProbeSide:
    samples_ms = list(samples_ms) if isinstance(samples_ms, tuple) else samples_ms
    return parse_side(subject_id, ProbeResult("p", samples_ms=samples_ms, **fields))


def test_as_many_samples_are_taken_as_were_asked_for_and_not_one_more() -> None:
    samples = tuple(float(number) for number in range(1, 11))
    assert side(samples).samples_ms == samples
    assert side(samples).reason is None
    too_many = side((*samples, 1.0))
    assert (too_many.samples_ms, too_many.reason) == ((), "more than the 10 samples asked for")
    assert too_many.median_ms is too_many.minimum_ms is too_many.jitter_ms is None


@pytest.mark.parametrize("samples", [None, [], {}, "40", 40.0, {"0": 40.0}])
def test_what_holds_no_samples_is_a_failed_measurement(samples: Any) -> None:
    assert side(samples).reason == "no samples"
    assert side(samples).samples_ms == ()


@pytest.mark.parametrize(
    "sample", [0, 0.0, -1, 1e-300, 1e308, math.nan, math.inf, "40", None, True, 10**400]
)
def test_one_sample_that_is_no_rtt_spoils_them_all(sample: Any) -> None:
    for samples in ([sample], [40.0, sample], [sample, 40.0]):
        assert side(samples).reason == "a sample is no number from 0.01 to 60000"


@pytest.mark.parametrize("sample", [1, 0.01, 40.5, 60_000.0])
def test_any_finite_positive_number_can_be_a_sample(sample: float) -> None:
    assert side((sample,)).samples_ms == (float(sample),)
    assert all(type(one) is float for one in side((sample,)).samples_ms)


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
    for kind in get_args(CandidateType):
        told = side(local_candidate_type=kind, remote_candidate_type=None)
        assert (told.local_candidate_type, told.remote_candidate_type) == (kind, None)
        told = side(local_candidate_type="HOST", remote_candidate_type=kind)
        assert (told.local_candidate_type, told.remote_candidate_type) == (None, kind)
    assert side(local_candidate_type=["host"]).local_candidate_type is None


def test_what_is_not_told_is_not_made_up() -> None:
    bare = parse_side("a", ProbeResult("p", samples_ms=[40.0]))
    assert bare.subject_id == "a"
    assert (bare.lost, bare.hidden, bare.stats_rtt_ms, bare.reason) == (None,) * 4
    assert (bare.local_candidate_type, bare.remote_candidate_type) == (None, None)
