"""Prints, as JSON, the delay from a key to the partner's picture where latency is equal.

Two participants in real Chromium play over emulated networks of different RTT, with jitter, once
with equal latency and once with a fixed input delay of two frames. Run it as root with
``.venv/bin/python tests/benchmarks/bench_equal_latency.py [target_ms]``, on a quiet machine.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright, sync_playwright

from tests.support.e2e.equal_play import EqualPair, missed_targets
from tests.support.e2e.real_networks import Network
from tests.support.netlab import NetworkLab

TARGET_MS = 120
NETWORKS = [Network(20, 4, 0), Network(60, 10, 0), Network(100, 16, 0)]


def main() -> None:
    """Play over one network after the other and print the figures."""
    target_ms = float(sys.argv[1]) if len(sys.argv) > 1 else TARGET_MS
    with sync_playwright() as playwright:
        equal = play(playwright, target_ms=target_ms)
        fixed = play(playwright, input_delay=2)
    missed = [f"{game['network']}: {what}" for game in equal for what in missed_targets(game)]
    print(json.dumps({"equal": equal, "two_frames": fixed, "missed_targets": missed}, indent=2))


def play(playwright: Playwright, **options: object) -> list[dict[str, Any]]:
    """The figures of a game over each network."""
    games = []
    with (
        tempfile.TemporaryDirectory() as folder,
        NetworkLab() as lab,
        EqualPair(playwright, lab, Path(folder), games=len(NETWORKS), **options) as pair,
    ):
        for network in NETWORKS:
            games.append(pair.play(network))
            print(network, options, file=sys.stderr)
    return games


if __name__ == "__main__":
    main()
