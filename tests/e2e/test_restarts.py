"""Games in real browsers while the server is away, or killed and started again."""

from pathlib import Path

import pytest

from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.product import experiment

pytestmark = pytest.mark.e2e

CONFIRMED = "(window.interactiveGym?.snapshot().confirmedFrame ?? -1)"
FRAMES = 450


def test_a_game_is_played_on_while_the_server_is_killed_and_all_of_it_is_stored(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path, frames=FRAMES) as product:
        people = participant("Ann"), participant("Ben")
        for person in people:
            person.go_to_waitroom(product.url)
        for person, key in zip(people, ("ArrowRight", "ArrowLeft"), strict=True):
            person.wait_for_phase("playing")
            person.hold(key)
        people[0].wait_for(f"{CONFIRMED} > 60")
        product.kill()
        frame = people[0].snapshot()["confirmedFrame"]
        people[1].wait_for(f"{CONFIRMED} > {frame + 60}")
        product.start()
        for person in people:
            person.wait_for_phase("ended")
            assert "Thank you for playing" in person.text()
            assert "error" not in person.phases
        (game,) = product.games
        product.wait_for(lambda _: "ended_at" in game.match)
        assert game.match["end_reason"] == "completed"
        assert game.match["agreed"] is True
        assert game.match["cuts"] == []
        assert [it["frames"] for it in game.match["recordings"]] == [FRAMES] * 2
        assert len(game.rows) == 2 * FRAMES


@pytest.mark.sweep
def test_a_game_that_ends_while_the_server_is_away_is_saved_once_it_is_back(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path, frames=120) as product:
        people = participant("Ann"), participant("Ben")
        for person in people:
            person.go_to_waitroom(product.url)
        for person in people:
            person.wait_for_phase("playing")
        product.kill()
        for person in people:
            person.wait_for(f"{CONFIRMED} >= 119")
            assert person.phase == "playing"
        product.start()
        for person in people:
            person.wait_for_phase("ended")
            assert "Thank you for playing" in person.text()
        (game,) = product.games
        product.wait_for(lambda _: "ended_at" in game.match)
        assert (game.match["end_reason"], game.match["agreed"]) == ("completed", True)
        assert len(game.rows) == 2 * 120


KEPT = """() => new Promise((resolve) => {
    const opening = indexedDB.open(`interactive-gym${location.pathname}`);
    opening.onsuccess = () => {
      const all = opening.result.transaction("games").objectStore("games").getAll();
      all.onsuccess = () => { opening.result.close(); resolve(all.result.at(-1)?.reason ?? ""); };
    };
})"""
"""How the game ended that is kept in this browser."""


def test_what_a_page_had_that_was_closed_while_the_server_was_away_comes_with_the_next_one(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    options = {"frames": 120, "partner_timeout_ms": 5000}
    with experiment("absences.py", tmp_path, **options) as product:
        people = ann, ben = participant("Ann"), participant("Ben")
        for person in people:
            person.go_to_waitroom(product.url)
        for person in people:
            person.wait_for_phase("playing")
        product.kill()
        for person in people:
            person.wait_for(f"{CONFIRMED} >= 119")
        ben.wait_for(f"({KEPT})().then((reason) => reason === 'completed')")
        ben.page.close()
        product.start()
        ann.wait_for_phase("ended")
        (game,) = product.games
        assert "ended_at" not in game.match
        # Somebody else may come to this browser, without a recruitment id, and still it is sent.
        later = ben.page.context.new_page()
        later.goto(product.url)
        product.wait_for(lambda _: "ended_at" in game.match)
        assert (game.match["end_reason"], game.match["agreed"]) == ("completed", True)
        product.wait_for(lambda _: later.evaluate(KEPT) == "")
    assert len(game.rows) == 2 * 120
    times = [float(row["time_ms"]) for row in game.network if row["seat"] == "1"]
    assert times == sorted(times)
    assert len(times) >= 3
