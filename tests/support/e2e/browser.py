"""Headless Chromium for the end-to-end tests, and a participant who uses it.

Knows the pages' contract (`data-phase`, `data-action`, `interactiveGym.snapshot`), nothing of what
is tested. Chromium is the machine's own; none is ever downloaded.
"""

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser, Page, Playwright, WebSocket
from playwright.sync_api import Error as PlaywrightError

from tests.support.e2e.patience import PATIENCE_S
from tests.support.netlab import Host
from tests.support.priority import prefer

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    # Addresses hidden behind mDNS names cannot be resolved inside a lab.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)

POLL_MS = 20
"""How often a condition is looked at, in milliseconds."""

REPORT_PHASES = """
const report = () => {
  const phase = document.body?.dataset.phase;
  if (!phase || phase === window.reportedPhase) return;
  window.reportedPhase = phase;
  console.debug("phase:", phase);
};
new MutationObserver(report).observe(document, {
  subtree: true, childList: true, attributes: true, attributeFilter: ["data-phase"],
});
"""
"""Makes a page report every phase it passes through, however briefly, in its console."""


def find_chromium() -> str | None:
    """Return the path of this machine's Chromium, or None if it has none."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def launch_chromium(playwright: Playwright, host: Host | None = None) -> Browser:
    """Start headless Chromium on this machine, or on a host of a lab."""
    chromium = find_chromium()
    assert chromium, "tests that need Chromium carry the marker e2e"
    program = host.wrapper(chromium) if host else chromium
    browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
    session = browser.new_browser_cdp_session()
    (main,) = (
        process
        for process in session.send("SystemInfo.getProcessInfo")["processInfo"]
        if process["type"] == "browser"
    )
    prefer(main["id"])
    session.detach()
    return browser


class Participant:
    """A person at a browser: one page, and everything that it said and received."""

    def __init__(self, name: str, browser: Browser, **options: Any) -> None:
        """Open an empty page in *browser*, with storage of its own and *options* of Playwright."""
        self.name = name
        self.page: Page = browser.new_context(**options).new_page()
        self.page.set_default_timeout(PATIENCE_S * 1000)
        self.phases: list[str] = []
        """Every phase the page has passed through, in order."""
        self.log: list[str] = []
        """The page's console, and its errors, each with the time since the page was opened."""
        self.errors: list[str] = []
        """Uncaught exceptions and console errors alone."""
        self.received: list[str | bytes] = []
        """What the server has sent over WebSockets, frame by frame."""
        self._opened_s = time.monotonic()
        self.page.add_init_script(REPORT_PHASES)
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self._heard("error", str(error)))
        self.page.on("websocket", self._watch)

    def open(self, url: str) -> None:
        """Go to the address a recruiting platform would send the participant to."""
        self.page.goto(url)

    def reload(self) -> None:
        """Load the page again, as an impatient participant does, and do not wait for it."""
        self.page.evaluate("setTimeout(() => location.reload())")

    def advance(self) -> None:
        """Press the button that moves on, once it can be pressed."""
        self._click("advance")

    def join(self) -> None:
        """Press the button that enters the waitroom, once the environment is loaded."""
        self._click("join")

    def go_to_waitroom(self, url: str) -> None:
        """Open the page and go through the instructions into the waitroom."""
        self.open(url)
        self.advance()
        self.join()

    def start_loading(self, url: str) -> None:
        """Open the page and go through the instructions, so that the environment is loading."""
        self.open(url)
        self.advance()

    def wait_until_loaded(self) -> None:
        """Wait until the environment is loaded."""
        self.wait_for("document.querySelector('#loader')?.dataset.done === 'true'")

    def get_ready(self, url: str) -> None:
        """Open the page, read the instructions, and wait until the environment is loaded."""
        self.start_loading(url)
        self.wait_until_loaded()

    @property
    def phase(self) -> str:
        """The phase the page is in."""
        return str(self.page.evaluate("document.body.dataset.phase"))

    def wait_for_phase(self, *phases: str) -> str:
        """Wait until the page is in one of *phases*, and return which."""
        states = ", ".join(f'body[data-phase="{phase}"]' for phase in phases)
        try:
            self.page.wait_for_selector(states, state="attached")
        except PlaywrightError as error:
            awaited = " or ".join(phases)
            message = f"{self.name} was not {awaited} within {PATIENCE_S} s.\n{self.describe()}"
            raise AssertionError(message) from error
        return self.phase

    def wait_for(self, expression: str) -> None:
        """Wait until a JavaScript expression, or what it promises, is true in the page.

        The page's policy forbids the eval by which Playwright's ``wait_for_function`` does so.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_true(expression):
            if time.monotonic() > deadline:
                raise AssertionError(f"Not so for {self.name}: {expression}\n{self.describe()}")
            self.page.wait_for_timeout(POLL_MS)

    def _is_true(self, expression: str) -> bool:
        try:
            return bool(self.page.evaluate(f"async () => Boolean(await ({expression}))"))
        except PlaywrightError as error:
            # The page is being loaded anew.
            if "context was destroyed" in str(error) or "navigati" in str(error):
                return False
            message = f"{self.name} cannot say: {expression}\n{self.describe()}"
            raise AssertionError(message) from error

    def snapshot(self) -> dict[str, Any]:
        """Return what the page says of itself for tests and support."""
        state: dict[str, Any] = self.page.evaluate("window.interactiveGym.snapshot()")
        return state

    def invitation(self) -> dict[str, Any]:
        """Return the last ``game_created`` that the server sent."""
        events = [event for event in self.received if '["game_created",' in str(event)]
        invitation: dict[str, Any] = json.loads(str(events[-1]).lstrip("0123456789"))[1]
        return invitation

    def text(self) -> str:
        """Return the text that can be read on the page."""
        return self.page.inner_text("body")

    def hold(self, key: str) -> None:
        """Press a key and keep it down."""
        self.page.keyboard.down(key)

    def screenshot(self, path: Path) -> None:
        """Save what is to be seen."""
        self.page.screenshot(path=path)

    def close(self) -> None:
        """Close the tab."""
        self.page.close()

    def describe(self) -> str:
        """Tell how the page got where it is, for a failed test."""
        lines = [f"{self.name} passed through {' > '.join(self.phases) or 'no phase'}."]
        if not self.page.is_closed():
            lines += [f"At {self.page.url} it reads:", indented(self.text().splitlines())]
        return "\n".join([*lines, "Console:", indented(self.log[-60:])])

    def _click(self, action: str) -> None:
        try:
            self.page.click(f'[data-action="{action}"]:visible')
        except PlaywrightError as error:
            message = f"{self.name} could not press {action}.\n{self.describe()}"
            raise AssertionError(message) from error

    def _heard(self, kind: str, text: str) -> None:
        if text.startswith("phase: "):
            self.phases.append(text.removeprefix("phase: "))
        self.log.append(f"{time.monotonic() - self._opened_s:6.2f} s {kind}: {text}")
        if kind == "error":
            self.errors.append(text)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: self.received.append(payload))


class ParticipantFactory(Protocol):
    """Brings a participant to a test: what the fixture ``participant`` is."""

    def __call__(self, name: str, host: Host | None = None) -> Participant: ...


def get_ready_together(people: Sequence[Participant], url: str) -> None:
    """Have everybody load the page and the environment at the same time, and wait for all."""
    for person in people:
        person.start_loading(url)
    for person in people:
        person.wait_until_loaded()


def indented(lines: Sequence[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
