"""Participants who cannot be connected, among others who can, on a live server."""

from tests.attacks.test_restarts import kill_and_restart
from tests.support.probing_page import ProbingPage
from tests.support.served_experiment import ServedExperiment


def test_who_cannot_be_connected_is_told_so_and_led_on_also_after_a_restart(tmp_path):
    served = ServedExperiment(
        tmp_path,
        threshold_ms=100,
        matchmaking={"max_connection_failures": 2},
        user_experience={"waitroom_timeout": 300_000},
    )
    unreachable = ProbingPage(served)
    unreachable.has_address = False
    unreachable.connect().into_waitroom()
    unreachable.wait_for("waitroom_update")
    # One after the other, so that none of them finds another partner before.
    partners = []
    for _ in range(2):
        partner = ProbingPage(served).connect().into_waitroom()
        unreachable.wait_for("probe_close")
        partners.append(partner)
    ended = unreachable.wait_for("waitroom_ended")
    assert ended["reason"] == "connection_unsuitable"
    assert "does not allow direct connections" in ended["message"]
    for partner in partners:
        partner.wait_for("game_created")
    kill_and_restart(served)
    back = unreachable.reload().connect()
    back.wait_for_scene("game")
    back.send("advance_scene", {"scene_id": "game"})
    scene = back.wait_for_scene("end")["scene"]
    assert scene["code"] != "FINISHED"
    assert scene["redirect_url"] == "https://panel.example/back"
    lines = [line for line in served.participant_lines() if line["event"] == "scene_left"]
    assert [line["outcome"] for line in lines] == ["connection_unsuitable"]
    for page in (back, *partners):
        page.close()
    served.stop()
