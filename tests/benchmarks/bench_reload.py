"""Prints, as JSON, how long a reload in the middle of a game takes, from its click to the next
frame, and what of that goes where.

Real Chromium with a warm cache: one of two reloads, then both at once, then somebody who plays
alone. Run it with ``.venv/bin/python tests/benchmarks/bench_reload.py [reloads]``, on a quiet
machine.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support.e2e.browser import Participant, launch_chromium
from tests.support.e2e.product import Product, experiment

RELOADS = 5

NOTE_PHASES = """
window.phases = {};
document.addEventListener("DOMContentLoaded", () => {
  const note = () => (window.phases[document.body.dataset.phase] ??= performance.now());
  new MutationObserver(note).observe(document.body, { attributeFilter: ["data-phase"] });
  note();
});
"""
"""Makes a page note when it came into each phase first, in ms since its reload."""

CONFIRMED = "(window.interactiveGym?.snapshot().confirmedFrame ?? -1)"


def main() -> None:
    """Reload again and again and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("reloads", type=int, nargs="?", default=RELOADS)
    reloads = parser.parse_args().reloads
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        figures = {
            "one_of_two": play(browser, people=2, reloading=1, reloads=reloads),
            "both": play(browser, people=2, reloading=2, reloads=reloads),
            "alone": play(browser, people=1, reloading=1, reloads=reloads),
        }
        browser.close()
    print(json.dumps(figures, indent=2))


def play(browser: Browser, *, people: int, reloading: int, reloads: int) -> dict[str, object]:
    """Play one game in which so many people reload so often."""
    script, options = "absences.py", {"frames": 18_000}
    if people == 1:
        script, options = "short_slime.py", {"players": 1, "steps": 9_000, "max_p2p_rtt_ms": 150}
    with (
        tempfile.TemporaryDirectory() as folder,
        experiment(script, Path(folder), **options) as product,
    ):
        everybody = [Participant(f"participant {number}", browser) for number in range(people)]
        begin(product, everybody)
        marks = [
            mark
            for _ in range(reloads)
            for mark in reload_at_once(everybody[:reloading], everybody)
        ]
        for person in everybody:
            person.page.context.close()
    return {name: summary([mark[name] for mark in marks]) for name in marks[0]}


def begin(product: Product, people: Sequence[Participant]) -> None:
    """Lead everybody into the game."""
    for person in people:
        person.page.add_init_script(NOTE_PHASES)
        person.go_to_waitroom(product.url)
    for person in people:
        person.wait_for(f"{CONFIRMED} > 60")


def reload_at_once(
    reloading: Sequence[Participant], everybody: Sequence[Participant]
) -> list[dict[str, float]]:
    """Have some reload, wait until all play, and return when each came how far, in ms."""
    for person in reloading:
        person.page.evaluate("window.isOld = true")
    for person in reloading:
        person.reload()
    for person in everybody:
        person.wait_for("!window.isOld && document.body.dataset.phase === 'playing'")
        person.wait_for(f"{CONFIRMED} > 60")
        person.page.wait_for_timeout(1000)
    return [
        {
            "loaded_ms": phases["starting"],
            "playing_ms": phases["playing"],
        }
        for phases in (person.page.evaluate("window.phases") for person in reloading)
    ]


def summary(values: Sequence[float]) -> dict[str, int]:
    """The middle and the worst of some times."""
    return {"median": round(statistics.median(values)), "max": round(max(values))}


if __name__ == "__main__":
    main()
