from interactive_gym.netcode.checkpoints import Checkpoints, Desync


def test_equal_checksums_are_no_desync_whichever_comes_first() -> None:
    checkpoints = Checkpoints([1, 2])
    checkpoints.add_local(8, 111)
    checkpoints.add_remote(1, 8, 111)
    checkpoints.add_remote(2, 16, 222)
    checkpoints.add_local(16, 222)
    assert checkpoints.desync is None


def test_a_local_checksum_is_compared_with_one_that_came_before() -> None:
    checkpoints = Checkpoints([1])
    checkpoints.add_remote(1, 8, 5)
    checkpoints.add_local(8, 6)
    assert checkpoints.desync == Desync(frame=7, seat=1)


def test_a_remote_checksum_is_compared_with_one_made_before() -> None:
    checkpoints = Checkpoints([1, 2])
    checkpoints.add_local(8, 6)
    checkpoints.add_local(16, 7)
    checkpoints.add_remote(2, 8, 5)
    assert checkpoints.desync == Desync(frame=7, seat=2)


def test_the_first_desync_stays() -> None:
    checkpoints = Checkpoints([1])
    checkpoints.add_local(8, 6)
    checkpoints.add_remote(1, 8, 5)
    checkpoints.add_local(16, 6)
    checkpoints.add_remote(1, 16, 5)
    assert checkpoints.desync == Desync(frame=7, seat=1)


def test_lost_checkpoints_are_made_good_by_the_next() -> None:
    checkpoints = Checkpoints([1])
    for covered in (8, 16, 24):
        checkpoints.add_local(covered, covered)
    checkpoints.add_remote(1, 24, 1)
    assert checkpoints.desync == Desync(frame=23, seat=1)


def test_what_every_peer_has_confirmed_is_forgotten() -> None:
    checkpoints = Checkpoints([1, 2])
    for covered in range(8, 8000, 8):
        checkpoints.add_local(covered, covered)
        checkpoints.add_remote(1, covered, covered)
        checkpoints.add_remote(2, covered, covered)
    assert len(checkpoints._local) == 0
    assert not any(checkpoints._remote.values())
