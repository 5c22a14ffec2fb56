"""What happens to participants who are on the page and not there: idle, or looking elsewhere."""

from pathlib import Path

import pytest

from tests.support.e2e.browser import Participant, ParticipantFactory
from tests.support.e2e.product import experiment

pytestmark = pytest.mark.e2e

IS_ASKED = "document.querySelector('#still-there').open"
CONFIRMED = "(window.interactiveGym?.snapshot().confirmedFrame ?? -1)"

LOOK_AWAY = """
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
"""
"""Says of a page that it cannot be seen, since Playwright keeps every page in view."""

GIVE_SIGNS_OF_LIFE = """setInterval(() => {
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Shift" }));
}, 200)"""


def wait_until_asked(person: Participant) -> None:
    """Wait for the question, and check that it can be perceived without seeing the page."""
    person.wait_for(IS_ASKED)
    assert person.page.title().startswith("Are you still there?")
    dialog = person.page.get_by_role("alertdialog", name="Are you still there?")
    assert dialog.get_by_role("button", name="I am here").evaluate("(e) => e.matches(':focus')")


def test_whoever_is_idle_in_the_waitroom_is_asked_leaves_it_and_can_come_back(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path, waitroom_prompt_ms=1500, answer_ms=2000) as product:
        ann = participant("Ann")
        ann.go_to_waitroom(product.url)
        wait_until_asked(ann)
        ann.page.get_by_role("button", name="I am here").click()
        ann.wait_for(f"!{IS_ASKED}")
        assert ann.page.title().startswith("Waiting to play")
        wait_until_asked(ann)
        ann.wait_for_phase("ended")
        assert not ann.page.evaluate(IS_ASKED)
        assert not ann.page.title().startswith("Are you still there?")
        ann.join()
        ann.wait_for_phase("waiting")
        exits = [line["reason"] for line in product.ledger_of("exit")]
        assert exits == ["idle"]


def test_whoever_is_idle_in_a_game_is_asked_while_it_goes_on_and_is_out_without_an_answer(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path, game_prompt_ms=2000, answer_ms=10_000) as product:
        ann, ben = participant("Ann"), participant("Ben")
        for person in (ann, ben):
            person.go_to_waitroom(product.url)
        for person in (ann, ben):
            person.wait_for_phase("playing")
        wait_until_asked(ann)
        ann.page.keyboard.press("ArrowUp")
        ann.wait_for(f"!{IS_ASKED}")
        assert ann.page.evaluate("document.activeElement.id") == "canvas"
        ann.page.evaluate(GIVE_SIGNS_OF_LIFE)
        frame = ann.snapshot()["confirmedFrame"]
        ben.wait_for(f"{IS_ASKED} && {CONFIRMED} > {frame + 15}")
        ben.wait_for_phase("ended")
        ann.wait_for_phase("ended")
        for person in (ann, ben):
            assert person.page.locator('[data-action="advance"]').is_visible()
        (game,) = product.games
        product.wait_for(lambda _: "end_reason" in game.match)
        seat = ben.snapshot()["seat"]
        assert [(cut["seat"], cut["reason"]) for cut in game.match["cuts"]] == [(seat, "idle")]
        assert len(game.rows) == 2 * game.match["recordings"][1 - seat]["frames"]
        kinds = [(event["kind"], event.get("seat")) for event in game.events]
        assert ("idle_prompt", seat) in kinds
        assert ("idle_answer", 1 - seat) in kinds


def test_whoever_looks_away_for_too_long_is_out_of_the_game_and_their_frames_are_flagged(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path, hidden_ms=2000) as product:
        ann, ben = participant("Ann"), participant("Ben")
        for person in (ann, ben):
            person.go_to_waitroom(product.url)
        for person in (ann, ben):
            person.wait_for_phase("playing")
        ben.hold("ArrowLeft")
        held = ben.snapshot()["frame"]
        ann.wait_for(f"{CONFIRMED} > {held + 30}")
        ben.page.evaluate(LOOK_AWAY)
        for person in (ann, ben):
            person.wait_for_phase("ended")
        (game,) = product.games
        product.wait_for(lambda _: "end_reason" in game.match)
        seat = ben.snapshot()["seat"]
        assert [(cut["seat"], cut["reason"]) for cut in game.match["cuts"]] == [(seat, "hidden")]
        own = [row for row in game.rows if row["agent"] == ("left", "right")[seat]]
        hidden = [row for row in own if row["hidden"] == "true"]
        assert hidden == own[-len(hidden) :]
        assert len(hidden) > 30
        assert {row["action"] for row in hidden} == {"0"}
        assert {row["action"] for row in own[held + 10 : held + 30]} == {"1"}
