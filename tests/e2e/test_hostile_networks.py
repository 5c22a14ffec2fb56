"""A page behind proxies and virus scanners that swallow what they do not know.

A file that never comes takes a page half a minute to give up, so only some are tried in every run;
`SWEEPS=all` tries them all.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e.browser import Participant, ParticipantFactory
from tests.support.e2e.middlebox import Middlebox, Treatment
from tests.support.e2e.product import Product, experiment

pytestmark = pytest.mark.e2e

TRIES_ALL = os.environ.get("SWEEPS") == "all"


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """The experiment of ``hosted.py``, served."""
    with experiment("hosted.py", tmp_path) as served:
        yield served


@pytest.fixture
def box(product: Product) -> Iterator[Middlebox]:
    """What is between the participants and that server."""
    with Middlebox(product.url) as middlebox:
        yield middlebox


def load_failures(product: Product) -> list[dict[str, Any]]:
    """What pages have told that they could not load."""
    if not list(product.data_dir.glob("*/participants.jsonl")):
        return []
    return [line for line in product.participants if line["event"] == "load_failed"]


SWALLOWING = [Treatment.SILENCE, Treatment.NOTHING_BACK, Treatment.HANDSHAKE_ONLY]
KEPT_AWAY = [Treatment.SILENCE]
if TRIES_ALL:
    KEPT_AWAY += [Treatment.MISSING, *SWALLOWING[1:], Treatment.REFUSE]


@pytest.mark.parametrize("treatment", KEPT_AWAY)
def test_two_play_to_the_end_though_websockets_are_kept_from_them(
    participant: ParticipantFactory, product: Product, box: Middlebox, treatment: Treatment
) -> None:
    box.treat("^websocket$", treatment)
    people = participant("Ann"), participant("Ben")
    for person in people:
        person.go_to_waitroom(box.url)
    for person in people:
        person.wait_for_phase("playing")
        person.hold("ArrowRight")
    for person in people:
        person.wait_for_phase("ended")
        assert "Thank you for playing" in person.text()
        assert "error" not in person.phases
    assert [game.match["agreed"] for game in product.games] == [True]
    assert load_failures(product) == []


@pytest.mark.parametrize("treatment", SWALLOWING if TRIES_ALL else SWALLOWING[:1])
def test_a_page_leaves_websockets_that_are_swallowed_alone_even_when_it_is_loaded_again(
    participant: ParticipantFactory, box: Middlebox, treatment: Treatment
) -> None:
    box.treat("^websocket$", treatment)
    person = participant("Ann")
    person.open(box.url)
    person.wait_for_phase("scene")
    assert box.seen.count("websocket") == 1
    person.page.reload()
    person.advance()
    person.wait_for_phase("scene")
    assert box.seen.count("websocket") == 1


def test_a_page_that_cannot_connect_says_so_and_goes_on_by_itself_when_it_can(
    participant: ParticipantFactory, product: Product, box: Middlebox
) -> None:
    box.treat("^websocket$|^/socket.io/", Treatment.MISSING)
    person = participant("Ann")
    person.open(box.url + "?PROLIFIC_PID=abc")
    person.wait_for_phase("error")
    assert "The study cannot be reached" in person.text()
    (failure,) = product.wait_for(load_failures)
    assert failure["resource"] == "connection"
    assert product.recruitment_ids[failure["subject_id"]] == "abc"
    assert failure["reason"] == "xhr poll error (status 404)"
    box.treat("nothing", Treatment.PASS)
    person.wait_for_phase("scene")
    person.advance()


BEFORE_THE_START = [
    ("/main.js", Treatment.MISSING),
    ("/timer_worker.js", Treatment.REFUSE),
    ("css/style.css", Treatment.MISSING),
]
if TRIES_ALL:
    BEFORE_THE_START += [
        ("/main.js", Treatment.SILENCE),
        ("/main.js", Treatment.REFUSE),
        ("/main.js", Treatment.HALF),
        ("js/support.js", Treatment.REFUSE),
        ("js/support.js", Treatment.SILENCE),
        ("/timer_worker.js", Treatment.SILENCE),
        ("socket.io.esm.min.js", Treatment.MISSING),
        ("socket.io.esm.min.js", Treatment.SILENCE),
        ("css/style.css", Treatment.SILENCE),
    ]


@pytest.mark.parametrize(("file", "treatment"), BEFORE_THE_START)
def test_whatever_the_page_lacks_is_told_and_trying_again_works(
    participant: ParticipantFactory,
    product: Product,
    box: Middlebox,
    file: str,
    treatment: Treatment,
) -> None:
    box.treat(file, treatment)
    person = participant("Ann")
    person.page.goto(box.url + "?PROLIFIC_PID=abc", wait_until="commit")
    try_again = person.page.get_by_role("button", name="Try again")
    try_again.wait_for()
    (failure,) = product.wait_for(load_failures)
    assert failure["resource"] == "page"
    assert product.recruitment_ids[failure["subject_id"]] == "abc"
    assert failure["reason"]
    if treatment is Treatment.MISSING:
        assert file in failure["reason"] or "main.js" in failure["reason"]
    assert f"failed to load (page): {failure['reason']}" in product.output
    go_on_after_trying_again(person, box)


WITHOUT_SCRIPTS = [Treatment.MISSING, *([Treatment.SILENCE] if TRIES_ALL else [])]


@pytest.mark.parametrize("treatment", WITHOUT_SCRIPTS)
def test_a_page_without_any_script_still_offers_to_try_again(
    participant: ParticipantFactory, box: Middlebox, treatment: Treatment
) -> None:
    box.treat(r"\.js$", treatment)
    person = participant("Ann")
    person.page.goto(box.url + "?PROLIFIC_PID=abc", wait_until="commit")
    try_again = person.page.get_by_role("link", name="Try again")
    try_again.wait_for()
    box.treat("nothing", Treatment.PASS)
    try_again.click()
    person.advance()
    assert person.page.url.endswith("?PROLIFIC_PID=abc")


FOR_THE_GAME = [
    ("/engine_worker.js", Treatment.MISSING),
    ("pyodide/pyodide.asm.wasm", Treatment.HALF),
    ("square.png", Treatment.MISSING),
]
if TRIES_ALL:
    FOR_THE_GAME += [
        ("/engine_worker.js", Treatment.SILENCE),
        ("pyodide/pyodide.mjs", Treatment.MISSING),
        ("pyodide/pyodide.asm.mjs", Treatment.SILENCE),
        ("pyodide/python_stdlib.zip", Treatment.MISSING),
        ("^/runtime/", Treatment.SILENCE),
        ("square.svg", Treatment.REFUSE),
    ]


@pytest.mark.parametrize(("file", "treatment"), FOR_THE_GAME)
def test_whatever_the_game_lacks_is_told_and_trying_again_works(
    participant: ParticipantFactory,
    product: Product,
    box: Middlebox,
    file: str,
    treatment: Treatment,
) -> None:
    box.treat(file, treatment)
    person = participant("Ann")
    person.go_to_waitroom(box.url)
    person.wait_for_phase("error")
    assert "The game could not be loaded" in person.text()
    (failure,) = product.wait_for(load_failures)
    assert failure["resource"] == "game"
    assert failure["reason"]
    go_on_after_trying_again(person, box)
    person.join()
    person.wait_for_phase("waiting")


def go_on_after_trying_again(person: Participant, box: Middlebox) -> None:
    """Press the button, the trouble being over, and come to the game's instructions."""
    box.treat("nothing", Treatment.PASS)
    person.page.get_by_role("button", name="Try again").click()
    person.page.wait_for_selector("[data-action]:visible")
    if person.page.query_selector('[data-action="advance"]:visible'):
        person.advance()
    person.page.wait_for_selector('[data-action="join"]:visible')
