import pytest

from interactive_gym.server.latency_graph import LatencyGraph

AB = ("a", "b")
BA = ("b", "a")


def graph() -> LatencyGraph:
    return LatencyGraph(fresh_s=120.0, backoff_s=2.0, backoff_limit_s=60.0)


def measured(*, accepted: bool, now_s: float = 0.0) -> LatencyGraph:
    known = graph()
    known.record_measurement(AB, 80.0, accepted=accepted, now_s=now_s, wall_s=0.0)
    return known


def test_an_unknown_pair_is_neither_blocked_nor_known_good():
    assert graph().edge(AB, 0.0) is None
    assert not graph().is_blocked(AB, 0.0)
    assert not graph().is_known_good(AB, 0.0)


def test_an_edge_is_the_same_in_either_order():
    known = measured(accepted=True)
    assert known.edge(BA, 1.0) is known.edge(AB, 1.0)
    assert known.edge(BA, 1.0).rtt_ms == 80.0


def test_a_rejected_edge_blocks_the_pair_until_it_expires():
    known = measured(accepted=False)
    assert known.is_blocked(BA, 119.9)
    assert not known.is_blocked(BA, 120.0)


def test_an_accepted_edge_is_known_good_until_it_expires():
    known = measured(accepted=True)
    assert known.is_known_good(BA, 119.9)
    assert not known.is_known_good(BA, 120.0)
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


def test_a_failure_after_an_accepted_edge_calls_for_a_new_probe():
    known = measured(accepted=True)
    known.record_failure(AB, now_s=1.0)
    assert known.is_blocked(AB, 2.0)
    assert not known.is_known_good(AB, 3.0)
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
