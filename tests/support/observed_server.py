"""What a served experiment costs, and what it holds: seen from outside, and told from within."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from tests.support.served_experiment import DEADLINE_S, ServedExperiment

OBSERVE = """
import collections, gc, os, signal, time
import eventlet

late_s, told_s = [], 0.0

def watch():
    while True:
        due_s = time.perf_counter() + 0.01
        eventlet.sleep(0.01)
        # Telling takes long, and is no stall of the server's own.
        if due_s > told_s:
            late_s.append(time.perf_counter() - due_s)

def tell(*_):
    global told_s
    found = collections.Counter()
    for held in gc.get_objects():
        kind = type(held)
        if (kind.__module__ or "").startswith(("interactive_gym.", "socketio.", "engineio.")):
            found[f"{kind.__module__}.{kind.__qualname__}"] += 1
    told = {"late_ms": sorted(round(1000 * each, 1) for each in late_s)[-50:], "held": found}
    gc.collect()
    with open("{file}.new", "w") as file:
        json.dump(told, file)
    os.replace("{file}.new", "{file}")
    late_s.clear()
    told_s = time.perf_counter()

eventlet.spawn(watch)
signal.signal(signal.SIGUSR1, tell)
"""
"""Runs in the server: notes how late its event loop is, and tells what it holds when asked."""


class ObservedServer:
    """The experiment of `ServedExperiment`, which tells of itself.

    Args:
        folder: where its data lie.
        options: those of the experiment.
    """

    def __init__(self, folder: Path, **options: Any) -> None:
        self._told = folder / "told.json"
        observe = OBSERVE.replace("{file}", str(self._told))
        self.served = ServedExperiment(folder, before_run=observe, **options)

    def ask(self) -> dict[str, Any]:
        """The instances that it holds, by class, and its event loop's longest delays since the last
        call, in milliseconds, the longest last."""
        self._told.unlink(missing_ok=True)
        os.kill(self.served.pid, signal.SIGUSR1)
        deadline = time.monotonic() + DEADLINE_S
        while not self._told.exists():
            assert time.monotonic() < deadline, self.served.log
            time.sleep(0.02)
        told: dict[str, Any] = json.loads(self._told.read_text())
        return told

    @property
    def cpu_s(self) -> float:
        """The processor time that it has used."""
        return cpu_s(self.served.pid)

    @property
    def memory_mb(self) -> float:
        """The memory that it has of the machine's."""
        pages = int(Path(f"/proc/{self.served.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def descriptors(self) -> int:
        """How many files and sockets it has open."""
        return len(os.listdir(f"/proc/{self.served.pid}/fd"))


def cpu_s(pid: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
