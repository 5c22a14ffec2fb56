"""Makes the README's screenshots from the running examples, two browsers 42 ms apart.

Run it as root, with ``.venv/bin/python tests/e2e/make_screenshots.py``; look at the pictures
before committing them.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support.e2e.browser import Participant, launch_chromium
from tests.support.e2e.product import Product, demo, experiment
from tests.support.netlab import Host, NetworkLab
from tests.support.paths import DOCS

IMAGES = DOCS / "images"
SIZE = {"width": 1000, "height": 760}
# The frames at which the keys of either side change, and the frame of the picture.
MOVES = ((38, "ArrowUp", "ArrowLeft"),)
PICTURE_FRAME = 56
# By then the helper stands at the stove with a plate, and the soup is nearly done.
KITCHEN_FRAME = 270


def main() -> None:
    """Play, wait, leave and be idle, and save what is seen on the way."""
    IMAGES.mkdir(exist_ok=True)
    with (
        NetworkLab() as lab,
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
    ):
        server = lab.host("server")
        hosts = [lab.host("left", delay_ms=9), lab.host("right", delay_ms=12)]
        browsers = [launch_chromium(playwright, host) for host in hosts]
        show_volleyball(new_folder(folder, "volleyball"), server, browsers)
        show_kitchen(new_folder(folder, "kitchen"), server, browsers)
        show_idleness(new_folder(folder, "idleness"), server, browsers)
        for browser in browsers:
            browser.close()


def show_volleyball(folder: Path, server: Host, browsers: list[Browser]) -> None:
    """The waitroom, a game, and what is seen when the partner vanishes."""
    with demo(folder, server) as product:
        first, second = new_people(browsers)
        first.go_to_waitroom(product.url)
        first.wait_for_phase("waiting")
        first.wait_for("/0:0[3-9]/.test(document.body.innerText)")
        first.screenshot(IMAGES / "waitroom.png")
        second.go_to_waitroom(product.url)
        for person in (first, second):
            person.wait_for_phase("playing")
        play([first, second])
        first.screenshot(IMAGES / "game.png")
        second.close()
        first.wait_for_phase("paused")
        first.wait_for("parseFloat(document.querySelector('#overlay progress').value) > 0.3")
        first.screenshot(IMAGES / "paused.png")
        first.wait_for_phase("ended")
        first.screenshot(IMAGES / "ended.png")


def show_kitchen(folder: Path, server: Host, browsers: list[Browser]) -> None:
    """A kitchen in which one participant cooks with a helper."""
    command = ["-m", "interactive_gym.cli", "demo", "kitchen", "--players", "1"]
    with Product(command, folder, server) as product:
        person, _ = new_people(browsers)
        person.go_to_waitroom(product.url)
        person.wait_for_phase("playing")
        person.wait_for(f"interactiveGym.snapshot().frame >= {KITCHEN_FRAME}")
        person.screenshot(IMAGES / "kitchen.png")


def show_idleness(folder: Path, server: Host, browsers: list[Browser]) -> None:
    """The question whether anybody is there, over a running game."""
    with experiment("absences.py", folder, server, game_prompt_ms=4000) as product:
        people = new_people(browsers)
        for person in people:
            person.go_to_waitroom(product.url)
        people[0].wait_for("document.querySelector('#still-there').open")
        people[0].screenshot(IMAGES / "still_there.png")


def new_folder(parent: str, name: str) -> Path:
    folder = Path(parent) / name
    folder.mkdir()
    return folder


def new_people(browsers: list[Browser]) -> list[Participant]:
    people = [Participant(f"person {seat}", browser) for seat, browser in enumerate(browsers)]
    for person in people:
        person.page.set_viewport_size(SIZE)
    return people


def play(people: list[Participant]) -> None:
    """Press the keys of ``MOVES``, up to the frame of the picture."""
    for frame, *keys in MOVES:
        people[0].wait_for(f"interactiveGym.snapshot().frame >= {frame}")
        for person, key in zip(people, keys, strict=True):
            person.hold(key)
    people[0].wait_for(f"interactiveGym.snapshot().frame >= {PICTURE_FRAME}")


if __name__ == "__main__":
    main()
