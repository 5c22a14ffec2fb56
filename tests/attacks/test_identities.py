"""One person who opens the study more than once, in whatever way."""

import pytest

from tests.support.served_experiment import Page, ServedExperiment

LINK = "?PROLIFIC_PID=5f3c"


@pytest.fixture
def serve(tmp_path):
    served = []

    def start(**options):
        served.append(ServedExperiment(tmp_path, **options))
        return served[-1]

    yield start
    for experiment in served:
        experiment.stop()


def started(served):
    return [line for line in served.participant_lines() if line["event"] == "started"]


def test_a_second_window_is_the_same_participant_and_takes_over_only_when_told_to(serve):
    served = serve()
    first = Page(served, query=LINK).connect().into_waitroom()
    first.wait_for("waitroom_update")
    query = LINK + "&PROLIFIC_PID=other"
    assert Page(served, query=query).refusal() == "open_elsewhere"
    second = Page(served, query=query, takes_over=True).connect()
    assert second.wait_for("scene")["scene"]["scene_id"] == "game"
    assert first.wait_for("session_replaced") == {}
    second.send("join_game", {"scene_id": "game"})
    second.wait_for("waitroom_update")
    honest = Page(served, query="?PROLIFIC_PID=77aa").connect().into_waitroom()
    assert honest.wait_for("game_created")["game_id"] == second.wait_for("game_created")["game_id"]
    assert served.recruitment_ids() == ["5f3c", "77aa"]
    for page in (second, honest):
        page.close()


def test_the_link_of_a_closed_tab_leads_back_to_the_same_seat(serve):
    served = serve()
    leaver = Page(served, query=LINK).connect().into_waitroom()
    partner = Page(served).connect().into_waitroom()
    created = leaver.wait_for("game_created")
    for page in (leaver, partner):
        page.send("game_ready", {"game_id": created["game_id"]})
    leaver.wait_for("game_start")
    leaver.close()
    back = Page(served, query=LINK).connect()
    assert back.wait_for("game_resumable")["game_id"] == created["game_id"]
    back.send("join_game", {"scene_id": "game"})
    again = back.wait_for("game_created")
    assert again["game"] == {**created["game"], "incarnation": 1}
    for page in (back, partner):
        page.close()


def test_under_allow_somebody_is_never_grouped_with_themselves(serve):
    served = serve(recruitment={"repeated_id": "allow"})
    twice = [Page(served, query=LINK).connect().into_waitroom() for _ in range(2)]
    for page in twice:
        page.wait_for("waitroom_update")
    honest = Page(served, query="?PROLIFIC_PID=77aa").connect().into_waitroom()
    game_id = honest.wait_for("game_created")["game_id"]
    assert twice[0].wait_for("game_created")["game_id"] == game_id
    assert "game_created" not in str(twice[1].received)
    assert len({line["subject_id"] for line in started(served)}) == 3
    for page in (*twice, honest):
        page.close()


def test_under_refuse_a_link_opens_once_and_a_reload_goes_on(serve):
    served = serve(recruitment={"repeated_id": "refuse", "id_parameters": ["sona"]})
    first = Page(served, query="?sona=12").connect()
    first.wait_for_scene("start")
    first.close()
    stranger = Page(served, query="?sona=12", takes_over=True)
    assert stranger.refusal() == "already_started"
    again = first.reload().connect()
    again.wait_for_scene("start")
    assert len(started(served)) == 1
    again.close()


@pytest.mark.parametrize("query", ["", "?PROLIFIC_PID=", "?PROLIFIC_PID={{%PROLIFIC_PID%}}"])
def test_links_without_an_id_of_their_own_are_different_participants(serve, query):
    served = serve()
    pages = [Page(served, query=query).connect().into_waitroom() for _ in range(2)]
    assert len({page.wait_for("game_created")["game_id"] for page in pages}) == 1
    assert served.recruitment_ids() == [None, None]
    for page in pages:
        page.close()
