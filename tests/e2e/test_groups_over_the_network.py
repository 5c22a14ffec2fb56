"""Games of three and four participants over lossy ways, of whom one is lost."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.e2e.browser import Participant, ParticipantFactory
from tests.support.e2e.data_checks import assert_without_holes, replayed_digest
from tests.support.e2e.networked_play import FPS, Playing, assert_no_errors, ended_game, lead_on
from tests.support.e2e.product import Game
from tests.support.netlab import NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab, pytest.mark.alone]

LINKS = [
    {"delay_ms": delay_ms, "jitter_ms": 5.0, "loss": 0.03} for delay_ms in (10.0, 20.0, 30.0, 40.0)
]
"""Access links of the participants: up to 140 ms RTT and 6% loss between two."""


def test_four_cooks_play_over_lossy_ways_and_three_go_on_when_one_vanishes(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path, LINKS)
    *staying, lost = playing.people
    options = {"cooks": 4, "seconds": 10, "partner_timeout_ms": 3000, "continue_with": "neutral"}
    with playing.serve(game="kitchen", **options) as product:
        playing.begin(product)
        seat = lost.snapshot()["seat"]
        playing.play_for(2)
        played = lost.snapshot()["confirmedFrame"]
        lost.close()
        playing.play_to_the_end(staying)
        game = ended_game(product)
    match = game.match
    assert (match["end_reason"], match["frames"]) == ("completed", 10 * FPS)
    assert_agreed_by_those_who_stay(game, staying)
    (cut,) = match["cuts"]
    assert (cut["seat"], cut["reason"]) == (seat, "disconnected")
    # The netcode asks nobody for what a vacant seat does.
    vacant = [int(row["frame"]) for row in game.rows[seat::4] if row["hidden"] == ""]
    assert vacant == list(range(cut["frames"], 10 * FPS))
    assert played < cut["frames"] < 10 * FPS
    assert len({row["action"] for row in game.rows}) > 3


@pytest.mark.sweep
def test_three_cooks_end_at_the_last_input_of_one_who_vanishes(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path, LINKS[:3])
    *staying, lost = playing.people
    options = {"cooks": 3, "seconds": 60, "partner_timeout_ms": 2000}
    with playing.serve(game="kitchen", **options) as product:
        playing.begin(product)
        playing.play_for(2)
        played = lost.snapshot()["confirmedFrame"]
        lost.close()
        for person in staying:
            lead_on(person)
        game = ended_game(product)
    match = game.match
    assert match["end_reason"] == "partner_lost"
    assert_agreed_by_those_who_stay(game, staying)
    (cut,) = match["cuts"]
    assert played < match["frames"] == cut["frames"]


def assert_agreed_by_those_who_stay(game: Game, staying: Sequence[Participant]) -> None:
    """Check that their data are the same, without holes, and what the inputs must give."""
    match = game.match
    assert match["agreed"] is True
    assert_without_holes(game)
    seats = [person.invitation()["game"]["seat"] for person in staying]
    digests = {match["recordings"][seat]["digest"] for seat in seats}
    assert digests == {replayed_digest(game, staying[0].invitation())}
    assert_no_errors(staying)
