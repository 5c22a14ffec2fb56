import hashlib

from interactive_gym.netcode.checkpoints import Checkpoints, Checksums, Desync


def sent(*checkpoints: tuple[int, int, bytes]) -> list[Checksums]:
    """The checksums that a participant with these checkpoints sends after each."""
    sender = Checkpoints([])
    newest = []
    for covered, rows, state in checkpoints:
        sender.add_local(covered, rows, state)
        newest.append(sender.newest[1])
    return newest


def test_equal_checksums_are_no_desync_whichever_comes_first() -> None:
    checkpoints = Checkpoints([1, 2])
    first, second = sent((8, 111, b"a"), (16, 222, b"b"))
    checkpoints.add_local(8, 111, b"a")
    checkpoints.add_remote(1, 8, first)
    checkpoints.add_remote(2, 16, second)
    checkpoints.add_local(16, 222, b"b")
    assert checkpoints.desync is None


def test_a_local_checksum_is_compared_with_one_that_came_before() -> None:
    checkpoints = Checkpoints([1])
    checkpoints.add_remote(1, 8, Checksums(5, 5))
    checkpoints.add_local(8, 6, b"a")
    assert checkpoints.desync == Desync(frame=7, seat=1, part="rows")


def test_a_remote_checksum_is_compared_with_one_made_before() -> None:
    checkpoints = Checkpoints([1, 2])
    checkpoints.add_local(8, 6, b"a")
    checkpoints.add_local(16, 7, b"a")
    checkpoints.add_remote(2, 8, Checksums(5, 5))
    assert checkpoints.desync == Desync(frame=7, seat=2, part="rows")


def test_a_state_that_differs_behind_equal_rows_is_a_desync() -> None:
    checkpoints = Checkpoints([1])
    checkpoints.add_local(8, 6, b"a")
    checkpoints.add_remote(1, 8, sent((8, 6, b"b"))[0])
    assert checkpoints.desync == Desync(frame=7, seat=1, part="state")


def test_a_state_that_differed_at_a_lost_checkpoint_shows_at_the_next() -> None:
    checkpoints = Checkpoints([1])
    checkpoints.add_local(8, 6, b"a")
    checkpoints.add_local(16, 7, b"c")
    checkpoints.add_remote(1, 16, sent((8, 6, b"b"), (16, 7, b"c"))[1])
    assert checkpoints.desync == Desync(frame=15, seat=1, part="state")


def test_the_first_desync_stays() -> None:
    checkpoints = Checkpoints([1])
    checkpoints.add_local(8, 6, b"a")
    checkpoints.add_remote(1, 8, Checksums(5, 5))
    checkpoints.add_local(16, 6, b"a")
    checkpoints.add_remote(1, 16, Checksums(5, 5))
    assert checkpoints.desync == Desync(frame=7, seat=1, part="rows")


def test_lost_checkpoints_are_made_good_by_the_next() -> None:
    checkpoints = Checkpoints([1])
    for covered in (8, 16, 24):
        checkpoints.add_local(covered, covered, b"a")
    checkpoints.add_remote(1, 24, Checksums(1, 1))
    assert checkpoints.desync == Desync(frame=23, seat=1, part="rows")


def test_what_every_peer_has_confirmed_is_forgotten() -> None:
    checkpoints = Checkpoints([1, 2])
    for covered in range(8, 8000, 8):
        checkpoints.add_local(covered, covered, b"a")
        for seat in (1, 2):
            checkpoints.add_remote(seat, covered, checkpoints.newest[1])
    assert len(checkpoints._local) == 0
    assert not any(checkpoints._remote.values())
    assert checkpoints.desync is None


def test_a_peer_that_is_gone_keeps_nothing_from_being_forgotten() -> None:
    checkpoints = Checkpoints([1, 2])
    for covered in range(8, 80, 8):
        checkpoints.add_local(covered, covered, b"a")
        checkpoints.add_remote(1, covered, checkpoints.newest[1])
    assert len(checkpoints._local) == 9
    checkpoints.forget_peer(2)
    assert len(checkpoints._local) == 0


def test_frames_that_a_peer_lost_in_a_reload_are_not_compared() -> None:
    checkpoints = Checkpoints([1])
    checkpoints.add_remote(1, 8, Checksums(5, 5))
    checkpoints.restart_peer(1)
    checkpoints.add_local(8, 6, b"a")
    assert checkpoints.desync is None
    checkpoints.add_remote(1, 8, Checksums(5, 5))
    assert checkpoints.desync == Desync(frame=7, seat=1, part="rows")


def test_a_checksum_that_waits_is_compared_with_the_local_one_of_the_same_frames() -> None:
    checkpoints = Checkpoints([1])
    first, second = sent((8, 111, b"a"), (16, 222, b"b"))
    checkpoints.add_remote(1, 8, first)
    checkpoints.add_remote(1, 16, second)
    checkpoints.add_local(8, 111, b"a")
    assert checkpoints.desync is None
    checkpoints.add_local(16, 223, b"b")
    assert checkpoints.desync == Desync(frame=15, seat=1, part="rows")


def test_checksums_that_are_compared_or_passed_over_wait_no_longer() -> None:
    checkpoints = Checkpoints([1, 2])
    for covered in (8, 24, 32):
        checkpoints.add_remote(1, covered, Checksums(covered, 0))
    for covered, left in ((8, {24, 32}), (16, {24, 32}), (24, {32}), (32, set())):
        checkpoints.add_local(covered, covered, b"a")
        assert set(checkpoints._remote[1]) == left


def test_a_checksum_passed_over_by_a_later_one_waits_no_longer() -> None:
    checkpoints = Checkpoints([1])
    checkpoints.add_local(8, 8, b"a")
    checkpoints.add_remote(1, 16, Checksums(1, 1))
    checkpoints.add_remote(1, 24, Checksums(1, 1))
    checkpoints.add_local(24, 24, b"a")
    assert checkpoints._remote == {1: {}}


def test_a_checksum_of_frames_compared_before_changes_nothing() -> None:
    checkpoints = Checkpoints([1, 2])
    for covered in (8, 16):
        checkpoints.add_local(covered, covered, b"a")
    checkpoints.add_remote(1, 16, checkpoints.newest[1])
    for covered in (0, 8, 16):
        checkpoints.add_remote(1, covered, Checksums(99, 99))
    assert checkpoints.desync is None
    assert checkpoints._remote == {1: {}, 2: {}}


def test_a_checksum_of_frames_that_are_not_kept_any_more_does_not_wait_for_ever() -> None:
    checkpoints = Checkpoints([1])
    checkpoints.add_local(16, 16, b"a")
    for covered in (8, 12, 16):
        checkpoints.add_remote(1, covered, checkpoints.newest[1])
    assert checkpoints._remote == {1: {}}
    assert checkpoints.desync is None


def test_a_local_checksum_is_kept_until_every_peer_has_confirmed_it() -> None:
    checkpoints = Checkpoints([1, 2])
    for covered in (8, 16, 24):
        checkpoints.add_local(covered, covered, b"a")
    newest = checkpoints.newest[1]
    checkpoints.add_remote(1, 24, newest)
    assert set(checkpoints._local) == {8, 16, 24}
    checkpoints.add_remote(2, 16, sent((8, 8, b"a"), (16, 16, b"a"))[1])
    assert set(checkpoints._local) == {24}
    checkpoints.add_remote(2, 24, newest)
    assert checkpoints._local == {}
    assert checkpoints.desync is None


def test_nothing_is_compared_with_oneself_or_one_who_is_gone() -> None:
    alone = Checkpoints([])
    alone.add_local(8, 8, b"a")
    assert alone.newest == (8, sent((8, 8, b"a"))[0])
    assert alone._local == {}
    left = Checkpoints([1])
    left.add_remote(1, 8, Checksums(1, 1))
    left.forget_peer(1)
    left.add_local(8, 8, b"a")
    assert left.desync is None
    assert left._remote == {}


def test_before_the_first_checkpoint_there_are_no_checksums() -> None:
    assert Checkpoints([1]).newest == (0, Checksums(0, 0))


def test_a_game_of_a_single_frame_is_compared_too() -> None:
    checkpoints = Checkpoints([1])
    checkpoints.add_remote(1, 1, Checksums(5, 5))
    checkpoints.add_local(1, 6, b"a")
    assert checkpoints.desync == Desync(frame=0, seat=1, part="rows")


def test_the_checksum_of_the_states_is_32_bits_of_a_chain_of_their_digests() -> None:
    chain = b""
    expected = []
    for digest in (b"a", b"b", b"c"):
        chain = hashlib.sha256(chain + digest).digest()
        expected.append(Checksums(7, int(chain.hex()[:8], 16)))
    assert sent((8, 7, b"a"), (16, 7, b"b"), (24, 7, b"c")) == expected
