import math

import pytest

from interactive_gym.server.matching.latency_graph import Edge, LatencyGraph, p_remeasured
from interactive_gym.server.matchmaker import MatchCandidate
from interactive_gym.server.probing.events import ProbeResult, parse_side
from interactive_gym.server.probing.report import make_report

AB = ("a", "b")
BA = ("b", "a")


def graph() -> LatencyGraph:
    return LatencyGraph(fresh_s=120.0, backoff_s=2.0, backoff_limit_s=60.0)


def measured(*, accepted: bool, now_s: float = 0.0) -> LatencyGraph:
    known = graph()
    known.record_measurement(AB, 80.0, accepted=accepted, now_s=now_s, wall_s=0.0)
    return known


def test_an_unknown_pair_is_neither_measured_nor_blocked():
    assert graph().edge(AB, 0.0) is None
    assert not graph().is_blocked(AB, 0.0)


def test_an_edge_is_the_same_in_either_order():
    known = measured(accepted=True)
    assert known.edge(BA, 1.0) is known.edge(AB, 1.0)
    assert known.edge(BA, 1.0).rtt_ms == 80.0


def test_a_rejected_edge_blocks_the_pair_until_it_expires():
    known = measured(accepted=False)
    assert known.is_blocked(BA, 119.9)
    assert not known.is_blocked(BA, 120.0)


def test_an_accepted_edge_is_known_until_it_expires_and_blocks_nobody():
    known = measured(accepted=True)
    assert known.edge(BA, 119.9).accepted
    assert known.edge(BA, 120.0) is None
    assert not known.is_blocked(AB, 1.0)


def test_a_failure_is_no_measurement():
    known = graph()
    known.record_failure(AB, now_s=0.0)
    assert known.edge(AB, 0.5) is None


def test_failures_in_a_row_are_retried_later_and_later_up_to_a_limit():
    known = graph()
    now_s, delays = 0.0, []
    for _ in range(8):
        retry_at_s = known.record_failure(AB, now_s=now_s).retry_at_s
        delays.append(retry_at_s - now_s)
        assert known.is_blocked(BA, retry_at_s - 0.01)
        assert not known.is_blocked(BA, retry_at_s)
        now_s = retry_at_s
    assert delays == [2, 4, 8, 16, 32, 60, 60, 60]


def test_a_pair_that_fails_for_ever_never_overflows_the_backoff():
    known = graph()
    for _ in range(2000):
        failure = known.record_failure(AB, now_s=0.0)
    assert failure.retry_at_s == 60.0


def test_a_measurement_ends_a_row_of_failures():
    known = graph()
    known.record_failure(AB, now_s=0.0)
    known.record_failure(AB, now_s=2.0)
    known.record_measurement(AB, 80.0, accepted=True, now_s=3.0, wall_s=0.0)
    assert not known.is_blocked(AB, 3.0)
    assert known.record_failure(AB, now_s=4.0).retry_at_s == 6.0


@pytest.mark.parametrize("end", ["measured", "forgotten", "gone"])
def test_a_pair_is_a_failed_one_until_it_is_measured_or_its_failure_is_forgotten(end):
    known = graph()
    known.record_failure(BA, now_s=0.0)
    assert list(known.failed_pairs) == [AB]
    if end == "measured":
        known.record_measurement(AB, 80.0, accepted=True, now_s=3.0, wall_s=0.0)
    elif end == "forgotten":
        known.lapse(100_000.0)
    else:
        known.forget("a")
    assert list(known.failed_pairs) == []


def test_a_failure_after_an_accepted_edge_blocks_the_pair_for_a_while():
    known = measured(accepted=True)
    known.record_failure(AB, now_s=1.0)
    assert known.is_blocked(AB, 2.0)
    assert not known.is_blocked(AB, 3.0)


def test_a_failure_does_not_soften_a_rejected_edge():
    known = measured(accepted=False)
    known.record_failure(AB, now_s=1.0)
    assert known.is_blocked(AB, 60.0)


@pytest.mark.parametrize("accepted", [True, False])
def test_expired_edges_are_forgotten_and_their_pairs_named_once(accepted):
    known = measured(accepted=accepted)
    assert known.lapse(119.0) == []
    assert known.lapse(120.0) == [AB]
    assert known.lapse(121.0) == []


def test_a_pair_whose_backoff_is_over_is_named():
    known = graph()
    known.record_failure(AB, now_s=0.0)
    assert known.lapse(1.9) == []
    assert known.lapse(2.0) == [AB]


def test_an_edge_measured_again_does_not_expire_with_the_first_one():
    known = measured(accepted=False)
    known.record_measurement(AB, 90.0, accepted=False, now_s=100.0, wall_s=0.0)
    assert known.lapse(120.0) == []
    assert known.is_blocked(AB, 219.0)
    assert known.lapse(220.0) == [AB]


def test_old_failures_no_longer_lengthen_the_backoff():
    known = graph()
    known.record_failure(AB, now_s=0.0)
    known.lapse(2.0 + 60.0)
    assert known.record_failure(AB, now_s=100.0).count == 1


def test_a_pair_is_named_when_the_failure_that_put_its_measurement_in_doubt_is_forgotten():
    known = measured(accepted=True)
    known.record_failure(AB, now_s=10.0)
    assert known.lapse(12.0) == [AB]
    assert known.lapse(71.9) == []
    assert known.lapse(72.0) == [AB]
    assert known.link(AB).failure is None


def test_a_rejected_pair_is_named_after_its_backoff_as_its_threshold_may_have_relaxed():
    known = measured(accepted=False)
    known.record_failure(AB, now_s=10.0)
    assert known.lapse(12.0) == [AB]


def test_a_pair_is_not_named_when_a_failure_is_forgotten_and_nothing_was_measured():
    known = graph()
    known.record_failure(AB, now_s=10.0)
    assert known.lapse(12.0) == [AB]
    assert known.lapse(72.0) == []


def side(subject_id: str, samples_ms: tuple[float, ...], local: str | None, remote: str | None):
    result = ProbeResult(
        "p", samples_ms=list(samples_ms), local_candidate_type=local, remote_candidate_type=remote
    )
    return parse_side(subject_id, result)


def edge_of(*sides) -> Edge:
    report = make_report(
        probe_session_id="p",
        offerer="a",
        answerer="b",
        sides=sides,
        duration_ms=900.0,
        failure_reason=None,
    )
    return graph().record_measurement(
        AB, report.rtt_ms, accepted=True, now_s=0.0, wall_s=0.0, report=report
    )


def test_an_edge_sums_up_the_samples_of_both_sides():
    edge = edge_of(
        side("a", (10.0, 14.0, 12.0), "host", "host"), side("b", (20.0, 22.0), "host", "host")
    )
    assert edge.rtt_ms == 21.0
    assert edge.samples_ms == {"a": (10.0, 14.0, 12.0), "b": (20.0, 22.0)}
    assert edge.median_ms == 14.0
    assert edge.minimum_ms == 10.0
    assert edge.jitter_ms == 3.0


@pytest.mark.parametrize(
    ("types", "route"),
    [
        (("host", "host", "host", "host"), "host"),
        (("host", "srflx", "prflx", "host"), "srflx"),
        (("relay", "srflx", "srflx", "host"), "relay"),
        ((None, None, None, None), None),
    ],
)
def test_the_route_follows_from_the_candidates_of_both_ends(types, route):
    edge = edge_of(side("a", (10.0,), *types[:2]), side("b", (10.0,), *types[2:]))
    assert edge.route == route


def test_an_edge_without_a_report_has_its_rtt_alone():
    edge = measured(accepted=True).edge(AB, 1.0)
    assert edge.samples_ms == {}
    assert (edge.median_ms, edge.minimum_ms, edge.jitter_ms, edge.route) == (None,) * 4


def test_an_expired_edge_keeps_its_rtt_for_predictions_and_loses_its_samples():
    known = LatencyGraph(fresh_s=120.0, remember_s=600.0)
    report = edge_of(side("a", (10.0,), None, None), side("b", (10.0,), None, None)).report
    known.record_measurement(AB, 80.0, accepted=True, now_s=0.0, wall_s=0.0, report=report)
    known.lapse(120.0)
    assert known.link(BA).edge.rtt_ms == 80.0
    assert known.link(BA).edge.report is None
    assert known.edge(AB, 120.0) is None
    known.lapse(720.0)
    assert known.link(AB) is None
    assert dict(known.links("a")) == {}


def test_a_pair_on_the_blocklist_stays_blocked_whatever_is_measured_or_forgotten():
    known = LatencyGraph(fresh_s=10.0, remember_s=10.0, blocklist=[BA])
    known.record_measurement(AB, 20.0, accepted=True, now_s=0.0, wall_s=0.0)
    known.lapse(1000.0)
    known.forget("a")
    assert known.is_blocked(AB, 1000.0)
    known.block(("c", "d"))
    assert known.is_blocked(("d", "c"), 0.0)


def test_who_is_forgotten_is_known_to_nobody_any_more():
    known = measured(accepted=True)
    known.record_failure(("a", "c"), now_s=0.0)
    known.record_measurement(("b", "c"), 50.0, accepted=True, now_s=0.0, wall_s=0.0)
    known.forget("a")
    assert known.edge(AB, 1.0) is None
    assert not known.is_blocked(("a", "c"), 1.0)
    assert list(known.links("b")) == ["c"]
    assert known.lapse(1e6) == [("b", "c")]


def test_what_changed_is_told_by_participant_from_the_latest_back():
    known = measured(accepted=True)
    revision = known.revision
    assert known.changed_since(revision) == []
    known.record_failure(("a", "c"), now_s=1.0)
    assert sorted(known.changed_since(revision)) == ["a", "c"]
    assert sorted(known.changed_since(0)) == ["a", "b", "c"]
    later = known.revision
    known.lapse(3.0)
    assert sorted(known.changed_since(later)) == ["a", "c"]


def test_who_has_no_link_any_more_is_told_to_have_changed():
    known = LatencyGraph(backoff_s=2.0, backoff_limit_s=60.0, remember_s=100.0)
    known.record_failure(AB, now_s=0.0)
    known.lapse(3.0)
    before = known.revision
    known.lapse(62.0)
    assert known.link(AB) is None
    assert sorted(known.changed_since(before)) == ["a", "b"]
    known.lapse(162.0)
    assert known.changed_since(0) == []


def test_who_has_links_again_goes_on_being_told_of():
    known = LatencyGraph(backoff_s=2.0, backoff_limit_s=60.0, remember_s=100.0)
    known.record_failure(AB, now_s=0.0)
    known.lapse(3.0)
    known.lapse(62.0)
    known.record_failure(AB, now_s=161.0)
    known.lapse(162.0)
    assert sorted(known.changed_since(0)) == ["a", "b"]


def test_nothing_is_kept_of_people_whose_edges_are_all_forgotten():
    known = LatencyGraph(fresh_s=10.0, remember_s=100.0)
    for at in range(500):
        a, b = MatchCandidate(f"a{at}", 20.0), MatchCandidate(f"b{at}", 20.0)
        pair = (a.subject_id, b.subject_id)
        known.record_measurement(pair, 50.0, accepted=True, now_s=at, wall_s=0.0)
        known.learn(a, b, accepted=True, threshold_ms=60.0)
        known.lapse(at)
    present = {f"{side}{at}" for side in "ab" for at in range(389, 500)}
    assert set(known._links) <= present
    assert set(known._revisions) <= {f"{side}{at}" for side in "ab" for at in range(289, 500)}
    assert set(known.predictor._outbox) <= present
    assert len(known._lapses) <= 2 * 112


def test_an_expired_measurement_predicts_better_than_server_rtts_do():
    known = LatencyGraph()
    a, b = MatchCandidate("a", 5.0), MatchCandidate("b", 5.0)
    assert known.p_accept(a, b, 60.0) > 0.9
    known.record_measurement(AB, 200.0, accepted=False, now_s=0.0, wall_s=0.0)
    known.lapse(120.0)
    assert 0 < known.p_accept(a, b, 60.0) < 0.01
    assert known.p_accept(a, b, 200.0) == pytest.approx(0.5)
    assert known.predicted_rtt_ms(a, b).median_ms == 200.0


def test_how_likely_an_expired_pair_is_to_be_accepted_goes_by_the_ratio_to_the_threshold():
    edge = measured(accepted=True).edge(AB, 1.0)
    assert edge.rtt_ms == 80.0
    assert p_remeasured(edge, 80.0) == 0.5
    assert p_remeasured(edge, 64.0) == pytest.approx(0.1348, abs=1e-4)
    assert p_remeasured(edge, 100.0) == pytest.approx(1 - 0.1348, abs=1e-4)
    for threshold_ms, sign in ((1e-3, 1), (1e6, -1)):
        assert p_remeasured(edge, threshold_ms) == 1.0 / (1.0 + math.exp(20.0 * sign))


def test_a_measured_rtt_is_predicted_with_the_spread_of_a_drift():
    a, b = MatchCandidate("a", 5.0), MatchCandidate("b", 5.0)
    said = measured(accepted=True).predicted_rtt_ms(b, a)
    spread = math.exp(0.12 * math.log(9.0))
    assert (said.low_ms, said.median_ms, said.high_ms) == (80.0 / spread, 80.0, 80.0 * spread)
    unmeasured = graph()
    unmeasured.record_failure(AB, now_s=0.0)
    for known in (graph(), unmeasured):
        assert known.predicted_rtt_ms(a, b) == known.predictor.predict(a, b)
        assert known.p_accept(a, b, 60.0) == known.predictor.p_accept(a, b, 60.0)


def test_unless_told_otherwise_an_edge_counts_two_minutes_and_serves_for_half_an_hour_more():
    known = LatencyGraph()
    known.record_measurement(AB, 80.0, accepted=True, now_s=10.0, wall_s=99.0)
    edge = known.edge(AB, 10.0)
    assert (edge.measured_at_s, edge.measured_at_wall_s, edge.expires_at_s) == (10.0, 99.0, 130.0)
    known.lapse(130.0)
    known.lapse(130.0 + 1799.9)
    assert known.link(AB).edge.rtt_ms == 80.0
    known.lapse(130.0 + 1800.0)
    assert known.link(AB) is None


def test_unless_told_otherwise_a_failure_is_retried_after_two_seconds_and_within_a_minute():
    known = LatencyGraph()
    delays_s = []
    for _ in range(8):
        failure = known.record_failure(AB, now_s=5.0)
        delays_s.append(failure.retry_at_s - failure.failed_at_s)
    assert delays_s == [2, 4, 8, 16, 32, 60, 60, 60]
    assert (failure.count, failure.failed_at_s) == (8, 5.0)


def test_a_backoff_is_doubled_at_most_32_times():
    known = LatencyGraph(backoff_s=1.0, backoff_limit_s=1e300)
    for _ in range(33):
        failure = known.record_failure(AB, now_s=0.0)
    assert failure.retry_at_s == 2.0**32
    assert known.record_failure(AB, now_s=0.0).retry_at_s == 2.0**32


def test_a_row_of_failures_counts_until_a_whole_limit_after_the_last_backoff():
    known = graph()
    for _ in range(2):
        known.record_failure(AB, now_s=0.0)
    assert known.lapse(4.0) == [AB]
    known.lapse(63.9)
    assert known.link(AB).failure.count == 2
    assert known.lapse(64.0) == []
    assert known.link(AB) is None


def test_a_failure_that_is_followed_by_another_is_not_forgotten_with_the_first():
    known = graph()
    known.record_failure(AB, now_s=0.0)
    known.lapse(2.0)
    known.record_failure(AB, now_s=50.0)
    known.lapse(62.0)
    assert known.link(AB).failure.count == 2


def test_an_expired_edge_that_is_measured_again_is_not_forgotten_with_the_first():
    known = LatencyGraph(fresh_s=10.0, remember_s=100.0)
    known.record_measurement(AB, 80.0, accepted=True, now_s=0.0, wall_s=0.0)
    known.lapse(10.0)
    known.record_measurement(AB, 90.0, accepted=True, now_s=105.0, wall_s=0.0)
    known.lapse(110.0)
    assert known.link(AB).edge.rtt_ms == 90.0
    assert known.link(AB).edge.report is None
    known.lapse(115.0)
    known.lapse(214.9)
    assert known.link(AB).edge.rtt_ms == 90.0
    known.lapse(215.0)
    assert known.link(AB) is None


def test_a_pair_that_is_still_blocked_otherwise_is_not_named_when_one_reason_ends():
    known = LatencyGraph(fresh_s=10.0, backoff_s=20.0, backoff_limit_s=60.0)
    known.record_measurement(AB, 80.0, accepted=False, now_s=0.0, wall_s=0.0)
    known.record_failure(AB, now_s=0.0)
    assert known.lapse(10.0) == []
    assert known.lapse(20.0) == [AB]
    listed = LatencyGraph(fresh_s=10.0, blocklist=[AB])
    listed.record_measurement(AB, 80.0, accepted=False, now_s=0.0, wall_s=0.0)
    assert listed.lapse(10.0) == []


def test_pairs_are_named_in_the_order_in_which_they_lapse_and_with_the_smaller_id_first():
    known = LatencyGraph(fresh_s=10.0)
    for at, pair in enumerate([("d", "c"), ("a", "b"), ("b", "c")]):
        known.record_measurement(pair, 80.0, accepted=False, now_s=at, wall_s=0.0)
    assert known.lapse(12.0) == [("c", "d"), ("a", "b"), ("b", "c")]


def test_a_pair_on_the_blocklist_that_was_measured_keeps_only_that_it_is_blocked():
    known = LatencyGraph(blocklist=[AB])
    known.record_measurement(AB, 80.0, accepted=True, now_s=0.0, wall_s=0.0)
    known.record_failure(AB, now_s=0.0)
    known.forget("b")
    link = known.link(AB)
    assert (link.edge, link.failure, link.on_blocklist) == (None, None, True)
    assert known.lapse(1e6) == []
    assert known.is_blocked(BA, 1e6)


def test_a_link_is_blocked_by_a_fresh_rejection_a_backoff_or_the_list():
    assert not measured(accepted=True).link(AB).is_blocked(0.0)
    assert measured(accepted=False).link(AB).is_blocked(119.9)
    assert not measured(accepted=False).link(AB).is_blocked(120.0)
    failed = graph()
    failed.record_failure(AB, now_s=0.0)
    assert failed.link(AB).is_in_backoff(1.9)
    assert failed.link(AB).is_blocked(1.9)
    assert not failed.link(AB).is_in_backoff(2.0)
    assert not failed.link(AB).is_blocked(2.0)
    assert LatencyGraph(blocklist=[AB]).link(BA).is_blocked(0.0)


def test_every_change_has_a_revision_and_the_latest_changed_come_first():
    known = graph()
    assert known.revision == 0
    known.record_failure(AB, now_s=0.0)
    known.record_failure(("c", "d"), now_s=0.0)
    assert known.revision == 2
    assert known.changed_since(1) == ["d", "c"]
    known.record_failure(("a", "c"), now_s=0.0)
    assert known.changed_since(0) == ["c", "a", "d", "b"]
    assert known.changed_since(1) == ["c", "a", "d"]
    assert known.changed_since(3) == []


def test_what_is_not_known_of_a_participant_is_empty():
    assert dict(graph().links("a")) == {}
    assert graph().link(AB) is None
    assert measured(accepted=True).link(("a", "c")) is None


def test_who_is_forgotten_takes_what_was_learnt_of_them_along():
    known = measured(accepted=True)
    a, b = MatchCandidate("a", 5.0), MatchCandidate("b", 5.0)
    known.learn(a, b, accepted=True, threshold_ms=60.0)
    known.record_failure(("b", "c"), now_s=0.0)
    known.forget("a")
    stranger = known.predictor.effect("stranger")
    assert known.predictor.effect("a") == stranger
    assert known.predictor.effect("b") != stranger
    alone = graph()
    alone.learn(a, b, accepted=True, threshold_ms=60.0)
    alone.forget("a")
    assert alone.predictor.effect("a") == stranger


def test_a_pair_that_is_being_probed_is_blocked_until_that_is_over():
    known = LatencyGraph()
    known.mark_probed(AB, is_probed=True)
    assert known.is_blocked(AB, 0.0) and sorted(known.changed_since(0)) == [*AB]
    known.forget("a")
    known.lapse(1e6)
    assert known.is_blocked(AB, 1e6), "a pair is not forgotten while it is probed"
    known.mark_probed(AB, is_probed=False)
    assert known.link(AB) is None
    assert not known.is_blocked(AB, 1e6)


def test_what_a_probe_measured_stays_when_it_is_over():
    known = LatencyGraph()
    known.mark_probed(AB, is_probed=True)
    known.record_measurement(AB, 80.0, accepted=True, now_s=0.0, wall_s=0.0)
    known.mark_probed(AB, is_probed=False)
    assert known.edge(AB, 1.0).rtt_ms == 80.0
    assert not known.is_blocked(AB, 1.0)
