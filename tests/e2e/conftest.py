"""What the end-to-end tests share: an emulated network, browsers, a running product.

The one place that decides what cannot be tested on this machine, and says why.
"""

import fcntl
import os
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.support.e2e.browser import (
    Participant,
    ParticipantFactory,
    find_chromium,
    launch_chromium,
)
from tests.support.e2e.module_page import serve_modules
from tests.support.netlab import Host, LabUnavailable, NetworkLab

_PARTICIPANTS = pytest.StashKey[list[Participant]]()
_MARKER_OF_FIXTURE = {"playwright": "e2e", "lab": "netlab"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests of code alone before all others, see that the others are marked, and leave out
    those that run beside the gate."""
    for item in items:
        for fixture, marker in _MARKER_OF_FIXTURE.items():
            used = fixture in getattr(item, "fixturenames", ())
            if used and not item.get_closest_marker(marker):
                raise pytest.UsageError(f"{item.nodeid} uses {fixture} without being {marker}")
    items.sort(key=_needs_the_machine)
    if os.environ.get("SWEEPS") != "all":
        swept = [item for item in items if item.get_closest_marker("sweep")]
        config.hook.pytest_deselected(items=swept)
        items[:] = [item for item in items if item not in swept]


def _needs_the_machine(item: pytest.Item) -> bool:
    return any(map(item.get_closest_marker, _MARKER_OF_FIXTURE.values()))


@pytest.fixture(scope="session")
def netlab_problem() -> str | None:
    """Why there can be no emulated network on this machine."""
    try:
        with NetworkLab():
            return None
    except LabUnavailable as reason:
        return str(reason)


@pytest.fixture(scope="session")
def e2e_problem() -> str | None:
    """Why there can be no browser on this machine."""
    return None if find_chromium() else "Chromium is missing: install the package chromium."


@pytest.fixture(autouse=True)
def _skip_what_this_machine_cannot_do(request: pytest.FixtureRequest) -> None:
    for marker in ("netlab", "e2e"):
        if request.node.get_closest_marker(marker):
            problem: str | None = request.getfixturevalue(f"{marker}_problem")
            if problem:
                pytest.skip(problem)


@pytest.fixture(autouse=True)
def _share_of_the_machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Keep a test that is marked `alone` apart from those that other workers run meanwhile."""
    if not _needs_the_machine(request.node):
        yield
        return
    folder = tmp_path_factory.getbasetemp().parent
    with (folder / "queue").open("w") as queue, (folder / "machine").open("w") as machine:
        # Whoever waits for the whole machine holds the queue, so that it is not overtaken.
        fcntl.flock(queue, fcntl.LOCK_EX)
        alone = request.node.get_closest_marker("alone")
        fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(queue, fcntl.LOCK_UN)
        yield


@pytest.fixture
def lab() -> Iterator[NetworkLab]:
    """An emulated network without hosts."""
    with NetworkLab() as network:
        yield network


# Per module, because Playwright keeps an event loop running in this thread for as long as it
# lives, and tests elsewhere may want their own.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """The driver of all browsers."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser on this machine, which the tests of a module share, and nothing in it."""
    chromium = launch_chromium(playwright)
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A blank page that can import the browser modules."""
    with serve_modules() as url:
        blank = browser.new_page()
        blank.goto(url)
        yield blank
        blank.close()


@pytest.fixture
def participant(
    request: pytest.FixtureRequest, playwright: Playwright
) -> Iterator[ParticipantFactory]:
    """A function that brings a participant: ``participant(name)``, in a lab with its ``host``.

    Participants on the same machine share a browser and nothing in it.
    """
    browsers: dict[Host, Browser] = {}
    participants = request.node.stash.setdefault(_PARTICIPANTS, [])

    def browser_on(host: Host | None) -> Browser:
        if host is None:
            shared: Browser = request.getfixturevalue("browser")
            return shared
        if host not in browsers:
            browsers[host] = launch_chromium(playwright, host)
        return browsers[host]

    def bring(name: str, host: Host | None = None) -> Participant:
        person = Participant(name, browser_on(host))
        participants.append(person)
        return person

    yield bring
    for person in participants:
        person.page.context.close()
    for chromium in browsers.values():
        chromium.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach to a failure what every participant's page went through."""
    report = yield
    if report.when == "call" and report.failed:
        for person in item.stash.get(_PARTICIPANTS, []):
            report.sections.append((f"participant {person.name}", person.describe()))
    return report
