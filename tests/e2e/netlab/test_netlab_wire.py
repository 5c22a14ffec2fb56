"""What the emulated wire does to packets."""

import os
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.support.netlab import Host, NetworkLab

pytestmark = pytest.mark.netlab

OPEN: list[socket.socket] = []
"""What a test has opened, to be closed with it."""


@pytest.fixture(autouse=True)
def close_sockets() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def udp_socket(host: Host) -> socket.socket:
    def opened() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        OPEN.append(made)
        made.bind((host.address, 0))
        made.settimeout(10)
        return made

    return host.call(opened)


def fastest_ms(near: Host, far: Host) -> float:
    """Return the shortest of some round trips: a busy machine makes them longer, never shorter."""
    return min(round_trips_ms(near, far, count=15))


def round_trips_ms(near: Host, far: Host, count: int) -> list[float]:
    """Time *count* datagrams from *near* to *far* and back, one after the other."""
    asking, answering = udp_socket(near), udp_socket(far)

    def echo() -> None:
        run_at_once()
        for _ in range(count):
            datagram, sender = answering.recvfrom(64)
            answering.sendto(datagram, sender)

    def measure() -> list[float]:
        run_at_once()
        times = []
        for _ in range(count):
            sent = time.perf_counter()
            asking.sendto(b"?", answering.getsockname())
            asking.recv(64)
            times.append((time.perf_counter() - sent) * 1000)
        return times

    echoing = threading.Thread(target=echo)
    echoing.start()
    measured = near.call(measure)
    echoing.join()
    return measured


def run_at_once() -> None:
    """Let this thread run whenever it can, so that a busy machine does not look like a wire."""
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


def arrivals(sending: socket.socket, receiving: socket.socket, count: int) -> list[int]:
    """Send *count* numbered datagrams and return the numbers of those that arrive, in order."""
    for number in range(count):
        sending.sendto(b"%d" % number, receiving.getsockname())
    # On a lossy link one of many end marks gets through; on an orderly one it comes last.
    for _ in range(20):
        sending.sendto(b"end", receiving.getsockname())
    numbers = []
    while (datagram := receiving.recv(64)) != b"end":
        numbers.append(int(datagram))
    return numbers


@pytest.mark.parametrize(("near_ms", "far_ms"), [(0, 0), (10, 0), (20, 55), (10, 100)])
def test_the_rtt_is_twice_the_sum_of_the_access_delays(
    lab: NetworkLab, near_ms: float, far_ms: float
) -> None:
    near = lab.host("near", delay_ms=near_ms)
    far = lab.host("far", delay_ms=far_ms)
    emulated = 2 * (near_ms + far_ms)
    # A processor that was idle needs milliseconds to wake up at each of four ends.
    assert emulated <= fastest_ms(near, far) <= emulated * 1.02 + 6


def test_jitter_scatters_the_rtt_around_its_mean(lab: NetworkLab) -> None:
    near = lab.host("near")
    far = lab.host("far", delay_ms=12, jitter_ms=10)
    times = round_trips_ms(near, far, count=60)
    # The sum of two values that are even over ±10 ms, and what a busy machine adds. A quarter is
    # under 18 ms, another over 29 ms; less than once in 100,000 runs none of sixty is under 16 ms.
    assert 4 <= min(times) < 16
    assert statistics.quantiles(times, n=4)[2] > 26


def test_packets_keep_their_order_without_jitter_and_lose_it_with_jitter(lab: NetworkLab) -> None:
    host = lab.host("one", delay_ms=20)
    sending, receiving = udp_socket(host), udp_socket(lab.host("other"))
    assert arrivals(sending, receiving, count=100) == list(range(100))
    lab.set(host, delay_ms=20, jitter_ms=20)
    assert arrivals(sending, receiving, count=100) != list(range(100))


def test_a_packet_is_lost_as_often_as_both_its_links_say(lab: NetworkLab) -> None:
    one, other = lab.host("one", loss=0.1), lab.host("other", loss=0.2)
    arrived = 0
    for _ in range(20):
        sending, receiving = udp_socket(one), udp_socket(other)
        arrived += len(arrivals(sending, receiving, count=100))
    # Five standard deviations of a binomial variable with n = 2000 and p = 0.9 * 0.8.
    assert arrived == pytest.approx(1440, abs=100)


def test_the_same_seed_loses_the_same_packets() -> None:
    lost = []
    for seed in (1, 1, 2):
        with NetworkLab(seed) as lab:
            sending, receiving = udp_socket(lab.host("one", loss=0.3)), udp_socket(lab.host("two"))
            lost.append(arrivals(sending, receiving, count=100))
    assert lost[0] == lost[1] != lost[2]


def test_a_cut_link_loses_what_is_sent_and_what_is_under_way_until_it_is_restored(
    lab: NetworkLab,
) -> None:
    one, other, witness = lab.host("one"), lab.host("other", delay_ms=60), lab.host("witness")
    sending, receiving, watching = udp_socket(one), udp_socket(other), udp_socket(witness)

    def send(datagram: bytes) -> None:
        sending.sendto(datagram, receiving.getsockname())
        # What was sent first has left the host once this one has arrived.
        sending.sendto(datagram, watching.getsockname())
        assert watching.recv(64) == datagram

    send(b"under way")
    other.cut()
    send(b"cut off")
    other.restore()
    send(b"restored")
    assert receiving.recv(64) == b"restored"


def test_what_is_set_of_a_way_holds_between_its_two_hosts_alone(lab: NetworkLab) -> None:
    one, other, third = lab.host("one", delay_ms=5), lab.host("other"), lab.host("third")
    lab.set_way(one, other, delay_ms=30)
    assert fastest_ms(one, other) == pytest.approx(70, abs=4)
    assert fastest_ms(other, one) == pytest.approx(70, abs=4)
    assert fastest_ms(one, third) == pytest.approx(10, abs=4)
    assert fastest_ms(third, other) < 4


def test_a_cut_way_leaves_its_hosts_connected_to_all_others(lab: NetworkLab) -> None:
    one, other, third = (lab.host(name) for name in ("one", "other", "third"))
    sending, receiving, watching = udp_socket(one), udp_socket(other), udp_socket(third)
    lab.set_way(one, other, cut=True)
    sending.sendto(b"cut off", receiving.getsockname())
    assert arrivals(sending, watching, count=10) == list(range(10))
    assert arrivals(watching, receiving, count=10) == list(range(10))
    lab.set_way(one, other, cut=False)
    sending.sendto(b"restored", receiving.getsockname())
    # What was left over are end marks.
    while (datagram := receiving.recv(64)) == b"end":
        pass
    assert datagram == b"restored"


def test_a_host_that_moves_is_reached_at_its_new_address_alone_and_as_far_away_as_before(
    lab: NetworkLab,
) -> None:
    host, other = lab.host("one", delay_ms=10), lab.host("other")
    lab.set_way(host, other, delay_ms=15)
    left_behind, sending = udp_socket(host), udp_socket(other)
    lab.move(host)
    moved = udp_socket(host)
    assert moved.getsockname()[0] == host.address != left_behind.getsockname()[0]
    for receiving in (left_behind, moved):
        sending.sendto(b"hello", receiving.getsockname())
    assert moved.recv(64) == b"hello"
    left_behind.settimeout(0.1)
    with pytest.raises(TimeoutError):
        left_behind.recv(64)
    assert fastest_ms(host, other) == pytest.approx(50, abs=4)


def test_a_link_that_is_no_link_is_refused_with_a_sentence(lab: NetworkLab) -> None:
    with pytest.raises(ValueError, match="loss must be a probability from 0 to 1, not 5"):
        lab.host("lossy", loss=5)
    with pytest.raises(ValueError, match="jitter_ms must be from 0 to delay_ms"):
        lab.host("jittery", delay_ms=1, jitter_ms=2)
    with pytest.raises(ValueError, match="not from alone to itself"):
        alone = lab.host("alone")
        lab.set_way(alone, alone, cut=True)
    with pytest.raises(TypeError, match="not latency"):
        lab.set(lab.host("one"), latency=3)
    with pytest.raises(ValueError, match="must be new"):
        lab.host("one")
