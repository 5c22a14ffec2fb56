"""From the link of a recruitment platform to the link back there, on a served experiment."""

import urllib.parse
import urllib.request

import pytest

from tests.support.served_experiment import DEADLINE_S, Page, ServedExperiment

CREDIT = (
    "https://x.sona-systems.com/webstudy_credit.aspx?experiment_id=1&credit_token=2&survey_code="
)
SHORT = "end.redirect(url=None)\nconfig.experiment(stager=Stager(scenes=[scenes[0], end]))\n"
"""Makes an experiment of a start and an end, which says nothing of where it leads."""


@pytest.fixture
def serve(tmp_path):
    started = []

    def start(**options):
        started.append(ServedExperiment(tmp_path, **options))
        return started[-1]

    yield start
    for experiment in started:
        experiment.stop()


def last_scene(page):
    page.connect().send("advance_scene", {"scene_id": "start"})
    return page.wait_for_scene("end")["scene"]


def test_a_participant_of_prolific_is_led_back_with_the_code_of_the_study(serve):
    served = serve(recruitment={"panel": "prolific", "parameters": ["wave"]}, before_run=SHORT)
    link = "?PROLIFIC_PID=5f3c&STUDY_ID=st&SESSION_ID=se&wave=2&secret=no"
    end = last_scene(Page(served, query=link))
    assert end["redirect_url"] == "https://app.prolific.com/submissions/complete?cc=FINISHED"
    assert end["redirect_label"] == "Back to Prolific"
    (line,) = served.recruitment_lines()
    assert (line["recruitment_id"], line["study_id"], line["session_id"]) == ("5f3c", "st", "se")
    assert line["parameters"] == {"wave": "2"}


def test_whoever_does_not_finish_gets_no_code_of_the_study(serve):
    consent = "[Consent().scene(scene_id='consent')]"
    served = serve(
        recruitment={"panel": "prolific"}, pages=consent, before_run="end.redirect(url=None)"
    )
    page = Page(served, query="?PROLIFIC_PID=5f3c").connect()
    page.send("advance_scene", {"scene_id": "start"})
    page.wait_for_scene("consent")
    page.call("advance_scene", {"scene_id": "consent", "declines": True})
    end = page.wait_for_scene("end")["scene"]
    assert end["redirect_url"] == "https://app.prolific.com/"
    assert "FINISHED" not in str(page.received)


def test_a_participant_of_sona_is_led_back_with_their_own_id(serve):
    served = serve(recruitment={"panel": "sona", "credit_url": CREDIT + "XXXX"}, before_run=SHORT)
    assert last_scene(Page(served, query="?id=12345"))["redirect_url"] == CREDIT + "12345"
    assert last_scene(Page(served))["redirect_url"] == "https://x.sona-systems.com/"


def test_what_the_researcher_has_set_goes_before_the_panel(serve):
    served = serve(
        recruitment={"panel": "prolific"},
        before_run="config.experiment(stager=Stager(scenes=[scenes[0], end]))",
    )
    end = last_scene(Page(served, query="?PROLIFIC_PID=5f3c"))
    assert end["redirect_url"] == "https://panel.example/complete"
    assert "redirect_label" not in end


def test_a_typed_id_is_the_participant_of_a_link_with_it(serve):
    served = serve(recruitment={"panel": "sona", "ask_for_id": True})
    form = urllib.parse.urlencode({"typed_id": " 12345 "}).encode()
    # The client follows to the address with the id.
    answer = urllib.request.urlopen(served.address_of("/?wave=2"), form, timeout=DEADLINE_S)
    query = urllib.parse.urlsplit(answer.url).query
    assert query == "survey_code=12345&wave=2"
    first = Page(served, query=f"?{query}").connect()
    first.wait_for_scene("start")
    assert Page(served, query="?id=12345").refusal() == "open_elsewhere"
    assert served.recruitment_ids() == ["12345"]
