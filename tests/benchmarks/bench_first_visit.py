"""Prints, as JSON, what a first visit costs: bytes from the server, and seconds over slow links.

Headless Chromium with an empty cache, behind a relay on this machine that passes on so many bits
per second and adds no delay. Run it with
``.venv/bin/python tests/benchmarks/bench_first_visit.py``.
"""

import contextlib
import json
import socket
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from tests.support.e2e.browser import Participant, launch_chromium
from tests.support.e2e.product import experiment

LINKS_MBIT_S = (1000, 25, 10, 5)
CHUNK_BYTES = 16_384


class Relay:
    """Passes connections on to a port, all of them over one link; used as a context manager."""

    def __init__(self, port: int, mbit_s: float) -> None:
        self._port = port
        self._bytes_per_s = mbit_s * 1e6 / 8
        self._lock = threading.Lock()
        self._free_at_s = 0.0
        self.passed_bytes = 0
        """What came back from the port so far."""

    def __enter__(self) -> "Relay":
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # A close alone would leave the thread in its call.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                for ends in ((near, far, False), (far, near, True)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, is_counted: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                if is_counted:
                    self._pass(len(chunk))
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)

    def _pass(self, size: int) -> None:
        """Wait until the link has carried *size* more bytes."""
        with self._lock:
            self.passed_bytes += size
            now_s = time.monotonic()
            self._free_at_s = max(self._free_at_s, now_s) + size / self._bytes_per_s
            wait_s = self._free_at_s - now_s
        time.sleep(wait_s)


def main() -> None:
    """Visit over one link after the other and print the figures."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        visits = {f"{mbit_s}_mbit_s": visit(browser, mbit_s) for mbit_s in LINKS_MBIT_S}
        browser.close()
    print(json.dumps(visits, indent=2))


def visit(browser: Browser, mbit_s: float) -> dict[str, object]:
    """Serve an experiment and load it once, and once more after it is in the cache."""
    with (
        tempfile.TemporaryDirectory() as folder,
        experiment("timed_dot.py", Path(folder), fps=30, input_delay=2) as product,
        Relay(urlsplit(product.url).port or 80, mbit_s) as relay,
    ):
        person = Participant("Ann", browser)
        began_s = time.monotonic()
        person.get_ready(relay.url)
        first_s, first_bytes = time.monotonic() - began_s, relay.passed_bytes
        person.open(relay.url)
        person.wait_until_loaded()
        again_bytes = relay.passed_bytes - first_bytes
        person.page.context.close()
    return {
        "loaded_after_s": round(first_s, 1),
        "bytes": first_bytes,
        "bytes_of_a_reload": again_bytes,
        "console": person.errors,
    }


if __name__ == "__main__":
    main()
