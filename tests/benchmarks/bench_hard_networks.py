"""Prints, as JSON, how play fares in real Chromium over networks with something bad in them.

Groups of two to four who keep changing keys play a game over each network of
``tests/support/e2e/hard_networks.py``; every game's data are checked against the un-networked
replay. Run it as root with
``.venv/bin/python tests/benchmarks/bench_hard_networks.py [--seconds 20] [name ...]``, on a quiet
machine. A name is a part of a network's; without one all are played, which takes ten minutes.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.e2e.hard_networks import NETWORKS, SECONDS, Group, missed_goals
from tests.support.netlab import NetworkLab


def main() -> None:
    """Play over one network after the other and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    games, missed = [], []
    for network in NETWORKS:
        if options.names and not any(name in network.name for name in options.names):
            continue
        with (
            tempfile.TemporaryDirectory() as folder,
            sync_playwright() as playwright,
            NetworkLab() as lab,
            Group(playwright, lab, Path(folder), network, seconds=options.seconds) as group,
        ):
            figures = group.play()
        games.append(figures)
        missed += [f"{network.name}: {what}" for what in missed_goals(network, figures)]
        print(json.dumps(figures), file=sys.stderr)
    print(json.dumps({"games": games, "missed_goals": missed}, indent=2))


if __name__ == "__main__":
    main()
