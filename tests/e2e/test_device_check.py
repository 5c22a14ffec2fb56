"""The page that tries a device, in browsers that have what is needed, and in some that do not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.e2e.accessibility import violations
from tests.support.e2e.browser import Participant
from tests.support.paths import EXPERIMENTS
from tests.support.served_experiment import ServedExperiment

pytestmark = pytest.mark.e2e

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SETTLED = "!document.querySelector('.checks [data-state=open]')"
NO_LIMITS = "end.redirect(url=None)\nconfig.recruitment('prolific').entry_screening("
Comer = Callable[..., Participant]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedExperiment]:
    experiment = ServedExperiment(
        tmp_path_factory.mktemp("devices"),
        agents=["upper", "lower"],
        environment=(EXPERIMENTS / "two_dots.py").read_text(),
        pages="[DeviceCheck().scene(scene_id='device')]",
        before_run=f"{NO_LIMITS}pointer='mouse', min_window=(700, 400))",
    )
    yield experiment
    experiment.stop()


@pytest.fixture
def come(browser: Browser, served: ServedExperiment) -> Iterator[Comer]:
    """Brings somebody to the device check."""
    people = []

    def bring(name: str, script: str = "", **options: Any) -> Participant:
        person = Participant(name, browser, **options)
        people.append(person)
        person.page.add_init_script(script)
        person.open(f"{served.url}/?PROLIFIC_PID={name}")
        person.advance()
        person.wait_for("document.querySelector('.checks') !== null")
        return person

    yield bring
    for person in people:
        person.page.context.close()


def last_check(served: ServedExperiment) -> dict[str, Any]:
    lines = served.participant_lines()
    line: dict[str, Any] = [each for each in lines if each["event"] == "device_checked"][-1]
    return line


def wait_for_heading(person: Participant, text: str) -> None:
    person.wait_for(f"document.querySelector('h1')?.textContent === {text!r}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_computer_goes_on_to_the_game_once_a_key_was_pressed(
    come: Comer, served: ServedExperiment, scheme: str
) -> None:
    person = come(f"at_a_desk_{scheme}", color_scheme=scheme)
    found = violations(person.page)
    person.wait_for(SETTLED)
    assert person.page.locator("[data-action=advance]").count() == 0
    person.page.mouse.click(5, 5)
    person.page.keyboard.press("b")
    assert person.page.locator("[data-action=advance]").count() == 0
    person.page.keyboard.press("a")
    person.wait_for("document.activeElement.dataset.action === 'advance'")
    found += violations(person.page)
    person.page.keyboard.press("Enter")
    person.wait_until_loaded()
    assert found == []
    line = last_check(served)
    assert (line["reason"], line["figures"]["webrtc"]) == (None, "works")
    assert line["figures"]["keyboard"] is True
    assert 0 < line["figures"]["frame_ms"] <= line["figures"]["frame_p95_ms"]
    assert person.errors == []


def test_a_phone_is_asked_and_its_owner_led_back_to_the_panel(
    come: Comer, served: ServedExperiment
) -> None:
    person = come("on_a_phone", **PHONE)
    for words in ("I have no keyboard", "I have no mouse", "It cannot be larger"):
        person.page.tap(f"text={words}")
    person.wait_for(SETTLED)
    found = violations(person.page)
    person.page.tap("[data-action=advance]")
    wait_for_heading(person, "Thank you for your interest")
    found += violations(person.page)
    assert "keyboard" in person.page.inner_text("#page-body")
    assert person.page.get_attribute("text=Back to Prolific", "href") == "https://app.prolific.com/"
    assert found == []
    assert last_check(served)["reasons"] == ["no_keyboard", "no_pointer", "window_too_small"]
    person.reload()
    wait_for_heading(person, "Thank you for your interest")


def test_the_key_in_a_letters_place_counts_as_it_does_in_the_game(
    come: Comer, served: ServedExperiment
) -> None:
    person = come("with_another_script")
    person.page.mouse.click(5, 5)
    press = "dispatchEvent(new KeyboardEvent('keydown', {key: 'ф', code: 'Key%s'}))"
    person.page.evaluate(press % "B")
    person.wait_for(SETTLED)
    assert person.page.locator("[data-action=advance]").count() == 0
    person.page.evaluate(press % "A")
    person.advance()
    person.wait_until_loaded()
    assert last_check(served)["figures"]["keyboard"] is True


def test_a_narrow_window_can_be_made_larger(come: Comer, served: ServedExperiment) -> None:
    person = come("in_a_narrow_window", viewport={"width": 500, "height": 800})
    person.page.mouse.click(5, 5)
    person.page.keyboard.press("a")
    person.wait_for(SETTLED)
    assert "it is 500 × 800 now" in person.page.inner_text(".checks")
    assert person.page.locator("[data-action=advance]").count() == 0
    person.page.set_viewport_size({"width": 1000, "height": 800})
    person.advance()
    person.wait_until_loaded()
    assert last_check(served)["reasons"] == []


@pytest.mark.parametrize(
    ("script", "webrtc"),
    [
        ("delete window.RTCPeerConnection", "missing"),
        ("RTCPeerConnection.prototype.setLocalDescription = async () => {}", "failed"),
    ],
)
def test_without_webrtc_somebody_is_led_out_before_anybody_waits_for_them(
    come: Comer, served: ServedExperiment, script: str, webrtc: str
) -> None:
    person = come(f"without_{webrtc}", script)
    person.page.mouse.click(5, 5)
    person.page.keyboard.press("a")
    person.wait_for(SETTLED)
    person.advance()
    wait_for_heading(person, "Thank you for your interest")
    line = last_check(served)
    assert (line["reason"], line["figures"]["webrtc"]) == ("no_webrtc", webrtc)
