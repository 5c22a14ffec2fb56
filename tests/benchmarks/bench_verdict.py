"""Prints, as JSON, how long two browsers on this machine wait for their verdict.

Real Chromium, real WebRTC, over loopback: from the arrival of the second participant in the
waitroom to the verdict on the pair, by the server's clock as the match ledger has it. Run it with
``.venv/bin/python tests/benchmarks/bench_verdict.py [pairs]`` on an otherwise idle machine.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.support.e2e.browser import Participant, launch_chromium
from tests.support.e2e.product import Product, demo


def main() -> None:
    """Match one pair after another and print the figures."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        with demo(Path(folder)) as product:
            for number in range(pairs):
                match_a_pair(browser, product, number)
            ledger = product.ledger
        browser.close()
    print(json.dumps(figures(ledger), indent=2))


def match_a_pair(browser: Browser, product: Product, number: int) -> None:
    """Bring two participants and let them go once they play."""
    people = [Participant(f"{number}.{which}", browser) for which in (1, 2)]
    for person in people:
        person.go_to_waitroom(product.url)
        person.wait_for_phase("waiting", "starting", "playing")
    for person in people:
        person.wait_for_phase("starting", "playing")
        person.page.context.close()


def figures(ledger: list[dict[str, Any]]) -> dict[str, Any]:
    """Sum up the times from each pair's second arrival to its verdict."""
    arrivals = [line["monotonic_s"] for line in ledger if line["kind"] == "arrival"]
    verdicts = [line for line in ledger if line["kind"] == "verdict"]
    probes_ms = [line["duration_ms"] for line in ledger if line["kind"] == "probe"]
    waits_ms = [
        1000 * (verdict["monotonic_s"] - max(a for a in arrivals if a <= verdict["monotonic_s"]))
        for verdict in verdicts
    ]
    return {
        "pairs": len(waits_ms),
        "accepted": sum(verdict["verdict"] == "accepted" for verdict in verdicts),
        "join_to_verdict_ms": summary(waits_ms),
        "probe_ms": summary(probes_ms),
    }


def summary(values: list[float]) -> dict[str, float]:
    return {
        "min": round(min(values), 1),
        "median": round(statistics.median(values), 1),
        "max": round(max(values), 1),
    }


if __name__ == "__main__":
    main()
