"""An input delay that follows the network during the game, in real Chromium."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.support.e2e.equal_play import EqualPair
from tests.support.e2e.real_networks import Network
from tests.support.netlab import NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab]

NEAR, FAR = Network(40, 4, 0), Network(190, 6, 0)
FRAMES = 420


def test_a_lasting_rise_of_the_rtt_makes_the_delay_longer_for_both_at_the_same_frame(
    playwright: Playwright, lab: NetworkLab, tmp_path: Path
) -> None:
    options = {"input_delay": "auto", "seconds": FRAMES // 30}
    with EqualPair(playwright, lab, tmp_path, **options) as pair:
        pair.begin(NEAR)
        assert [person.snapshot()["inputDelay"] for person in pair.people] == [2, 2]
        pair.set_network(FAR)
        pair.press_keys(0.9 * FRAMES)
        assert [person.snapshot()["inputDelay"] for person in pair.people] == [3, 3]
        # Held against the un-networked replay, with the delays.
        game = pair.ended(0)
        assert game.match["adapts_input_delay"] is True
        delays = [int(row["input_delay"]) for row in game.rows]
        assert delays == sorted(delays)
        assert (delays[0], delays[-1]) == (2, 3)
        assert not [person.errors for person in pair.people if person.errors]
