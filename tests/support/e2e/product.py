"""Starts the product under test as a process of its own, and reads what it leaves on disk.

Uses what a researcher uses, the command line or an experiment script, and ends only the process
it started.
"""

import csv
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from tests.support.e2e.patience import PATIENCE_S
from tests.support.netlab import Host
from tests.support.paths import EXPERIMENTS
from tests.support.priority import prefer
from tests.support.served_experiment import stop_at_once

T = TypeVar("T")


class Game:
    """What is on disk about one game."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """The game's own folder."""

    @property
    def match(self) -> dict[str, Any]:
        """The content of ``match.json``."""
        match: dict[str, Any] = json.loads((self.folder / "match.json").read_text())
        return match

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of ``frames.csv``."""
        with (self.folder / "frames.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    @property
    def events(self) -> list[dict[str, Any]]:
        """The lines of ``events.jsonl``."""
        return [
            json.loads(line) for line in (self.folder / "events.jsonl").read_text().splitlines()
        ]

    @property
    def network(self) -> list[dict[str, str]]:
        """The rows of ``network.csv``."""
        with (self.folder / "network.csv").open(newline="") as file:
            return list(csv.DictReader(file))


class Product:
    """A running server; used as a context manager."""

    def __init__(self, command: Sequence[str], folder: Path, host: Host | None = None) -> None:
        """Prepare ``python *command* --host … --port … --data-dir …``.

        Args:
            command: What follows ``python``.
            folder: Gets the data and the server's output.
            host: The host of a lab to run it on; this machine's loopback if None.
        """
        self._host = host
        self._output = folder / "server.log"
        self.data_dir = folder / "data"
        """The folder of all experiments."""
        address = host.address if host else "127.0.0.1"
        port = self._inside(lambda: free_port(address))
        self.url = f"http://{address}:{port}/"
        """Where participants are sent."""
        place = ["--host", address, "--port", str(port), "--data-dir", str(self.data_dir)]
        self._command = [sys.executable, *command, *place]

    def __enter__(self) -> "Product":
        self.start()
        return self

    def start(self) -> None:
        """Start the server, at first or again, and wait until it answers."""
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        with self._output.open("a") as output:
            options: dict[str, Any] = {
                "stdout": output,
                "stderr": subprocess.STDOUT,
                "env": environment,
            }
            if self._host:
                self._process = self._host.popen(self._command, **options)
            else:
                self._process = subprocess.Popen(self._command, start_new_session=True, **options)
                prefer(self._process.pid)
        try:
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def kill(self) -> None:
        """End the server as a power cut would."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def stop(self) -> None:
        """End the server at once, whoever plays."""
        stop_at_once(self._process)

    @property
    def output(self) -> str:
        """What the server has printed and logged so far."""
        return self._output.read_text()

    @property
    def games(self) -> list[Game]:
        """Every game on disk, in the order they were created."""
        matches = sorted(self.data_dir.glob("*/*/*/match.json"), key=_created)
        return [Game(path.parent) for path in matches]

    @property
    def ledger(self) -> list[dict[str, Any]]:
        """The lines of the only match ledger."""
        (path,) = self.data_dir.glob("*/*/matching.jsonl")
        return [json.loads(line) for line in path.read_text().splitlines()]

    def ledger_of(self, kind: str) -> list[dict[str, Any]]:
        """The ledger's lines of one kind."""
        return [line for line in self.ledger if line["kind"] == kind]

    @property
    def participants(self) -> list[dict[str, Any]]:
        """The lines about participants' ways through the only experiment."""
        (path,) = self.data_dir.glob("*/participants.jsonl")
        return [json.loads(line) for line in path.read_text().splitlines()]

    @property
    def recruitment_ids(self) -> dict[str, str]:
        """The recruitment ids of all who have come with one, by subject id."""
        (path,) = self.data_dir.glob("*/participants.jsonl")
        ids = path.with_name("recruitment.jsonl")
        lines = [json.loads(line) for line in ids.read_text().splitlines()] if ids.exists() else []
        return {line["subject_id"]: line["recruitment_id"] for line in lines}

    def wait_for(self, condition: Callable[["Product"], T]) -> T:
        """Wait until *condition* is true of what the server has printed or stored; return it."""
        deadline = time.monotonic() + PATIENCE_S
        while not (value := condition(self)):
            if time.monotonic() > deadline:
                raise AssertionError(f"Not within {PATIENCE_S} s. The server says:\n{self.output}")
            time.sleep(0.05)
        return value

    def _wait_until_healthy(self) -> None:
        self.wait_for(lambda _: self._process.poll() is not None or self._is_healthy())
        if self._process.returncode is not None:
            raise AssertionError(f"The server ended at once:\n{self.output}")

    def _is_healthy(self) -> bool:
        try:
            answer = self._inside(lambda: urllib.request.urlopen(f"{self.url}health", timeout=5))
        except OSError:
            return False
        with answer:
            return bool(json.loads(answer.read())["status"] == "ok")

    def _inside(self, function: Callable[[], T]) -> T:
        """Call *function* in the network the server runs in."""
        return self._host.call(function) if self._host else function()


def demo(folder: Path, host: Host | None = None, **options: object) -> Product:
    """The demo, as ``interactive-gym demo`` serves it with these *options*."""
    return Product(["-m", "interactive_gym.cli", "demo", *_arguments(options)], folder, host)


def experiment(script: str, folder: Path, host: Host | None = None, **options: object) -> Product:
    """One of the experiment scripts beside the tests, with these *options*."""
    return Product([str(EXPERIMENTS / script), *_arguments(options)], folder, host)


def free_port(address: str) -> int:
    """Return a TCP port that nobody listens on at *address*."""
    with socket.create_server((address, 0)) as listening:
        return int(listening.getsockname()[1])


def _arguments(options: Mapping[str, object]) -> list[str]:
    """Turn ``max_steps=120`` into ``--max-steps 120`` and ``force_relay=True`` into
    ``--force-relay``; an option that is None or False is left out.
    """
    parts: list[str] = []
    for name, value in options.items():
        if value is not None and value is not False:
            parts += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return parts


def _created(match: Path) -> int:
    return match.parent.stat().st_ctime_ns
