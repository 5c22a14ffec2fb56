"""A participant's tab that is out of sight, in a browser that slows it down as people's do."""

from pathlib import Path

import pytest

from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.data_checks import assert_complete
from tests.support.e2e.product import experiment
from tests.support.e2e.raw_chromium import RawChromium
from tests.support.netlab import NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab]

FPS = 30
COUNT_TIMERS = """
window.timersRun = 0;
setInterval(() => { window.timersRun += 1; }, 50);
"""


def test_a_hidden_tab_stays_in_step_and_its_frames_are_flagged(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    ann = participant("Ann", lab.host("near", delay_ms=15))
    with (
        experiment("networked_games.py", tmp_path, lab.host("server"), seconds=12) as product,
        RawChromium(lab.host("far", delay_ms=15), tmp_path) as browser,
    ):
        tab = browser.open_tab(product.url)
        tab.press("advance")
        ann.get_ready(product.url)
        ann.join()
        tab.press("join")
        ann.wait_for_phase("playing")
        tab.wait_for("document.body.dataset.phase === 'playing'")
        tab.evaluate(COUNT_TIMERS)
        tab.hold("ArrowUp")
        ann.hold("ArrowLeft")
        tab.wait_for("window.timersRun >= 20")

        browser.open_tab()
        tab.wait_for("document.hidden")
        tab.evaluate("timersRun = 0, hiddenAtMs = performance.now()")
        frames = ann.snapshot()["confirmedFrame"]
        ann.wait_for(f"interactiveGym.snapshot().confirmedFrame >= {frames + 5 * FPS}")
        # Otherwise the page was not treated as a hidden one.
        assert tab.evaluate("timersRun / (performance.now() - hiddenAtMs) * 1000") < 4
        assert tab.evaluate("document.hidden")
        tab.show()
        tab.wait_for("!document.hidden")

        ann.wait_for_phase("ended")
        product.wait_for(lambda it: "agreed" in it.games[0].match)
        (game,) = product.games
    assert game.match["end_reason"] == "completed"
    assert_complete(game, ann.invitation())
    hidden = [row for row in game.rows if row["hidden"] == "true"]
    assert len({row["agent"] for row in hidden}) == 1
    assert len(hidden) >= 4.5 * FPS
    # Neutral, although a key was down.
    assert {row["action"] for row in hidden} == {"0"}
    before = [row for row in game.rows if int(row["frame"]) < int(hidden[0]["frame"])]
    assert "3" in {row["action"] for row in before if row["agent"] == hidden[0]["agent"]}
    kinds = [event["kind"] for event in game.events]
    assert kinds.index("hidden") < kinds.index("visible")
