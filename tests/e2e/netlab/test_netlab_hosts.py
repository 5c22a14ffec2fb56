"""Hosts of the emulated network: isolated from everything else, and gone afterwards."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.netlab import Host, LabUnavailable, NetworkLab, stop_for
from tests.support.netlab.lab import require_lab
from tests.support.netlab.namespace import NAMESPACES
from tests.support.paths import ROOT

pytestmark = pytest.mark.netlab

PAGE_LOAD = secrets.token_bytes(14_000_000)
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


OPEN: list[socket.socket] = []
"""What a test has opened, to be closed with it."""


@pytest.fixture(autouse=True)
def close_sockets() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def listen(host: Host) -> socket.socket:
    OPEN.append(host.call(lambda: socket.create_server((host.address, 0))))
    return OPEN[-1]


def connect(host: Host, serving: socket.socket) -> socket.socket:
    address = serving.getsockname()
    OPEN.append(host.call(lambda: socket.create_connection(address, timeout=30)))
    return OPEN[-1]


def accept(serving: socket.socket) -> socket.socket:
    OPEN.append(serving.accept()[0])
    return OPEN[-1]


def test_a_page_load_gets_through_the_emulation_whole(lab: NetworkLab) -> None:
    near, far = lab.host("near", delay_ms=5), lab.host("far", delay_ms=5)
    serving = listen(far)

    def serve() -> None:
        with accept(serving) as connection:
            connection.sendall(PAGE_LOAD)

    server = threading.Thread(target=serve)
    server.start()
    loading = connect(near, serving)
    received = bytearray()
    while chunk := loading.recv(1 << 20):
        received += chunk
    server.join()
    assert received == PAGE_LOAD


def test_a_program_runs_on_the_host_under_its_own_process_id(lab: NetworkLab) -> None:
    host = lab.host("one")
    print_self = "import os; print(os.getpid(), os.readlink('/proc/self/ns/net'))"
    process = host.popen([sys.executable, "-c", print_self], stdout=subprocess.PIPE, text=True)
    pid, namespace = process.communicate()[0].split()
    assert int(pid) == process.pid
    assert namespace == f"net:[{(NAMESPACES / host.namespace).stat().st_ino}]"


def test_a_wrapped_program_runs_on_the_host_with_its_arguments(lab: NetworkLab) -> None:
    host = lab.host("one")
    shown = subprocess.check_output([host.wrapper("/bin/echo"), "two words", "$HOME"], text=True)
    assert shown == "two words $HOME\n"
    addresses = subprocess.check_output([host.wrapper("ip"), "-4", "addr"], text=True)
    assert f"{host.address}/16" in addresses


def test_a_host_reaches_itself_and_its_lab_and_nothing_else(lab: NetworkLab) -> None:
    host, other = lab.host("one"), lab.host("other")
    for reachable in (listen(host), listen(other)):
        connect(host, reachable)
    with (
        socket.create_server(("127.0.0.1", 0)) as outside,
        pytest.raises(ConnectionRefusedError),
    ):
        connect(host, outside)
    interfaces = host.run(["ip", "-o", "link"], capture_output=True).stdout
    assert len(interfaces.splitlines()) == 2
    assert "inet6" not in host.run(["ip", "addr"], capture_output=True).stdout


def test_two_labs_at_once_use_the_same_addresses_without_meeting() -> None:
    greetings = []
    with NetworkLab() as first, NetworkLab() as second:
        for lab in (first, second):
            host, other = lab.host("one"), lab.host("other")
            serving = listen(other)
            connect(host, serving).sendall(other.namespace.encode())
            greetings.append((other.address, accept(serving).recv(99), other.namespace))
    assert greetings[0][0] == greetings[1][0]
    assert greetings[0][2] != greetings[1][2]
    assert all(received.decode() == sent for _, received, sent in greetings)


def test_nothing_is_left_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), NetworkLab() as lab:
        host = lab.host("one")
        process = host.popen(SLEEP)
        folder = Path(host.wrapper("/bin/true")).parent
        raise ZeroDivisionError
    assert process.returncode == -signal.SIGTERM
    assert not list(NAMESPACES.glob(f"netlab-{os.getpid()}-*"))
    assert not folder.exists()


def test_what_a_run_that_died_has_left_is_removed_and_a_living_one_is_not_touched() -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    stale = f"netlab-{dead.pid}-{secrets.token_hex(3)}-one"
    subprocess.run(["ip", "netns", "add", stale], check=True)
    folder = tempfile.mkdtemp(prefix=f"{stale}-")
    with NetworkLab() as living:
        host = living.host("one")
        with NetworkLab():
            assert not (NAMESPACES / stale).exists()
            assert not Path(folder).exists()
            assert (NAMESPACES / host.namespace).exists()


def test_a_forwarder_ends_with_a_test_run_that_is_killed() -> None:
    script = """
import os
from tests.support.netlab import NetworkLab
print(NetworkLab().__enter__()._forwarder.pid)
os.kill(os.getpid(), 9)
"""
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == -signal.SIGKILL
    forwarder = Path(f"/proc/{int(run.stdout)}")
    deadline = time.monotonic() + 10
    while is_running(forwarder) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(forwarder)


def is_running(process: Path) -> bool:
    """Whether there is such a process that is not merely waiting to be reaped."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_reason_is_given_where_there_can_be_no_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabUnavailable, match="Network namespaces need root"):
        require_lab()


def test_a_program_stands_still_for_a_while_and_goes_on(lab: NetworkLab) -> None:
    process = lab.host("one").popen(SLEEP)

    def state() -> str:
        return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]

    timer = stop_for([process.pid], for_s=0.5)
    while state() != "T":
        assert timer.is_alive(), "it was let go on without having stood still"
    timer.join()
    deadline = time.monotonic() + 10
    while state() == "T":
        assert time.monotonic() < deadline
    assert process.poll() is None


def test_what_has_ended_cannot_be_stopped(lab: NetworkLab) -> None:
    process = lab.host("one").popen([sys.executable, "-c", ""])
    process.wait()
    stop_for([process.pid], for_s=0).join()
