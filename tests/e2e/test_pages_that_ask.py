"""Every kind of page that asks, in a real browser: by keyboard alone, by mouse, over a reload and
over a server that is killed meanwhile.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.e2e.accessibility import violations
from tests.support.e2e.browser import Participant
from tests.support.e2e.product import Product, experiment

pytestmark = pytest.mark.e2e

FOCUSED = """() => {
    const at = document.activeElement;
    return {
      tag: at.tagName.toLowerCase(), type: at.type, name: at.name, action: at.dataset.action,
      invalid: at.getAttribute("aria-invalid"),
      told: (at.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean)
        .map((id) => document.getElementById(id).textContent).join(" "),
    };
}"""
SHOWN = """() => document.querySelector("h1").innerText
    + document.querySelector(".leaf:not([hidden])")?.innerText"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with experiment("all_pages.py", tmp_path_factory.mktemp("pages")) as running:
        yield running


Comer = Callable[..., Participant]


@pytest.fixture
def come(browser: Browser, product: Product) -> Iterator[Comer]:
    """Brings somebody to the first page."""
    people = []

    def bring(name: str, **options: Any) -> Participant:
        person = Participant(name, browser, **options)
        people.append(person)
        person.open(product.url)
        person.wait_for_phase("scene")
        return person

    yield bring
    for person in people:
        person.page.context.close()


def answers_of(product: Product, scene_id: str | None = None) -> list[dict[str, Any]]:
    (path,) = product.data_dir.glob("*/answers.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    newest = lines[-1]["subject_id"]
    return [
        line
        for line in lines
        if line["subject_id"] == newest and scene_id in (None, line["scene_id"])
    ]


def heading(person: Participant) -> str:
    return str(person.page.inner_text("h1"))


def wait_for_heading(person: Participant, text: str) -> None:
    person.wait_for(f"document.querySelector('h1')?.textContent === {json.dumps(text)}")


def press(person: Participant, *keys: str) -> None:
    for key in keys:
        person.page.keyboard.press(key)


def tab_to(person: Participant, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    for _ in range(40):
        press(person, "Tab")
        focused: dict[str, Any] = person.page.evaluate(FOCUSED)
        if wanted(focused):
            return focused
    raise AssertionError(person.describe())


TYPED = {"age": "30", "town": "Bonn"}


def answer_with_keys(person: Participant, focused: dict[str, Any]) -> None:
    """Answer the question on which the focus is."""
    if focused["tag"] == "select":
        press(person, "ArrowDown")
    elif focused["type"] in ("radio", "checkbox"):
        press(person, "Space")
    elif focused["type"] == "range":
        press(person, "ArrowRight")
    elif focused["name"]:
        person.page.keyboard.type(TYPED.get(focused["name"], "Some words"))


def is_continue(focused: dict[str, Any]) -> bool:
    return focused["action"] == "advance"


def go_through_by_keyboard(person: Participant) -> list[str]:
    """Answer a page: at first nothing, then what is missing, and all that follows it.

    Returns what axe-core finds wrong with it, at first and with what is missing said.
    """
    found = violations(person.page)
    tab_to(person, is_continue)
    before = person.page.evaluate(SHOWN)
    press(person, "Enter")
    # Where nothing is asked, that was all.
    focused = person.page.evaluate(FOCUSED)
    if focused["invalid"]:
        assert "Please" in focused["told"], focused
        found += violations(person.page)
        while not is_continue(focused):
            answer_with_keys(person, focused)
            press(person, "Tab")
            focused = person.page.evaluate(FOCUSED)
        press(person, "Enter")
    person.wait_for(f"({SHOWN})() !== {json.dumps(before)}")
    return found


def test_all_pages_by_keyboard_alone_with_a_reload_in_the_middle(
    come: Comer, product: Product
) -> None:
    person = come("keys", color_scheme="dark", viewport={"width": 390, "height": 844})
    found = []
    while person.phase != "ended":
        if heading(person) == "A form":
            tab_to(person, lambda at: at["name"] == "age")
            person.page.keyboard.type("30")
            person.page.reload()
            wait_for_heading(person, "A form")
            assert person.page.input_value("[name=age]") == "30"
        found += go_through_by_keyboard(person)
    found += violations(person.page)
    assert found == []
    assert person.errors == []
    stored = {(line["scene_id"], line["item"]): line["value"] for line in answers_of(product)}
    assert stored[("consent", "consent")] is True
    assert stored[("quiz", "aim")] == "Soup"
    assert stored[("form", "age")] == 30
    assert stored[("form", "hand")] == "left"
    assert stored[("option_boxes", "option")] == "Red"
    assert stored[("options_and_text", "option")] == "y"
    assert stored[("multiple_choice", "question_2")] == ["Rice", "Beans", "Soup"]
    assert stored[("scales", "scale_1")] == 1
    assert stored[("options_and_scales", "ease")] == 1
    assert stored[("tlx", "effort")] == 55
    assert stored[("closeness", "closeness")] == 1
    assert stored[("trust", "trust")] == 1
    assert len(answers_of(product)) == len(stored), "every answer is stored once"
    assert all(line["tries"] >= 1 for line in answers_of(product))


def click(person: Participant, *labels: str) -> None:
    for label in labels:
        person.page.get_by_label(label, exact=True).first.check()


def next_page(person: Participant, text: str) -> None:
    person.advance()
    wait_for_heading(person, text)


def test_consent_instructions_and_quiz_by_mouse_until_no_try_is_left(
    come: Comer, product: Product
) -> None:
    person = come("mouse", viewport={"width": 1440, "height": 900})
    next_page(person, "Before you begin")
    person.advance()
    assert person.page.get_by_text("Please tick this box.").is_visible()
    assert heading(person) == "Before you begin"
    assert violations(person.page) == []
    click(person, "I have read the information above and agree to take part.")
    next_page(person, "How to play")
    person.advance()
    assert person.page.get_by_text("Use the arrows.").is_visible()
    person.page.get_by_role("button", name="Back").click()
    assert person.page.get_by_text("Cook soup.").is_visible()
    person.advance()
    person.page.reload()
    person.page.get_by_text("Use the arrows.").wait_for()
    next_page(person, "A short quiz")
    click(person, "Soup", "Letters")
    person.advance()
    person.page.get_by_text("You have one more try.").wait_for()
    assert person.page.locator(".fault").count() == 1
    assert violations(person.page) == []
    click(person, "Cake")
    next_page(person, "Thank you")
    assert person.page.get_by_text("Some answers were not right").is_visible()
    assert person.page.locator("output").inner_text() != "DONE"
    tried = [(line["tries"], line["value"]) for line in answers_of(product, "quiz")]
    assert tried == [(1, "Soup"), (1, "Letters"), (2, "Cake"), (2, "Letters")]
    assert product.participants[-1]["outcome"] == "failed_quiz"


def test_whoever_declines_is_asked_once_more_and_led_out(come: Comer, product: Product) -> None:
    person = come("no")
    next_page(person, "Before you begin")
    person.page.get_by_role("button", name="I do not take part").click()
    person.page.get_by_role("button", name="Back").click()
    assert person.page.get_by_role("checkbox").is_visible()
    person.page.get_by_role("button", name="I do not take part").click()
    person.page.get_by_role("button", name="Leave the study").click()
    wait_for_heading(person, "You do not take part")
    assert violations(person.page) == []
    person.page.reload()
    wait_for_heading(person, "You do not take part")
    (line,) = answers_of(product)
    assert (line["item"], line["value"]) == ("consent", False)
    (told,) = [it["outcome"] for it in product.participants[-4:] if it["event"] == "completed"]
    assert told == "consent_refused"


def test_a_click_while_the_server_is_gone_is_carried_out_once_it_is_back(
    come: Comer, product: Product
) -> None:
    person = come("patient")
    next_page(person, "Before you begin")
    click(person, "I have read the information above and agree to take part.")
    product.kill()
    person.page.get_by_text("Connection lost").wait_for()
    person.advance()
    person.advance()
    person.page.get_by_text("Your answer is kept").wait_for()
    product.start()
    wait_for_heading(person, "How to play")
    (line,) = answers_of(product)
    assert (line["item"], line["value"]) == ("consent", True)
    assert person.page.evaluate("Object.keys(sessionStorage).join()").count("consent") == 0
