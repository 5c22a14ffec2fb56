"""One person plays against a policy of the environment's code, from the first page to the last."""

import json
from pathlib import Path

import pytest

from interactive_gym.examples.slime_volleyball.environment import SlimeVolleyball, chase_ball
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.resimulation import inputs_from_rows, resimulate
from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.product import Game, experiment

pytestmark = pytest.mark.e2e

FRAMES = 2 * 60


def replayed(game: Game) -> tuple[list[str], str]:
    """The rows of the game and their digest, from its inputs and ``match.json`` alone."""
    config = GameConfig.from_json(json.dumps({**game.match, "seat": 0}))
    rows = (game.folder / "frames.csv").read_text().splitlines()[1:]
    return resimulate(
        SlimeVolleyball(), config, inputs_from_rows(rows, config), {"chase_ball": chase_ball}
    )


def test_one_participant_plays_against_a_policy_to_the_end(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    person = participant("Ann")
    with experiment("short_slime.py", tmp_path, players=1, max_p2p_rtt_ms=150) as product:
        person.go_to_waitroom(product.url)
        # The game is short: the key is held from the countdown on.
        person.wait_for_phase("starting")
        person.hold("ArrowRight")
        person.wait_for_phase("ended")
        assert "Thank you for playing" in person.text()
        (game,) = product.games
        match = game.match
        rows = game.rows
    assert not person.errors
    assert "playing" in person.phases and "probing" not in person.phases

    assert match["agents"] == ["left", "right"]
    assert match["policies"] == [None, "chase_ball"]
    assert [(member["seat"], member["agent"]) for member in match["group"]] == [(0, "left")]
    assert match["edges"] == []
    (recording,) = match["recordings"]
    assert recording["frames"] == match["frames"] == FRAMES
    assert match["agreed"] is True
    assert match["end_reason"] == "completed"

    assert [(row["frame"], row["agent"]) for row in rows] == [
        (str(frame), agent) for frame in range(FRAMES) for agent in ("left", "right")
    ]
    assert {row["hidden"] for row in rows[0::2]} == {"false"}
    assert {row["hidden"] for row in rows[1::2]} == {""}
    assert {row["action"] for row in rows[0::2]} == {"0", "2"}

    # The policy's actions follow from the game, so the replay would differ if it had not played.
    again, digest = replayed(game)
    assert again == (game.folder / "frames.csv").read_text().splitlines()[1:]
    assert digest == recording["digest"]


def test_whoever_reloads_goes_on_where_the_last_row_is(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    person = participant("Ann")
    with experiment(
        "short_slime.py", tmp_path, players=1, max_p2p_rtt_ms=150, steps=240
    ) as product:
        person.go_to_waitroom(product.url)
        for key, frame in (("ArrowRight", 40), ("ArrowLeft", 120)):
            person.wait_for("document.body.dataset.phase === 'playing'")
            person.hold(key)
            person.wait_for(f"(window.interactiveGym?.snapshot().confirmedFrame ?? -1) > {frame}")
            person.reload()
        person.wait_for_phase("ended")
        assert "Thank you for playing" in person.text()
        (game,) = product.games
        product.wait_for(lambda _: "verified" in game.match)
        match = game.match
        again, digest = replayed(game)
    assert not person.errors
    restored = [event["frame"] for event in game.events if event["kind"] == "restored"]
    assert 20 < restored[0] < restored[1]
    (recording,) = match["recordings"]
    assert recording["frames"] == match["frames"] == 480
    assert (match["end_reason"], match["agreed"]) == ("completed", True)
    assert match["verified"]["status"] == "equal"
    assert again == (game.folder / "frames.csv").read_text().splitlines()[1:]
    assert digest == recording["digest"]
