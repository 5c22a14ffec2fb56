"""Endings reached in a real browser: what the last page says, and what is left in the data."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.e2e.accessibility import violations
from tests.support.e2e.browser import Participant
from tests.support.e2e.product import Product, experiment

pytestmark = pytest.mark.e2e

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
PICTURES = os.environ.get("PICTURES_TO")
"""A folder for a picture of every page, to be looked at."""

Comer = Callable[..., Participant]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with experiment("outcomes.py", tmp_path_factory.mktemp("outcomes")) as running:
        yield running


@pytest.fixture
def come(browser: Browser, product: Product) -> Iterator[Comer]:
    """Brings somebody to the consent page."""
    people = []

    def bring(name: str) -> Participant:
        person = Participant(name, browser)
        people.append(person)
        person.open(product.url)
        person.wait_for_phase("scene")
        person.advance()
        at(person, "Before you begin")
        return person

    yield bring
    for person in people:
        person.page.context.close()


def at(person: Participant, heading: str) -> None:
    """Wait for a page, which nobody finds inaccessible."""
    person.wait_for(f"document.querySelector('h1')?.textContent === {json.dumps(heading)}")
    assert violations(person.page) == []
    look(person, heading)


def look(person: Participant, name: str) -> None:
    """Keep a picture of the page in each size, where they are asked for."""
    for size, (width, height) in SIZES.items() if PICTURES else ():
        person.page.set_viewport_size({"width": width, "height": height})
        file = f"{name.lower().replace(' ', '_')}_{size}.png"
        person.page.screenshot(path=Path(PICTURES or "") / file)


def agree(person: Participant) -> None:
    person.page.get_by_role("checkbox").check()
    person.advance()
    at(person, "Who can take part")


def choose(person: Participant, answer: str) -> None:
    person.page.get_by_label(answer).check()
    person.advance()


def last_line(product: Product) -> tuple[str, str, str | None]:
    line = product.participants[-1]
    return line["event"], line["outcome"], line["completion_code"]


def test_whoever_stops_waiting_may_think_again_and_is_not_asked_about_a_partner(
    come: Comer, product: Product
) -> None:
    person = come("alone")
    agree(person)
    choose(person, "Yes")
    person.join()
    person.wait_for_phase("waiting")
    stop = person.page.get_by_role("button", name="Stop waiting")
    stop.wait_for()
    look(person, "waiting")
    assert violations(person.page) == []
    stop.click()
    at(person, "You have stopped waiting")
    person.page.get_by_role("button", name="Back to the waiting room").click()
    person.wait_for_phase("waiting")
    stop.wait_for()
    stop.click()
    at(person, "You have stopped waiting")
    person.advance()
    at(person, "No partner this time")
    assert person.page.locator("output").inner_text() == "ALONE"
    assert person.page.get_by_text("You will be paid £0.50").is_visible()
    link = person.page.get_by_role("link", name="Finish the study")
    assert link.get_attribute("href") == "https://panel.example/complete?cc=ALONE"
    assert last_line(product) == ("completed", "no_partner", "ALONE")
    ends = [line["reason"] for line in product.participants if line["event"] == "waitroom_ended"]
    assert ends == ["gave_up", "gave_up"]


def test_whoever_is_screened_out_and_whoever_declines_return_their_submission(
    come: Comer, product: Product
) -> None:
    person = come("screened")
    agree(person)
    choose(person, "No")
    at(person, "You cannot take part in this study")
    assert person.page.get_by_text("return your submission").is_visible()
    assert person.page.locator("output").count() == 0
    assert last_line(product) == ("completed", "screened_out", None)
    other = come("declines")
    other.page.get_by_role("button", name="I do not take part").click()
    other.page.get_by_role("button", name="Leave the study").click()
    at(other, "You do not take part")
    assert other.page.get_by_text("There is no payment").is_visible()
    assert last_line(product) == ("completed", "consent_refused", None)
