"""Carries packets between the hosts of one lab, late, lossy or not at all.

An own process, so that its timing does not depend on what the test does meanwhile. It obeys JSON
lines on standard input, answers each with one on standard output, and ends when the input closes.
Packets to an address that is no host's are dropped: there is no way out.
"""

import fcntl
import gc
import heapq
import json
import os
import random
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .namespace import DEVICE, entered

_TUNSETIFF = 0x400454CA
_IFF_TUN = 0x0001
_IFF_NO_PI = 0x1000
_LARGEST_PACKET = 65536
ANY = socket.inet_aton("0.0.0.0")
"""In the place of an address: whatever host."""

_PACKETS_PER_TURN = 64
"""Most packets read from one host before due ones are delivered again."""


@dataclass(eq=False)
class Link:
    """A stretch of wire that packets cross: a host's access link, or the way between two hosts."""

    delay_s: float = 0.0
    """Mean one-way delay."""
    jitter_s: float = 0.0
    """Largest deviation from the mean, drawn uniformly for each packet."""
    loss: float = 0.0
    """Probability that a packet crossing the link is lost."""
    cut: bool = False
    """Whether the link loses everything, also what is under way."""
    burst: float = 0.0
    """Probability per packet that a burst begins in which everything is lost."""
    burst_s: float = 0.2
    """How long a burst lasts."""
    duplicates: float = 0.0
    """Probability that a packet arrives twice."""
    reordered: float = 0.0
    """Probability that a packet is held up, so that later ones overtake it."""
    reordered_s: float = 0.05
    """For how long."""
    bytes_per_s: float = 0.0
    """How much the link carries; without limit if 0. What is more waits."""
    queue_s: float = 2.0
    """How long a packet may wait; one that would have to wait longer is lost."""
    steps_s: list[list[float]] = field(default_factory=list)
    """Later mean delays, each after its time since the link was set."""
    set_at_s: float = 0.0
    burst_until_s: float = 0.0
    busy_until_s: float = 0.0

    def delay_at(self, now_s: float) -> float:
        """The mean delay at a time."""
        delay_s = self.delay_s
        for after_s, step_s in self.steps_s:
            if now_s - self.set_at_s >= after_s:
                delay_s = step_s
        return delay_s

    def queue(self, size: int, now_s: float) -> float | None:
        """Queue a packet; return how long it takes until it is on the wire, None if it is lost."""
        if not self.bytes_per_s:
            return 0.0
        begins_s = max(now_s, self.busy_until_s)
        if begins_s - now_s > self.queue_s:
            return None
        self.busy_until_s = begins_s + size / self.bytes_per_s
        return self.busy_until_s - now_s


@dataclass(eq=False)
class Port:
    """Where a host is plugged in."""

    fd: int
    """The host's TUN device."""
    address: bytes
    """The host's address."""
    link: Link = field(default_factory=Link)
    """Its access link, crossed by everything the host sends and receives."""


class Forwarder:
    """The wire: a heap of packets in the order in which they are due."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._ports: dict[bytes, Port] = {}
        self._senders: dict[int, Port] = {}
        self._ways: dict[frozenset[bytes], Link] = {}
        self._directions: dict[tuple[bytes, bytes], Link] = {}
        self._under_way: list[tuple[float, int, int, list[Link], bytes]] = []
        self._serial = 0

    def run(self, commands: int) -> None:
        """Forward until the file descriptor *commands* closes."""
        pending = b""
        while True:
            self._deliver()
            timeout = self._under_way[0][0] - time.monotonic() if self._under_way else None
            # select(2) waits to the microsecond, epoll(7) in Python to the millisecond.
            wait = max(0.0, timeout) if timeout is not None else None
            readable, _, _ = select.select([commands, *self._senders], [], [], wait)
            for fd in readable:
                if fd != commands:
                    self._read(fd)
                    continue
                chunk = os.read(commands, 65536)
                if not chunk:
                    return
                *lines, pending = (pending + chunk).split(b"\n")
                for line in lines:
                    print(json.dumps(self._obey(json.loads(line))), flush=True)

    def _obey(self, command: dict[str, Any]) -> dict[str, Any]:
        """Carry out one command: make the device of a new host, move a host, or set a link.

        With one address the link is the host's, with two it is the way between them, or, if
        directed, the way from the first to the second, where ``ANY`` stands for any host.
        """
        addresses = [socket.inet_aton(address) for address in command.pop("addresses")]
        directed = command.pop("directed", False)
        if moved_to := command.pop("moved_to", None):
            self._move(self._ports.pop(addresses[0]), socket.inet_aton(moved_to))
            return {}
        if namespace := command.pop("namespace", None):
            try:
                port = Port(open_device(namespace), addresses[0])
            except OSError as error:
                return {"error": f"{error.strerror or error} in namespace {namespace}"}
            self._ports[port.address] = self._senders[port.fd] = port
        if len(addresses) == 1:
            link = self._ports[addresses[0]].link
        elif directed:
            link = self._directions.setdefault((addresses[0], addresses[1]), Link())
        else:
            link = self._ways.setdefault(frozenset(addresses), Link())
        for name, value in command.items():
            setattr(link, name, value)
        if "steps_s" in command:
            link.set_at_s = time.monotonic()
        if link.cut:
            self._under_way = [entry for entry in self._under_way if link not in entry[3]]
            heapq.heapify(self._under_way)
        return {}

    def _move(self, port: Port, address: bytes) -> None:
        """Plug a host in at another address; its ways to others go with it."""
        self._ways = {
            frozenset(address if end == port.address else end for end in ends): way
            for ends, way in self._ways.items()
        }
        self._directions = {
            (
                address if sender == port.address else sender,
                address if receiver == port.address else receiver,
            ): link
            for (sender, receiver), link in self._directions.items()
        }
        port.address = address
        self._ports[address] = port

    def _read(self, fd: int) -> None:
        """Take what a host has sent, and decide for each packet whether and when it arrives."""
        sender = self._senders[fd]
        for _ in range(_PACKETS_PER_TURN):
            try:
                packet = os.read(fd, _LARGEST_PACKET)
            except BlockingIOError:
                return
            receiver = self._ports.get(packet[16:20])
            if receiver is None or packet[0] >> 4 != 4:
                continue
            links = list(self._links(sender, receiver))
            for _ in range(1 + any(self._draw(link.duplicates) for link in links)):
                self._send(packet, receiver, links)

    def _links(self, sender: Port, receiver: Port) -> Iterator[Link]:
        """The stretches of wire between two hosts, in the order in which packets cross them."""
        yield sender.link
        for ends in (
            (sender.address, ANY),
            (sender.address, receiver.address),
            (ANY, receiver.address),
        ):
            if ends in self._directions:
                yield self._directions[ends]
        if way := self._ways.get(frozenset((sender.address, receiver.address))):
            yield way
        yield receiver.link

    def _send(self, packet: bytes, receiver: Port, links: list[Link]) -> None:
        now = time.monotonic()
        due = now
        for link in links:
            if self._lost(link, now):
                return
            queued_s = link.queue(len(packet), now)
            if queued_s is None:
                return
            due += queued_s + self._crossing_s(link, now)
        # The serial number keeps packets that are due together in the order they were sent.
        self._serial += 1
        heapq.heappush(self._under_way, (due, self._serial, receiver.fd, links, packet))

    def _lost(self, link: Link, now: float) -> bool:
        if self._draw(link.burst):
            link.burst_until_s = now + link.burst_s
        return link.cut or now < link.burst_until_s or self._draw(link.loss)

    def _draw(self, probability: float) -> bool:
        return probability > 0 and self._random.random() < probability

    def _crossing_s(self, link: Link, now: float) -> float:
        delay_s = link.delay_at(now)
        if link.jitter_s:
            delay_s = max(0.0, delay_s + self._random.uniform(-link.jitter_s, link.jitter_s))
        return delay_s + (link.reordered_s if self._draw(link.reordered) else 0.0)

    def _deliver(self) -> None:
        """Hand over every packet that is due."""
        now = time.monotonic()
        while self._under_way and self._under_way[0][0] <= now:
            _, _, fd, _, packet = heapq.heappop(self._under_way)
            # A host not yet up refuses packets, as one that is switched off would.
            with suppress(OSError):
                os.write(fd, packet)


def open_device(namespace: str) -> int:
    """Make the TUN device of a host, without IPv6, and return its file descriptor."""
    with entered(namespace):
        for scope in ("all", "default"):
            with suppress(FileNotFoundError):
                Path(f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6").write_text("1")
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        request = struct.pack("16sH14x", DEVICE.encode(), _IFF_TUN | _IFF_NO_PI)
        fcntl.ioctl(fd, _TUNSETIFF, request)
    return fd


def main() -> None:
    """Run the forwarder of one lab; the only argument seeds its random numbers."""
    # A wire does not wait for browsers to leave it a processor, nor for a garbage collector.
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    gc.disable()
    Forwarder(int(sys.argv[1])).run(sys.stdin.fileno())


if __name__ == "__main__":
    main()
