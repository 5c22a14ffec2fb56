"""Games in real browsers whose uploads go to a recorder."""

import os
import signal
from pathlib import Path

import pytest

from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.product import Product, experiment
from tests.support.processes import children_of, sockets_of

pytestmark = pytest.mark.e2e

CONFIRMED = "(window.interactiveGym?.snapshot().confirmedFrame ?? -1)"
FRAMES = 600
OWN_SOCKETS = 2
"""Those by which a recorder hears from the main process."""


def recorder_with_two_pages(product: Product, other_than: int | None = None) -> int:
    """The recorder's process, once both pages have a connection to it."""

    def found(_: Product) -> int | None:
        for pid in children_of(product.pid):
            if pid != other_than and sockets_of(pid) == OWN_SOCKETS + 2:
                return pid
        return None

    return product.wait_for(found) or 0


def test_a_recorder_that_is_killed_during_a_game_is_back_and_has_all_of_it(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    with experiment("absences.py", tmp_path, frames=FRAMES, recorders=1) as product:
        people = participant("Ann"), participant("Ben")
        for person in people:
            person.go_to_waitroom(product.url)
        for person, key in zip(people, ("ArrowRight", "ArrowLeft"), strict=True):
            person.wait_for_phase("playing")
            person.hold(key)
        people[0].wait_for(f"{CONFIRMED} > 60")
        recorder = recorder_with_two_pages(product)
        os.kill(recorder, signal.SIGKILL)
        recorder_with_two_pages(product, other_than=recorder)
        for person in people:
            person.wait_for_phase("ended")
            assert "Thank you for playing" in person.text()
            assert "error" not in person.phases
        (game,) = product.games
        product.wait_for(lambda _: "ended_at" in game.match)
        assert (game.match["end_reason"], game.match["agreed"]) == ("completed", True)
        assert game.match["cuts"] == []
        assert [it["frames"] for it in game.match["recordings"]] == [FRAMES] * 2
        assert len(game.rows) == 2 * FRAMES
        seconds = {(row["seat"], row["incarnation"], row["time_ms"]) for row in game.network}
        assert len(seconds) == len(game.network) > 10
