"""Makes the README's screenshots from the running demo: two browsers, 42 ms apart.

Run it as root, with ``.venv/bin/python tests/e2e/make_screenshots.py``; look at the pictures
before committing them.
"""

import tempfile
from pathlib import Path

from browser import Participant, launch_chromium
from netlab import NetworkLab
from playwright.sync_api import sync_playwright
from product import demo

IMAGES = Path(__file__).resolve().parents[2] / "interactive_gym/docs/images"
SIZE = {"width": 1000, "height": 760}
# The frames at which the keys of either side change, and the frame of the picture.
MOVES = ((38, "ArrowUp", "ArrowLeft"),)
PICTURE_FRAME = 56


def main() -> None:
    """Play the beginning of a game and save what is seen on the way."""
    IMAGES.mkdir(exist_ok=True)
    with (
        NetworkLab() as lab,
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
    ):
        server = lab.host("server")
        hosts = [lab.host("left", delay_ms=9), lab.host("right", delay_ms=12)]
        with demo(Path(folder), server) as product:
            people = [Participant(host.name, launch_chromium(playwright, host)) for host in hosts]
            for person in people:
                person.page.set_viewport_size(SIZE)
            first, second = people
            first.go_to_waitroom(product.url)
            first.wait_for_phase("waiting")
            first.wait_for("/0:0[3-9]/.test(document.body.innerText)")
            first.screenshot(IMAGES / "waitroom.png")
            second.go_to_waitroom(product.url)
            for person in people:
                person.wait_for_phase("playing")
            play(people)
            first.screenshot(IMAGES / "game.png")
            for person in people:
                person.page.context.browser.close()


def play(people: list[Participant]) -> None:
    """Press the keys of ``MOVES``, up to the frame of the picture."""
    for frame, *keys in MOVES:
        people[0].wait_for(f"interactiveGym.snapshot().frame >= {frame}")
        for person, key in zip(people, keys, strict=True):
            person.hold(key)
    people[0].wait_for(f"interactiveGym.snapshot().frame >= {PICTURE_FRAME}")


if __name__ == "__main__":
    main()
