"""What happens to those who stay when others leave, and to those who come back."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Route

from tests.support.e2e.browser import Participant, ParticipantFactory
from tests.support.e2e.product import Product, experiment
from tests.support.netlab import NetworkLab

pytestmark = pytest.mark.e2e


CONFIRMED = "(window.interactiveGym?.snapshot().confirmedFrame ?? -1)"


def start_game(product: Product, *people: Participant) -> None:
    """Lead everybody into one game."""
    for person in people:
        person.go_to_waitroom(product.url)
    for person in people:
        person.wait_for_phase("playing")


def reload_and_come_back(person: Participant, partner: Participant) -> None:
    """Reload a page in the middle of a game, and wait until both play on."""
    frame = partner.snapshot()["confirmedFrame"]
    person.reload()
    partner.wait_for("document.body.innerText.includes('Your partner is coming back')")
    person.wait_for(f"{CONFIRMED} > {frame}")
    for who in (person, partner):
        who.wait_for_phase("playing")


def assert_can_move_on(person: Participant) -> None:
    """Check that a page says that the game is over, and leads to the end of the experiment."""
    person.wait_for_phase("ended")
    person.advance()
    person.wait_for("document.body.innerText.includes('Thank you for playing')")


def assert_without_a_hole(rows: Sequence[Mapping[str, str]]) -> None:
    """Check that every frame has its two rows, in order and once."""
    frames = [int(row["frame"]) for row in rows]
    assert frames == [frame for frame in range(len(rows) // 2) for _ in range(2)]


@pytest.mark.netlab
@pytest.mark.sweep
def test_both_peers_reloading_mid_probe_can_still_be_matched(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    server = lab.host("server")
    near, far = lab.host("near", delay_ms=10), lab.host("far", delay_ms=150)
    with experiment("short_slime.py", tmp_path, server, max_p2p_rtt_ms=500) as product:
        ann, ben = participant("Ann", near), participant("Ben", far)
        for person in (ann, ben):
            person.go_to_waitroom(product.url)
        for person in (ann, ben):
            person.wait_for_phase("probing")
        for person in (ann, ben):
            person.reload()
        for person in (ann, ben):
            person.join()
        for person in (ann, ben):
            person.wait_for_phase("ended")
            assert "playing" in person.phases
        (game,) = product.games
        assert game.match["agreed"] is True
        verdicts = [line["verdict"] for line in product.ledger if line["kind"] == "verdict"]
        assert verdicts == ["cancelled", "accepted"]


@pytest.mark.sweep
def test_a_participant_who_leaves_the_waitroom_is_not_matched_any_more(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("short_slime.py", tmp_path, max_p2p_rtt_ms=150) as product:
        gone, ann, ben = participant("gone"), participant("Ann"), participant("Ben")
        gone.go_to_waitroom(product.url)
        gone.wait_for_phase("waiting")
        gone.close()
        for person in (ann, ben):
            person.go_to_waitroom(product.url)
        for person in (ann, ben):
            person.wait_for_phase("playing")
        proposed = [line for line in product.ledger if line["kind"] == "proposal"]
        assert len(proposed) == 1


def test_whose_partner_closes_the_tab_gets_all_agreed_frames_stored_and_a_way_out(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path, partner_timeout_ms=2000, way_on="exit") as product:
        ann, ben = participant("Ann"), participant("Ben")
        start_game(product, ann, ben)
        ann.wait_for(f"{CONFIRMED} > 60")
        lost, stays = (person.snapshot()["seat"] for person in (ben, ann))
        ben.close()
        ann.wait_for_phase("paused")
        assert "Waiting for your partner" in ann.text()
        ann.wait_for_phase("ended")
        (game,) = product.games
        product.wait_for(lambda _: "end_reason" in game.match)
        assert game.match["end_reason"] == "partner_lost"
        cuts = [(cut["seat"], cut["reason"]) for cut in game.match["cuts"]]
        assert cuts == [(lost, "disconnected")]
        assert len(game.rows) == 2 * game.match["recordings"][stays]["frames"] > 2 * 60
        assert_without_a_hole(game.rows)
        code = ann.page.inner_text("output")
        assert code
        assert not ann.page.locator("[data-action]:visible").count()
        ann.reload()
        ann.wait_for(f"document.querySelector('output')?.textContent === '{code}'")
        assert not ann.page.locator("[data-action]:visible").count()


def test_whose_partner_is_lost_can_look_for_another(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path, partner_timeout_ms=2000, way_on="waitroom") as product:
        ann, ben, cid = participant("Ann"), participant("Ben"), participant("Cid")
        start_game(product, ann, ben)
        ben.close()
        ann.wait_for_phase("ended")
        ann.join()
        ann.wait_for_phase("waiting")
        cid.go_to_waitroom(product.url)
        for person in (ann, cid):
            person.wait_for_phase("playing")
        ann.wait_for(f"{CONFIRMED} > 10")
        assert len(product.games) == 2


def test_a_page_that_is_reloaded_twice_comes_back_to_its_seat_and_the_data_have_no_hole(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    frames = 360
    with experiment("absences.py", tmp_path, frames=frames) as product:
        ann, ben = participant("Ann"), participant("Ben")
        start_game(product, ann, ben)
        for person, key in ((ann, "ArrowRight"), (ben, "ArrowUp")):
            person.hold(key)
        ann.wait_for(f"{CONFIRMED} > 90")
        seat = ben.snapshot()["seat"]
        reload_and_come_back(ben, ann)
        assert ben.snapshot()["seat"] == seat
        assert ben.snapshot()["cuts"] == []
        ben.hold("ArrowLeft")
        ann.wait_for(f"{CONFIRMED} > 200")
        reload_and_come_back(ben, ann)
        for person in (ann, ben):
            person.wait_for_phase("ended")
            assert "Thank you for playing" in person.text()
            assert not person.errors
        (game,) = product.games
        product.wait_for(lambda _: "end_reason" in game.match)
        assert game.match["end_reason"] == "completed"
        assert game.match["agreed"] is True
        assert {copy["frames"] for copy in game.match["recordings"]} == {frames}
        assert len(game.rows) == 2 * frames
        assert_without_a_hole(game.rows)
        back = [event for event in game.events if event["kind"] == "rejoined"]
        assert [event["incarnation"] for event in back] == [1, 2]
        assert all(event["seat"] == seat for event in back)


def test_a_page_that_loads_for_longer_than_one_may_be_away_is_waited_for(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path, partner_timeout_ms=2000) as product:
        ann, ben = participant("Ann"), participant("Ben")
        start_game(product, ann, ben)
        ann.wait_for(f"{CONFIRMED} > 30")
        held: list[Route] = []
        ben.page.route("**/python_stdlib.zip", lambda route: held.append(route))
        ben.reload()
        said = r"/Your partner is coming back: loading [1-9][0-9]?%/.test(document.body.innerText)"
        ann.wait_for(said)
        ann.page.evaluate("window.beganMs = performance.now()")
        ann.wait_for("performance.now() > window.beganMs + 2 * 2000")
        ann.wait_for(said)
        frame = ann.snapshot()["confirmedFrame"]
        for route in held:
            route.continue_()
        ben.page.unroute("**/python_stdlib.zip")
        ann.wait_for(f"{CONFIRMED} > {frame}")
        assert ann.snapshot()["cuts"] == []


def test_a_page_that_the_back_button_brings_back_is_loaded_anew(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path) as product:
        ann = participant("Ann")
        ann.start_loading(product.url)
        ann.wait_for_phase("scene")
        ann.page.evaluate("""
            window.isOld = true;
            dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
        """)
        ann.wait_for("!window.isOld && document.body.dataset.phase === 'scene'")
        assert ann.page.locator('[data-action="join"]').is_visible()


def test_both_whose_pages_are_reloaded_go_on_where_the_last_row_is_and_the_data_are_equal(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    frames = 360
    with experiment("absences.py", tmp_path, frames=frames) as product:
        ann, ben = participant("Ann"), participant("Ben")
        start_game(product, ann, ben)
        for person, key in ((ann, "ArrowRight"), (ben, "ArrowUp")):
            person.hold(key)
        ann.wait_for(f"{CONFIRMED} > 90")
        for person in (ann, ben):
            person.page.evaluate("window.isOld = true")
            person.reload()
        for person in (ann, ben):
            person.wait_for(f"!window.isOld && {CONFIRMED} > 60")
            person.hold("ArrowLeft")
        for person in (ann, ben):
            person.wait_for_phase("ended")
            assert "Thank you for playing" in person.text()
            assert not person.errors
        (game,) = product.games
        product.wait_for(lambda _: "verified" in game.match)
        match = game.match
        (restored,) = [event for event in game.events if event["kind"] == "restored"]
        assert restored["frame"] > 60
        assert (match["end_reason"], match["agreed"]) == ("completed", True)
        assert {copy["frames"] for copy in match["recordings"]} == {frames}
        assert len({copy["digest"] for copy in match["recordings"]}) == 1
        assert_without_a_hole(game.rows)
        assert match["verified"]["status"] == "equal"


def test_a_reload_during_the_countdown_leads_into_the_game(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path) as product:
        ann, ben = participant("Ann"), participant("Ben")
        for person in (ann, ben):
            person.go_to_waitroom(product.url)
        ben.wait_for("document.querySelector('#overlay-big').textContent !== ''")
        ben.reload()
        ben.wait_for(f"{CONFIRMED} > 10")
        for person in (ann, ben):
            person.wait_for_phase("playing")
        assert len(product.games) == 1
