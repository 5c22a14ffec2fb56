"""Who comes to which scenes and to which last page, on the real server."""

import time

from tests.support.served_experiment import DEADLINE_S, Page, ServedExperiment

TABLE = """
from interactive_gym.scenes.outcomes import Ending
pages_after = [
    static_scene.StaticScene().scene(scene_id="partner", only_if="played"),
    static_scene.StaticScene().scene(scene_id="why", only_if="no_partner"),
]
config.experiment(stager=Stager(scenes=[*scenes[:-1], *pages_after, end]))
config.outcomes({
    "no_partner": Ending(code="ALONE", redirect="https://panel.example/?cc={code}&id={id}"),
})
"""
QUICK = {"before_run": TABLE, "user_experience": {"waitroom_timeout": 1000}}
SCREENING = (
    "[Quiz().scene(scene_id='screening').display(questions=['Old enough?'],"
    " choices=[['yes', 'no']]).quiz(right_answers=['yes'], tries=1, outcome='screened_out')]"
)


def advance(page, scene_id):
    assert page.call("advance_scene", {"scene_id": scene_id}) == {}
    return page.wait_for("scene")["scene"]


def test_whoever_waited_in_vain_is_not_asked_about_a_partner_nor_given_the_finishers_code(tmp_path):
    served = ServedExperiment(tmp_path, **QUICK)
    alone = Page(served, query="?PROLIFIC_PID=P1").connect().into_waitroom()
    assert alone.wait_for("waitroom_ended")["reason"] == "waitroom_timeout"
    assert advance(alone, "game")["scene_id"] == "why"
    # A restart does not forget why somebody is where they are.
    served.kill()
    served.start()
    alone = alone.reload().connect()
    assert alone.wait_for("scene")["scene"]["scene_id"] == "why"
    scene = advance(alone, "why")
    assert (scene["scene_id"], scene["code"]) == ("end", "ALONE")
    assert scene["redirect_url"] == "https://panel.example/?cc=ALONE&id=P1"
    assert "paid for the time" in scene["body"] and scene["header"] == "No partner this time"
    told = served.participant_lines()[-1]
    assert told["event"] == "completed"
    assert (told["outcome"], told["completion_code"]) == ("no_partner", "ALONE")
    served.stop()


def test_whoever_lost_their_partner_is_asked_about_them_and_gets_the_finishers_code(tmp_path):
    served = ServedExperiment(tmp_path, before_run=TABLE)
    pages = [Page(served).connect().into_waitroom() for _ in range(2)]
    games = [page.wait_for("game_created") for page in pages]
    for page, game in zip(pages, games, strict=True):
        page.send("game_ready", {"game_id": game["game_id"]})
    for page in pages:
        page.wait_for("game_start")
    game = {"game_id": games[0]["game_id"]}
    pages[0].send("game_quit", {**game, "reason": "hidden"})
    pages[1].wait_for("game_cut")
    pages[1].send("game_finished", {**game, "reason": "partner_lost", "frames": 0, "digest": ""})
    assert pages[1].wait_for("game_ended")["reason"] == "partner_lost"
    assert advance(pages[1], "game")["scene_id"] == "partner"
    scene = advance(pages[1], "partner")
    assert (scene["scene_id"], scene["code"]) == ("end", "FINISHED")
    assert scene["redirect_url"] == "https://panel.example/complete"
    served.stop()


def test_when_somebody_is_away_is_told_and_a_reload_is_no_absence(tmp_path):
    served = ServedExperiment(tmp_path)
    page = Page(served).connect()
    page.wait_for("scene")
    page.reload().connect().wait_for("scene")
    deadline = time.monotonic() + DEADLINE_S
    back = page.reload().connect()
    back.wait_for("scene")
    back.close()
    while served.participant_lines()[-1]["event"] != "disconnected":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for _ in range(2):
        # The second takes the place of the first, which is still there.
        back.reconnect().connect().wait_for("scene")
    events = [line["event"] for line in served.participant_lines()]
    assert events[-1] == "reconnected"
    assert [events.count(it) for it in ("reconnected", "disconnected")] == [1, 1]
    assert events.count("page_loaded") == 3
    served.stop()


ORDER = """
from interactive_gym.scenes.scene import RandomizeOrder
some = [static_scene.StaticScene().scene(scene_id=name) for name in "abcd"]
config.experiment(stager=Stager(scenes=[scenes[0], RandomizeOrder(some, keep_n=3), end]))
"""


def test_everybody_keeps_the_order_that_was_drawn_for_them_over_a_restart(tmp_path):
    served = ServedExperiment(tmp_path, before_run=ORDER)
    page = Page(served).connect()
    page.wait_for("scene")
    seen = ["start"]
    while seen[-1] != "end":
        seen.append(advance(page, seen[-1])["scene_id"])
        if len(seen) == 3:
            served.kill()
            served.start()
            page = page.reload().connect()
            assert page.wait_for("scene")["scene"]["scene_id"] == seen[-1]
    assert len(seen) == 5 and set(seen[1:-1]) < set("abcd")
    entered = [
        it["scene_id"] for it in served.participant_lines() if it["event"] == "scene_entered"
    ]
    assert entered == seen
    served.stop()


def test_whoever_is_screened_out_comes_to_the_last_page_at_once(tmp_path):
    served = ServedExperiment(tmp_path, pages=SCREENING, before_run=TABLE)
    page = Page(served).connect()
    page.wait_for("scene")
    assert advance(page, "start")["scene_id"] == "screening"
    answers = [{"item": "question_1", "values": ["no"]}]
    told = {"scene_id": "screening", "answers": answers, "attempt": 1}
    assert page.call("advance_scene", told) == {}
    scene = page.wait_for("scene")["scene"]
    assert (scene["scene_id"], scene["code"]) == ("end", None)
    assert "return your submission" in scene["body"]
    assert served.participant_lines()[-1]["outcome"] == "screened_out"
    served.stop()
