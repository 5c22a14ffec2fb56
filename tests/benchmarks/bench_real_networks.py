"""Prints, as JSON, how play fares in real Chromium over emulated networks of nine kinds.

Two participants who keep changing keys play a game of slime volleyball over each; every game's data
are checked against the un-networked replay. Run it as root with
``.venv/bin/python tests/benchmarks/bench_real_networks.py [seconds a game] [--worst]``, on a quiet
machine. ``--worst`` plays over networks with up to 30% loss instead.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.e2e.real_networks import (
    MATRIX,
    SECONDS,
    WORST,
    Pair,
    missed_on_the_worst,
    missed_targets,
)
from tests.support.netlab import NetworkLab


def main() -> None:
    """Play over one network after the other and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seconds", type=int, nargs="?", default=SECONDS)
    parser.add_argument("--worst", action="store_true")
    options = parser.parse_args()
    seconds = options.seconds
    networks, missed_in = (
        (WORST, missed_on_the_worst) if options.worst else (MATRIX, missed_targets)
    )
    games = []
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        NetworkLab() as lab,
        Pair(playwright, lab, Path(folder), games=len(networks), seconds=seconds) as pair,
    ):
        for network in networks:
            games.append(pair.play(network))
            print(network, file=sys.stderr)
    missed = [f"{game['network']}: {what}" for game in games for what in missed_in(game)]
    print(json.dumps({"games": games, "missed_targets": missed}, indent=2))


if __name__ == "__main__":
    main()
