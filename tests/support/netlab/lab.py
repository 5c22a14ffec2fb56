"""Hosts on an emulated network, for tests that need real programs and a real delay.

Every host is a network namespace with one TUN device; a forwarder process carries the packets.
Never touches the machine's own network, and leaves nothing behind: not after an exception, and
what a killed run left is removed by the next one.
"""

import json
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from tests.support.paths import ROOT
from tests.support.priority import prefer

from .namespace import DEVICE, NAMESPACES, entered

T = TypeVar("T")

_OWNER = re.compile(r"netlab-(\d+)-")
_GRACE_S = 5.0


class LabUnavailable(RuntimeError):  # noqa: N818 (it is a reason to skip, not a fault)
    """This machine cannot emulate a network; the message says what is missing."""


class Host:
    """A machine in the lab, made by :meth:`NetworkLab.host`."""

    def __init__(self, lab: "NetworkLab", name: str, namespace: str, address: str) -> None:
        self._lab = lab
        self.name = name
        """What the test calls it."""
        self.namespace = namespace
        """Its network namespace, as ``ip netns`` knows it."""
        self.address = address
        """Its present IPv4 address, reachable from the other hosts of this lab alone."""

    def popen(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[Any]":
        """Start a program on this host; *options* are those of :class:`subprocess.Popen`.

        The process has the program's own id and a session of its own. It is ended with the lab at
        the latest.
        """
        process: subprocess.Popen[Any] = subprocess.Popen(
            self._inside(command), start_new_session=True, **options
        )
        self._lab._processes.append(process)
        prefer(process.pid)
        return process

    def run(self, command: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[str]":
        """Run a program on this host to its end, as :func:`subprocess.run` in text mode."""
        return subprocess.run(
            self._inside(command), text=True, check=True, start_new_session=True, **options
        )

    def call(self, function: Callable[[], T]) -> T:
        """Call *function* in a thread inside this host's network and return what it returns.

        A socket made by it stays in this network and may be used from anywhere.
        """
        outcome: list[T] = []
        error: list[BaseException] = []

        def target() -> None:
            try:
                with entered(self.namespace):
                    outcome.append(function())
            except BaseException as raised:
                error.append(raised)

        thread = threading.Thread(target=target, name=f"call-{self.name}")
        thread.start()
        thread.join()
        if error:
            raise error[0]
        return outcome[0]

    def wrapper(self, program: str) -> str:
        """Write a script that runs *program* on this host with the same arguments.

        For programs started by somebody else, as a browser is by its driver. Returns its path.
        """
        path = self._lab._folder / f"{self.name}-{Path(program).name}"
        path.write_text(f'#!/bin/sh\nexec {shlex.join(self._inside([program]))} "$@"\n')
        path.chmod(0o755)
        return str(path)

    def cut(self) -> None:
        """Pull the plug: nothing gets in or out, and what is under way is lost."""
        self._lab.set(self, cut=True)

    def restore(self) -> None:
        """Put the plug back in."""
        self._lab.set(self, cut=False)

    def _inside(self, command: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", self.namespace, *command]


class NetworkLab:
    """A network of hosts, each at its own distance.

    The one-way delay between two hosts is the sum of their access delays, so the RTT is twice
    that; :meth:`set_way` adds to it. A packet crosses two access links, and each may lose it.
    Packets between two hosts keep their order unless a link has jitter, or its delay is lowered
    while they are under way.

    Raises :class:`LabUnavailable` on entering where the machine cannot do this.
    """

    def __init__(self, seed: int = 0) -> None:
        """*seed* decides jitter and loss, packet by packet."""
        self._seed = seed
        self._prefix = f"netlab-{os.getpid()}-{secrets.token_hex(3)}"
        self._hosts: dict[str, Host] = {}
        self._addresses = 0
        self._processes: list[subprocess.Popen[Any]] = []
        self._folder = Path()
        self._forwarder: subprocess.Popen[str]

    def __enter__(self) -> "NetworkLab":
        require_lab()
        remove_stale()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{self._prefix}-"))
        self._forwarder = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.forwarder", str(self._seed)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            # Only a first host shows whether namespaces and devices may really be made here.
            self.host("trial")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every program on the hosts, then the network."""
        self._end_processes()
        assert self._forwarder.stdin
        assert self._forwarder.stdout
        self._forwarder.stdin.close()
        self._forwarder.wait()
        self._forwarder.stdout.close()
        for namespace in NAMESPACES.glob(f"{self._prefix}-*"):
            _ip("netns", "del", namespace.name)
        shutil.rmtree(self._folder)

    def host(
        self, name: str, delay_ms: float = 0.0, jitter_ms: float = 0.0, loss: float = 0.0
    ) -> Host:
        """Add a host.

        Args:
            name: Unique in this lab; letters, digits and hyphens.
            delay_ms: Mean one-way delay of its access link.
            jitter_ms: Each packet's delay deviates from the mean by up to this, uniformly.
            loss: Probability that a packet crossing the link is lost, each way.
        """
        if not re.fullmatch(r"[A-Za-z0-9-]{1,32}", name) or name in self._hosts:
            raise ValueError(f"name must be new and of letters, digits and hyphens, not {name!r}.")
        host = Host(self, name, f"{self._prefix}-{name}", self._new_address())
        link = _link(delay_ms=delay_ms, jitter_ms=jitter_ms, loss=loss)
        _ip("netns", "add", host.namespace)
        self._tell(addresses=[host.address], namespace=host.namespace, **link)
        # The default route lets a browser find the address it offers to its peers.
        _ip(
            *("-n", host.namespace, "-batch", "-"),
            script=f"link set lo up\n"
            f"addr add {host.address}/16 dev {DEVICE}\n"
            f"link set {DEVICE} up mtu 1500 txqueuelen 2000\n"
            f"route add default dev {DEVICE}\n",
        )
        self._hosts[name] = host
        return host

    def move(self, host: Host) -> None:
        """Give *host* another address, as a telephone gets that leaves the house.

        Connections from the old address are dead. The host keeps its link, and its ways to others.
        """
        left, host.address = host.address, self._new_address()
        self._tell(addresses=[left], moved_to=host.address)
        _ip(
            *("-n", host.namespace, "-batch", "-"),
            script=f"addr del {left}/16 dev {DEVICE}\n"
            f"addr add {host.address}/16 dev {DEVICE}\n"
            f"route replace default dev {DEVICE}\n",
        )

    def _new_address(self) -> str:
        self._addresses += 1
        return f"10.77.{self._addresses >> 8}.{self._addresses & 255}"

    def set(self, host: Host, **link: Any) -> None:
        """Change some of what *host*'s access link does to packets, in both directions.

        `delay_ms` (with `jitter_ms`), `loss` and `cut`; `burst`, the probability per packet that a
        burst of `burst_ms` begins in which everything is lost; `duplicates`, a probability;
        `reordered`, the probability that a packet is held up for `reordered_ms`; `bytes_per_s`, of
        both directions together, with a queue of `queue_ms`; `steps_ms`, a list of later delays as
        pairs of a time from now and the delay from then on. Holds for every packet sent after this
        returns, and perhaps for the last ones before.
        """
        self._tell(addresses=[host.address], **_link(**link))

    def set_direction(self, sender: Host | None, receiver: Host | None, **link: Any) -> None:
        """Change what the way from one host to another, but not back, adds to everything else.

        Takes what :meth:`set` takes. None stands for any host: with *sender* alone it is that
        host's uplink, with *receiver* alone its downlink.
        """
        if sender is receiver:
            raise ValueError("A direction leads from one host to another, or one of them is None.")
        ends = [host.address if host else "0.0.0.0" for host in (sender, receiver)]
        self._tell(addresses=ends, directed=True, **_link(**link))

    def set_way(self, one: Host, other: Host, **link: Any) -> None:
        """Change what the way between two hosts adds to their access links.

        Takes what :meth:`set` takes and leaves either's ways to other hosts as they are. A way that
        was never set adds nothing.
        """
        if one is other:
            raise ValueError(f"A way leads to another host, not from {one.name} to itself.")
        self._tell(addresses=[one.address, other.address], **_link(**link))

    def _tell(self, **command: object) -> None:
        """Send the forwarder a command and wait until it holds."""
        assert self._forwarder.stdin
        assert self._forwarder.stdout
        self._forwarder.stdin.write(json.dumps(command) + "\n")
        self._forwarder.stdin.flush()
        answer = self._forwarder.stdout.readline()
        if not answer:
            raise RuntimeError(f"The forwarder ended with status {self._forwarder.wait()}.")
        if problem := json.loads(answer).get("error"):
            raise LabUnavailable(f"No TUN device: {problem}.")

    def _end_processes(self) -> None:
        """End whatever still runs on the hosts, kindly at first."""
        for kill in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + _GRACE_S
            for pid in self._pids():
                with suppress(ProcessLookupError):
                    os.kill(pid, kill)
            while self._pids() and time.monotonic() < deadline:
                time.sleep(0.02)
        for process in self._processes:
            process.wait()

    def _pids(self) -> list[int]:
        """Return who runs on the hosts, among them programs that are still on their way in."""
        namespaces = [path.name for path in NAMESPACES.glob(f"{self._prefix}-*")]
        inside = {int(pid) for name in namespaces for pid in _ip("netns", "pids", name).split()}
        started = {process.pid for process in self._processes if process.poll() is None}
        return list((inside | started) - {os.getpid()})


def require_lab() -> None:
    """Raise :class:`LabUnavailable` where this machine lacks what a lab needs."""
    if not sys.platform.startswith("linux"):
        raise LabUnavailable("Network namespaces exist on Linux alone.")
    if os.geteuid() != 0:
        raise LabUnavailable("Network namespaces need root.")
    if not shutil.which("ip"):
        raise LabUnavailable("ip is missing: install iproute2.")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        raise LabUnavailable("/dev/net/tun is missing or closed to us.")


def remove_stale() -> None:
    """Remove what labs have left whose process was killed before it could tidy up."""
    for path in [*NAMESPACES.glob("netlab-*"), *Path(tempfile.gettempdir()).glob("netlab-*")]:
        owner = _OWNER.match(path.name)
        if owner and not Path(f"/proc/{owner[1]}").exists():
            # Another run may be removing it at this moment.
            with suppress(LabUnavailable, FileNotFoundError):
                if path.parent == NAMESPACES:
                    _ip("netns", "del", path.name)
                else:
                    shutil.rmtree(path)


_PROBABILITIES = {"loss", "burst", "duplicates", "reordered"}
_TIMES = {"delay_ms", "jitter_ms", "burst_ms", "reordered_ms", "queue_ms", "steps_ms"}


def _link(**link: Any) -> dict[str, Any]:
    """Check the parameters of a link and put them into the forwarder's units."""
    known = _PROBABILITIES | _TIMES | {"cut", "bytes_per_s"}
    if unknown := link.keys() - known:
        raise TypeError(f"A link has {', '.join(sorted(known))}, not {unknown.pop()}.")
    for name in _PROBABILITIES & link.keys():
        if not 0 <= link[name] <= 1:
            raise ValueError(f"{name} must be a probability from 0 to 1, not {link[name]}.")
    jitter_ms = link.get("jitter_ms", 0.0)
    if not 0 <= jitter_ms <= link.get("delay_ms", 0.0) and {"delay_ms", "jitter_ms"} & link.keys():
        raise ValueError(
            f"jitter_ms must be from 0 to delay_ms, given together with it, not {jitter_ms}."
        )
    return {
        name.replace("_ms", "_s"): _seconds(value) if name in _TIMES else value
        for name, value in link.items()
    }


def _seconds(times_ms: Any) -> Any:
    """Milliseconds, or lists of them, in seconds."""
    if isinstance(times_ms, list | tuple):
        return [_seconds(part) for part in times_ms]
    return times_ms / 1000


def _ip(*arguments: str, script: str | None = None) -> str:
    """Run ``ip`` and return what it prints."""
    done = subprocess.run(["ip", *arguments], input=script, capture_output=True, text=True)
    if done.returncode:
        raise LabUnavailable(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
