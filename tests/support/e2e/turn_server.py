"""A coturn on a host of the emulated network, with long-term credentials.

Configured by its arguments alone: nothing of the machine's own coturn is read, used or changed. It
ends with its context, or with the lab.
"""

import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.support.e2e.patience import PATIENCE_S
from tests.support.netlab import Host

PORT = 3478
_BINDING_REQUEST = b"\x00\x01\x00\x00\x21\x12\xa4\x42"
"""The start of a STUN message; twelve bytes of transaction id follow."""


def turn_problem() -> str | None:
    """Why there can be no TURN server on this machine."""
    return None if shutil.which("turnserver") else "turnserver is missing: install coturn."


class TurnServer:
    """A running TURN server; used as a context manager."""

    def __init__(self, host: Host, folder: Path) -> None:
        """Prepare it on *host*; what it prints goes into *folder*."""
        self._host = host
        self._folder = folder
        self.username = "participant"
        """With this and the credential participants may use it."""
        self.credential = secrets.token_hex(8)
        self.url = f"turn:{host.address}:{PORT}?transport=udp"
        """Its address, as `ice_servers` takes it."""

    @property
    def options(self) -> dict[str, str]:
        """Options of the script ``networked_games.py`` that make participants use it."""
        return {
            "turn_url": self.url,
            "turn_username": self.username,
            "turn_credential": self.credential,
        }

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return (self._folder / "turnserver.log").read_text()

    def __enter__(self) -> "TurnServer":
        address = self._host.address
        command = [
            *("turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file", "stdout"),
            *("--verbose", "--listening-ip", address, "--relay-ip", address),
            *("--listening-port", str(PORT), "--realm", "lab", "--lt-cred-mech"),
            *("--user", f"{self.username}:{self.credential}"),
            *("--userdb", str(self._folder / "turndb")),
            *("--pidfile", str(self._folder / "turnserver.pid")),
        ]
        with (self._folder / "turnserver.log").open("w") as output:
            self._process = self._host.popen(command, stdout=output, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + PATIENCE_S
        while not self._host.call(self._answers):
            assert self._process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def _answers(self) -> bool:
        """Whether it answers a STUN request."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.2)
            asking.sendto(_BINDING_REQUEST + secrets.token_bytes(12), (self._host.address, PORT))
            try:
                return asking.recv(512)[:2] == b"\x01\x01"
            except OSError:
                return False
