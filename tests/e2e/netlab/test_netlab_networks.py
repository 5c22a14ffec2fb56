"""The worse things that the emulated wire does to packets, each seen by bare UDP sockets."""

import itertools
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.netlab import Host, NetworkLab

pytestmark = pytest.mark.netlab

END = b"end"


class Way:
    """Two hosts, and datagrams from the one to the other."""

    def __init__(self, lab: NetworkLab, sockets: ExitStack) -> None:
        self.lab = lab
        self._sockets = sockets
        self.sender, self.receiver = lab.host("sender"), lab.host("receiver")
        self.sending, self.receiving = self.open(self.sender), self.open(self.receiver)

    def open(self, host: Host) -> socket.socket:
        def opened() -> socket.socket:
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind((host.address, 0))
            made.settimeout(10)
            return made

        return self._sockets.enter_context(host.call(opened))

    def arrivals(self, count: int, size: int = 20, gap_s: float = 0.0) -> list[int]:
        """Send numbered datagrams and an end mark over the bare wire; return what arrives."""
        for number in range(count):
            self.sending.sendto(b"%0*d" % (size, number), self.receiving.getsockname())
            time.sleep(gap_s)
        self.clear()
        self.sending.sendto(END, self.receiving.getsockname())
        numbers = []
        while (datagram := self.receiving.recv(2000)) != END:
            numbers.append(int(datagram))
        return numbers

    def clear(self) -> None:
        """Wait until all is on its way, and let the end mark pass whatever the wire does."""
        time.sleep(0.05)
        self.lab.set_direction(
            self.sender,
            self.receiver,
            loss=0,
            burst=0,
            duplicates=0,
            reordered=0,
            cut=False,
            delay_ms=500,
        )

    def delay_ms(self, back: bool = False) -> float:
        """The shortest of some delays over one way."""
        ends = (self.sending, self.receiving)
        sending, receiving = ends[::-1] if back else ends
        delays = []
        for _ in range(10):
            sent = time.perf_counter()
            sending.sendto(b"?", receiving.getsockname())
            receiving.recv(64)
            delays.append(1000 * (time.perf_counter() - sent))
        return min(delays)


@pytest.fixture
def way(lab: NetworkLab) -> Iterator[Way]:
    with ExitStack() as sockets:
        yield Way(lab, sockets)


def test_a_direction_has_a_delay_of_its_own(way: Way) -> None:
    way.lab.set_direction(way.sender, way.receiver, delay_ms=60)
    assert 60 <= way.delay_ms() < 80
    assert way.delay_ms(back=True) < 20


def test_an_uplink_and_a_downlink_count_for_every_partner(way: Way) -> None:
    way.lab.set_direction(way.sender, None, delay_ms=30)
    way.lab.set_direction(None, way.receiver, delay_ms=40)
    assert 70 <= way.delay_ms() < 90
    assert way.delay_ms(back=True) < 20


def test_a_cut_of_one_direction_leaves_the_other(way: Way) -> None:
    way.lab.set_direction(way.sender, way.receiver, cut=True)
    assert way.delay_ms(back=True) < 20
    assert way.arrivals(20) == []


def test_a_direction_loses_its_share(way: Way) -> None:
    way.lab.set_direction(way.sender, way.receiver, loss=0.3)
    # Six standard deviations of a binomial variable with n = 200 and p = 0.7.
    assert len(way.arrivals(200)) == pytest.approx(140, abs=39)


def test_a_burst_takes_packets_in_a_row(way: Way) -> None:
    way.lab.set_direction(way.sender, way.receiver, burst=0.02, burst_ms=30)
    arrived = way.arrivals(300, gap_s=0.002)
    gaps = [later - earlier - 1 for earlier, later in itertools.pairwise(arrived)]
    assert len(arrived) < 300
    assert max(gaps) >= 5


def test_duplicates_arrive_twice(way: Way) -> None:
    way.lab.set_direction(way.sender, way.receiver, duplicates=1)
    assert way.arrivals(20) == sorted([*range(20), *range(20)])


def test_reordered_packets_are_overtaken(way: Way) -> None:
    way.lab.set_direction(way.sender, way.receiver, reordered=0.2, reordered_ms=20)
    arrived = way.arrivals(200, gap_s=0.001)
    assert sorted(arrived) == list(range(200)) != arrived


def test_what_a_slow_link_does_not_carry_waits(way: Way) -> None:
    # With 28 bytes of headers each of ten takes 10 ms.
    way.lab.set_direction(way.sender, None, bytes_per_s=10_000)
    started = time.perf_counter()
    assert way.arrivals(10, size=72) == list(range(10))
    assert 1000 * (time.perf_counter() - started) >= 100


def test_what_would_wait_for_longer_than_the_queue_is_lost(way: Way) -> None:
    way.lab.set_direction(way.sender, None, bytes_per_s=10_000, queue_ms=50)
    arrived = way.arrivals(50, size=72)
    assert 6 <= len(arrived) < 25
    assert arrived[:6] == list(range(6))


def test_a_delay_changes_by_itself_at_its_steps(way: Way) -> None:
    way.lab.set_direction(way.sender, way.receiver, delay_ms=1, steps_ms=[(500, 80), (4000, 2)])
    delays = set()
    ends = time.monotonic() + 12
    while time.monotonic() < ends and len(delays) < 3:
        delay_ms = way.delay_ms()
        if len(delays) % 2 == (delay_ms >= 80):
            delays.add(len(delays))
    assert delays == {0, 1, 2}


def test_a_direction_goes_along_with_a_host_that_moves(way: Way) -> None:
    way.lab.set_direction(way.sender, way.receiver, delay_ms=60)
    way.lab.move(way.sender)
    way.sending = way.open(way.sender)
    assert 60 <= way.delay_ms() < 80
    assert way.delay_ms(back=True) < 20


def test_what_no_link_can_have_is_refused_with_a_sentence(way: Way) -> None:
    with pytest.raises(ValueError, match="burst must be a probability from 0 to 1, not 3"):
        way.lab.set_direction(way.sender, None, burst=3)
    with pytest.raises(ValueError, match="A direction leads from one host to another"):
        way.lab.set_direction(way.sender, way.sender, cut=True)
    with pytest.raises(TypeError, match="not rate"):
        way.lab.set(way.sender, rate=3)
