"""What becomes of a game on which the participants' browsers do not agree."""

import csv
from pathlib import Path

import pytest

from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.networked_play import FPS, Playing, assert_no_errors, ended_game, lead_on
from tests.support.netlab import NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab]

FAITHFUL_FRAMES = 90
"""After these the environment ``unseeded_dots.py`` is another one in every browser."""


def test_a_game_whose_environment_is_not_deterministic_stops_within_a_second_and_says_so(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    with playing.serve(game="unseeded", seconds=60) as product:
        playing.begin(product)
        for person in playing.people:
            lead_on(person)
        game = ended_game(product)
        match = game.match
        assert match["end_reason"] == "desync"
        assert match["agreed"] is False
        assert match["desync"]["frame"] >= FAITHFUL_FRAMES
        assert match["desync"]["seats"] == [0, 1]
        for frames in (each["frames"] for each in match["recordings"]):
            assert FAITHFUL_FRAMES < frames <= FAITHFUL_FRAMES + FPS
        assert "desync" in {event["kind"] for event in game.events}
        (ended,) = product.ledger_of("game_ended")
        assert (ended["reason"], ended["desync"]) == ("desync", match["desync"])
    # Nobody is named as the one who is wrong: where the copies differ, there are two.
    assert [each["agreed"] for each in match["recordings"]] == [False, False]
    copies = []
    for recording in match["recordings"]:
        path = game.folder / f"frames.seat{recording['seat']}.csv"
        with path.open(newline="") as file:
            copies.append(list(csv.DictReader(file)))
        assert int(copies[-1][-1]["frame"]) == recording["frames"] - 1
    first = match["frames"]
    # Chance may have dealt both the same at first.
    assert FAITHFUL_FRAMES <= first <= match["desync"]["frame"]
    assert [int(copy[0]["frame"]) for copy in copies] == [first, first]
    assert copies[0][: len(copies[0]) // 2] != copies[1][: len(copies[0]) // 2]
    assert len(game.rows) == 2 * first
    assert_no_errors(playing.people)
