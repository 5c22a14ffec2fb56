"""What the end-to-end tests share: an emulated network, browsers, a running product.

The one place that decides what cannot be tested on this machine, and says why.
"""

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
def page(playwright: Playwright) -> Iterator[Page]:
    """A blank page that can import the browser modules."""
    browser = launch_chromium(playwright)
    with serve_modules() as url:
        blank = browser.new_page()
        blank.goto(url)
        yield blank
    browser.close()


@pytest.fixture
def participant(
    request: pytest.FixtureRequest, playwright: Playwright
) -> Iterator[ParticipantFactory]:
    """A function that brings a participant: ``participant(name)``, in a lab with its ``host``.

    Participants on the same machine share a browser and nothing in it.
    """
    browsers: dict[Host | None, Browser] = {}
    participants = request.node.stash.setdefault(_PARTICIPANTS, [])

    def bring(name: str, host: Host | None = None) -> Participant:
        if host not in browsers:
            browsers[host] = launch_chromium(playwright, host)
        person = Participant(name, browsers[host])
        participants.append(person)
        return person

    yield bring
    for browser in browsers.values():
        browser.close()


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
