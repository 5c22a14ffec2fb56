import pytest

from interactive_gym.netcode.time_sync import TimeSync


def settled(*estimates: tuple[float, float]) -> TimeSync:
    sync = TimeSync(frame_ms=40)
    for _ in range(100):
        sync.observe(estimates)
    return sync


def test_the_leader_waits_and_the_follower_does_not() -> None:
    assert settled((3, -3)).wait_ms() > 0
    assert settled((-3, 3)).wait_ms() == 0


def test_what_both_misjudge_alike_makes_nobody_wait() -> None:
    assert settled((-5, -5)).wait_ms() == 0
    assert settled((5, 5)).wait_ms() == 0
    assert settled((-1, -5)).wait_ms() == settled((2, -2)).wait_ms() > 0


def test_a_tick_is_never_stretched_by_more_than_half() -> None:
    assert settled((100, -100)).wait_ms() == 20


def test_a_lead_over_any_peer_makes_the_leader_wait() -> None:
    assert settled((-4, 4), (4, -4)).wait_ms() > 0


def test_without_peers_nobody_waits() -> None:
    assert settled().wait_ms() == 0


def test_the_lead_is_half_of_what_the_two_estimates_differ_by() -> None:
    # Two frames ahead: a tenth of that is waited for, of 40 ms each.
    for estimates in ((2, -2), (4, 0), (0, -4), (5, 1)):
        assert settled(estimates).wait_ms() == pytest.approx(2 * 0.1 * 40)


def test_the_lead_over_the_slowest_peer_counts() -> None:
    assert settled((1, -1), (2, -2), (-3, 3)).wait_ms() == pytest.approx(2 * 0.1 * 40)


def test_an_estimate_counts_for_a_quarter_in_the_tick_it_is_made() -> None:
    sync = TimeSync(frame_ms=40)
    for lead in (1.0, 1.75, 1.75 * 0.75 + 1.0):
        sync.observe([(4, -4)])
        assert sync.wait_ms() == pytest.approx(lead * 0.1 * 40)


def test_a_quarter_of_a_frame_is_left_alone_and_what_is_more_is_not() -> None:
    sync = TimeSync(frame_ms=40)
    sync.observe([(1, -1)])
    assert sync.wait_ms() == 0
    sync.observe([(1.001, -1.001)])
    assert sync.wait_ms() > 0


def test_a_tick_without_estimates_changes_nothing() -> None:
    sync = settled((2, -2))
    before = sync.wait_ms()
    sync.observe([])
    assert sync.wait_ms() == before
