from interactive_gym.options.panels import PANELS, Recruitment
from interactive_gym.scenes.outcomes import Ending
from interactive_gym.scenes.outcomes.ending_table import EndingTable
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import (
    CompletionCodeScene,
    EndScene,
    StartScene,
    StaticScene,
)
from interactive_gym.scenes.way import Way
from interactive_gym.server.participants.registry import Participant

PROLIFIC = Recruitment(panel=PANELS["prolific"])


def page(scene, scene_id, **options):
    return scene.scene(scene_id=scene_id, **options).display(scene_header=scene_id)


def way(*, last=None, endings=None, recruitment=None):
    scenes = [
        page(StartScene(), "start"),
        page(StaticScene(), "partner", only_if="played"),
        page(StaticScene(), "all"),
        page(last or CompletionCodeScene(), "end"),
    ]
    stager = Stager(scenes)
    return Way(stager.scenes, stager.route, endings, recruitment)


def somebody(at=0, **outcomes):
    participant = Participant("s1", None, "OWN", scene_index=at)
    participant.outcomes.update(outcomes)
    return participant


def test_scenes_follow_by_what_a_participant_has_been_through():
    study = way()
    assert study.next_index(somebody(game="completed")) == 1
    assert study.next_index(somebody(game="no_partner")) == 2
    assert study.next_index(somebody(at=2)) == 3
    assert study.next_index(somebody(consent="consent_refused")) == 3
    assert [study.is_at_end(somebody(at=index)) for index in range(4)] == [False] * 3 + [True]


def test_who_is_excluded_by_their_device_reads_why():
    excluded = somebody(at=3, check="screened_out")
    excluded.exclusion_message = "No keyboard was found."
    assert "No keyboard was found." in way().last_page(excluded)["body"]


def test_a_panel_is_led_back_to_with_the_code_that_it_knows():
    study = way(last=CompletionCodeScene().completion(code="DONE"), recruitment=PROLIFIC)
    done = study.last_page(somebody(at=3, game="completed"))
    assert done["redirect_url"].endswith("complete?cc=DONE")
    assert done["redirect_label"] == "Back to Prolific"
    assert study.completion_code(somebody(at=3, game="completed")) == "DONE"
    alone = study.last_page(somebody(at=3, game="no_partner"))
    assert alone["redirect_url"] == PANELS["prolific"].home
    assert study.completion_code(somebody(at=3, game="no_partner")) == "OWN"


def test_an_outcome_with_a_code_of_its_own_is_told_to_the_panel_by_it():
    table = EndingTable({"no_partner": Ending(code="ALONE")})
    study = way(endings=table, recruitment=PROLIFIC)
    alone = study.last_page(somebody(at=3, game="no_partner"))
    assert alone["redirect_url"].endswith("complete?cc=ALONE")
    assert alone["code"] == "ALONE"


def test_a_link_of_the_researcher_goes_before_that_of_the_panel():
    last = EndScene().redirect(url="https://lab.example/")
    study = way(last=last, recruitment=PROLIFIC)
    assert "redirect_url" not in study.last_page(somebody(at=3, game="completed"))
    given = EndingTable({"completed": Ending(redirect="https://panel.example/")})
    told = way(endings=given, recruitment=PROLIFIC).last_page(somebody(at=3, game="completed"))
    assert told["redirect_url"] == "https://panel.example/"
    assert "redirect_label" not in told
