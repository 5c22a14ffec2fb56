"""Device checks on a served experiment, by what pages send."""

import json

import pytest

from tests.server.messages.test_device import SOUND
from tests.support.served_experiment import Page, ServedExperiment

PAGES = "[DeviceCheck().scene(scene_id='device')]"
NO_LINK = "end.redirect(url=None)\n"


@pytest.fixture
def serve(tmp_path):
    started = []

    def start(limits="", **options):
        before = f"{NO_LINK}config.recruitment('prolific'){limits}"
        started.append(ServedExperiment(tmp_path, pages=PAGES, before_run=before, **options))
        return started[-1]

    yield start
    for experiment in started:
        experiment.stop()


def at_check(served, query=""):
    page = Page(served, query=query).connect()
    page.send("advance_scene", {"scene_id": "start"})
    page.wait_for_scene("device")
    return page


def sends(page, **figures):
    device = {**SOUND, **figures}
    return page.call("advance_scene", {"scene_id": "device", "device": device})


def checked(served):
    return [line for line in served.participant_lines() if line["event"] == "device_checked"]


def test_a_suitable_device_goes_on_to_the_game(serve):
    served = serve()
    page = at_check(served)
    assert sends(page) == {}
    page.wait_for_scene("game")
    (line,) = checked(served)
    assert line["reasons"] == []
    assert line["figures"]["browser"] == "Firefox"
    assert line["figures"]["server_rtt_ms"] > 0


def test_who_is_excluded_is_led_to_the_end_with_the_reason_and_back_to_the_panel(serve):
    served = serve()
    page = at_check(served, "?PROLIFIC_PID=5f3c")
    sends(page, keyboard=False)
    end = page.wait_for_scene("end")["scene"]
    assert "keyboard" in end["body"]
    assert end["redirect_url"] == "https://app.prolific.com/"
    assert "FINISHED" not in str(page.received)
    lines = served.participant_lines()
    (left,) = [line for line in lines if line["event"] == "scene_left"]
    assert left["outcome"] == "screened_out"
    assert checked(served)[0]["reason"] == "no_keyboard"
    assert lines[-1]["outcome"] == "screened_out"


def test_the_excluded_are_where_they_were_after_a_restart(serve):
    served = serve(limits=".entry_screening(exclusion_messages={'no_webrtc': 'Sorry <b>.'})")
    page = at_check(served)
    sends(page, webrtc="missing")
    before = page.wait_for_scene("end")["scene"]
    assert before["body"] == "<p>Sorry &lt;b&gt;.</p>"
    served.kill()
    served.start()
    again = page.reload().connect()
    assert again.wait_for_scene("end")["scene"] == before
    again.send("join_game", {"scene_id": "game"})
    again.send("advance_scene", {"scene_id": "device", "device": SOUND})
    again.close()
    assert [line["event"] for line in served.participant_lines()].count("completed") == 1


def test_nobody_gets_past_without_a_report_or_with_one_that_cannot_be(serve):
    served = serve()
    page = at_check(served)
    assert "faults" in page.call("advance_scene", {"scene_id": "device"})
    for figures in ({"window_width": -1}, {"frame_ms": "1"}, {"webrtc": "yes"}):
        page.send("advance_scene", {"scene_id": "device", "device": {**SOUND, **figures}})
    assert sends(page) == {}
    assert len(checked(served)) == 1


def test_the_server_measures_the_rtt_itself(serve):
    served = serve(limits=".entry_screening(max_ping=0.0001, min_ping_measurements=5)")
    page = at_check(served)
    while sends(page) == {"measuring": True}:
        pass
    page.wait_for_scene("end")
    assert checked(served)[0]["reason"] == "server_rtt"


def test_the_figures_are_a_column_of_the_participants(serve):
    from interactive_gym.data import load_study

    served = serve()
    sends(at_check(served), pointer="touch")
    table = load_study(served.data)["participants"]
    (figures,) = table.loc[table["event"] == "device_checked", "figures"]
    assert json.loads(figures)["pointer"] == "touch"
