"""What happens to those who stay when others leave, and to those who come back."""

from pathlib import Path

import pytest
from browser import Participant, ParticipantFactory
from netlab import NetworkLab
from product import demo, experiment

pytestmark = pytest.mark.e2e


def assert_can_move_on(person: Participant) -> None:
    """Check that a page says that the game is over, and leads to the end of the experiment."""
    person.wait_for_phase("ended")
    person.advance()
    person.wait_for("document.body.innerText.includes('Thank you for playing')")


@pytest.mark.netlab
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


def test_a_participant_whose_partner_closes_the_tab_mid_game_is_led_on(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with demo(tmp_path, max_p2p_rtt_ms=150) as product:
        ann, ben = participant("Ann"), participant("Ben")
        for person in (ann, ben):
            person.go_to_waitroom(product.url)
        for person in (ann, ben):
            person.wait_for_phase("playing")
        ann.wait_for("window.interactiveGym.snapshot().confirmedFrame > 60")
        ben.close()
        assert_can_move_on(ann)
        (game,) = product.games
        product.wait_for(lambda _: "end_reason" in game.match)
        assert game.match["end_reason"] in ("partner_left", "partner_lost")
        rows = game.rows
        assert len(rows) > 2 * 60
        assert [row["frame"] for row in rows[::2]] == [str(n) for n in range(len(rows) // 2)]


def test_a_participant_whose_partner_reloads_mid_game_is_led_on_and_so_is_the_partner(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with demo(tmp_path, max_p2p_rtt_ms=150) as product:
        ann, ben = participant("Ann"), participant("Ben")
        for person in (ann, ben):
            person.go_to_waitroom(product.url)
        for person in (ann, ben):
            person.wait_for_phase("playing")
        ben.reload()
        assert_can_move_on(ann)
        assert_can_move_on(ben)
