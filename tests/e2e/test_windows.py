"""One participant in several windows, and with a link that is opened again."""

from pathlib import Path

import pytest

from tests.support.e2e.browser import Participant, ParticipantFactory
from tests.support.e2e.product import experiment

pytestmark = pytest.mark.e2e

LINK = "?PROLIFIC_PID=5f3c"
CONFIRMED = "(window.interactiveGym?.snapshot().confirmedFrame ?? -1)"


def go_on_here(person: Participant) -> None:
    """Read that the study is open in another window, and go on in this one."""
    person.wait_for("document.body.innerText.includes('open in another window')")
    person.page.get_by_role("button", name="Continue here").click()


def test_a_second_window_asks_and_takes_over_and_the_first_can_take_it_back(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("short_slime.py", tmp_path) as product:
        first, second, partner = participant("first"), participant("second"), participant("other")
        first.go_to_waitroom(product.url + LINK)
        first.wait_for_phase("waiting")
        second.open(product.url + LINK)
        second.wait_for("document.body.innerText.includes('open in another window')")
        assert first.phase == "waiting"

        go_on_here(second)
        second.join()
        second.wait_for_phase("waiting")
        go_on_here(first)
        first.join()
        partner.go_to_waitroom(product.url)
        for person in (first, partner):
            person.wait_for_phase("playing")
        second.wait_for("document.body.innerText.includes('open in another window')")
        came = [line for line in product.participants if line["event"] == "started"]
        known = product.recruitment_ids
        assert [known.get(line["subject_id"]) for line in came] == ["5f3c", None]


@pytest.mark.sweep
def test_the_link_of_a_tab_that_was_closed_while_playing_leads_back_to_the_same_seat(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment(
        "networked_games.py", tmp_path, seconds=20, partner_timeout_ms=60_000
    ) as product:
        leaver, partner = participant("leaver"), participant("partner")
        leaver.go_to_waitroom(product.url + LINK)
        partner.go_to_waitroom(product.url)
        partner.wait_for(f"{CONFIRMED} > 30")
        seat = leaver.snapshot()["seat"]
        leaver.close()
        partner.wait_for_phase("paused")

        back = participant("back")
        back.open(product.url + LINK)
        back.wait_for_phase("playing")
        partner.wait_for_phase("playing")
        assert back.snapshot()["seat"] == seat
        for person in (back, partner):
            person.wait_for("document.body.innerText.includes('Thank you for playing')")
        (game,) = product.games
        assert (game.match["end_reason"], game.match["agreed"]) == ("completed", True)
