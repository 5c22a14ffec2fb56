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
        for frames in (match["frames"], *(each["frames"] for each in match["recordings"])):
            assert FAITHFUL_FRAMES < frames <= FAITHFUL_FRAMES + FPS
        assert "desync" in {event["kind"] for event in game.events}
        (ended,) = product.ledger_of("game_ended")
        assert (ended["reason"], ended["desync"]) == ("desync", match["desync"])
    (copy,) = game.folder.glob("frames.seat*.csv")
    with copy.open(newline="") as file:
        kept = list(csv.DictReader(file))
    # Chance may have dealt both the same at first.
    assert FAITHFUL_FRAMES <= int(kept[0]["frame"]) <= match["desync"]["frame"]
    (other,) = (each for each in match["recordings"] if not each["agreed"])
    assert copy.name == f"frames.seat{other['seat']}.csv"
    assert int(kept[-1]["frame"]) == other["frames"] - 1
    first, stored = kept[0]["frame"], game.rows
    assert [row for row in kept if row["frame"] == first] != [
        row for row in stored if row["frame"] == first
    ]
    assert_no_errors(playing.people)
