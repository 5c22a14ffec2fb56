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
