"""The page that asks for a recruitment id, in a real browser, by keyboard alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.e2e.accessibility import violations
from tests.support.e2e.browser import Participant
from tests.support.served_experiment import ServedExperiment

pytestmark = pytest.mark.e2e

ID = "5f3c" + "0" * 20
IS_VALID = "() => document.querySelector('#typed-id').validity.valid"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedExperiment]:
    rules = {"panel": "prolific", "ask_for_id": True}
    experiment = ServedExperiment(tmp_path_factory.mktemp("asked"), recruitment=rules)
    yield experiment
    experiment.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_id_is_typed_and_a_reload_is_the_same_participant(
    browser: Browser, served: ServedExperiment, scheme: str
) -> None:
    who = ID[:-1] + str(len(scheme))
    person = Participant(who, browser, color_scheme=scheme)
    person.open(f"{served.url}/?STUDY_ID=st")
    page = person.page
    found = violations(page)
    page.keyboard.press("Tab")
    page.keyboard.type("5f3c")
    page.keyboard.press("Enter")
    assert not page.evaluate(IS_VALID)
    # What a browser lets through all the same is looked at by the server.
    page.eval_on_selector("#typed-id", "(input) => input.removeAttribute('pattern')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#id-fault")
    assert page.evaluate("document.activeElement.id") == "typed-id"
    found += violations(page)
    page.keyboard.press("Control+a")
    page.keyboard.type(f" {who.upper()}")
    page.keyboard.press("Enter")
    person.wait_for_phase("scene")
    assert page.url == f"{served.url}/?PROLIFIC_PID={who}&STUDY_ID=st"
    person.reload()
    person.wait_for_phase("scene")
    assert served.recruitment_ids().count(who) == 1
    assert found == []
    page.context.close()
