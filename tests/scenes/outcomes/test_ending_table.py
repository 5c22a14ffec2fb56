import pytest

from interactive_gym.options.outcomes import FINISHED, OUTCOMES
from interactive_gym.scenes.outcomes import Ending, ScreenOutPayment
from interactive_gym.scenes.outcomes.ending_table import EndingTable
from interactive_gym.scenes.static_scene import CompletionCodeScene, EndScene, StaticScene
from interactive_gym.server.participants.registry import Participant

BACK = "https://panel.example/back"


def last(**completion):
    end = CompletionCodeScene().scene(scene_id="end").display(scene_header="Done", scene_body="Bye")
    return end.completion(**completion) if completion else end


def page_scene(scene_id, only_if=None):
    return StaticScene().scene(scene_id=scene_id, only_if=only_if)


def somebody(*outcomes):
    known = {f"scene{number}": outcome for number, outcome in enumerate(outcomes)}
    return Participant("s1", "P 1", "OWN", outcomes=known)


def page_of(table, *outcomes, end=None, farewell=None):
    return table.page(end or last(code="ALL"), somebody(*outcomes), farewell or {})


def test_every_outcome_has_a_page_that_says_what_it_means_for_payment():
    table = EndingTable({})
    for outcome in OUTCOMES:
        page = page_of(table, outcome, end=CompletionCodeScene().scene(scene_id="end"))
        assert page["header"] and ("paid" in page["body"] or "no payment" in page["body"])
        assert ("code below" in page["body"]) == (page["code"] is not None)


def test_whoever_waited_in_vain_gets_another_code_than_whoever_finished():
    table = EndingTable({"no_partner": Ending(code="ALONE")})
    codes = {each: page_of(table, each)["code"] for each in OUTCOMES}
    assert {each for each, code in codes.items() if code == "ALL"} == FINISHED
    assert codes["no_partner"] == "ALONE"
    assert codes["connection_unsuitable"] == codes["idle"] == "OWN"
    assert codes["consent_refused"] is codes["failed_quiz"] is codes["screened_out"] is None


def test_whoever_completes_sees_the_last_scene_as_it_is_described_unless_the_table_says_more():
    assert page_of(EndingTable({}), "completed") == {"code": "ALL"}
    told = page_of(EndingTable({"completed": Ending(message="One\n\n<two>")}))
    assert told == {"code": "ALL", "body": "<p>One</p><p>&lt;two&gt;</p>"}


def test_a_link_has_the_code_and_the_recruitment_id_where_the_table_wants_them():
    redirect = "https://panel.example/?cc={code}&who={id}"
    table = EndingTable({"no_partner": Ending(code="A B", redirect=redirect)})
    told = page_of(table, "no_partner")
    assert told["redirect_url"] == "https://panel.example/?cc=A%20B&who=P%201"
    assert "Finish the study" in told["body"]
    assert page_of(EndingTable({"idle": Ending(redirect=None)}), "idle")["redirect_url"] is None


def test_links_that_the_table_leaves_out_are_those_of_the_last_scene():
    end = last(code="ALL").redirect(url=None, unfinished_url=BACK)
    told = page_of(EndingTable({}), "no_partner", end=end)
    assert "redirect_url" not in told and "Finish the study" in told["body"]
    assert "Finish the study" not in page_of(EndingTable({}), "partner_left", end=end)["body"]


def test_an_amount_is_told_with_the_currency():
    paid = ScreenOutPayment(amount=0.5, slots=9)
    table = EndingTable({"no_partner": Ending(action=paid)}, currency="£")
    assert "You will be paid £0.50" in page_of(table, "no_partner")["body"]
    assert table.of("no_partner", last()).pay == 0.5


def test_what_a_page_says_to_whom_it_leads_out_goes_before_the_standard_and_after_the_table():
    farewell = {"body": "<p>Own words</p>"}
    assert page_of(EndingTable({}), "failed_quiz", farewell=farewell)["body"] == "<p>Own words</p>"
    table = EndingTable({"failed_quiz": Ending(message="Table")})
    assert page_of(table, "failed_quiz", farewell=farewell)["body"] == "<p>Table</p>"


def test_without_a_table_only_whoever_was_led_out_sees_another_last_page():
    table = EndingTable()
    assert page_of(table, "no_partner") == page_of(table, "completed") == {}
    assert page_of(table, "consent_refused")["header"] == "You do not take part"
    assert table.code(last(code="ALL"), somebody("no_partner")) == "OWN"
    assert table.code(EndScene().scene(scene_id="end"), somebody()) is None


def follows(table, scene, *outcomes):
    return table.follows(scene, somebody(*outcomes), last())


def test_nothing_follows_a_wait_in_vain_but_what_the_table_or_the_scene_names():
    scene = page_scene("questions")
    assert follows(EndingTable({}), scene, "completed")
    assert not follows(EndingTable({}), scene, "no_partner")
    assert follows(EndingTable(), scene, "no_partner")
    assert not follows(EndingTable(), scene, "consent_refused")
    table = EndingTable({"no_partner": Ending(scenes=["questions"])})
    assert follows(table, scene, "no_partner")
    assert not follows(table, page_scene("other"), "no_partner")
    assert follows(EndingTable({}), page_scene("why", "no_partner"), "no_partner")


@pytest.mark.parametrize("table", [EndingTable(), EndingTable({})])
def test_a_scene_for_those_who_played_is_for_nobody_else(table):
    scene = page_scene("partner", "played")
    assert not follows(table, scene)
    assert not follows(table, scene, "no_partner")
    for outcome in ("completed", "partner_left", "technical_error"):
        assert follows(table, scene, outcome)
    assert not follows(table, page_scene("why", ["no_partner", "idle"]), "completed")


def test_who_played_once_and_then_waited_in_vain_is_asked_if_scenes_follow():
    scene = page_scene("partner", "played")
    table = EndingTable({"no_partner": Ending(scenes="all")})
    assert follows(table, scene, "completed", "no_partner")
    assert not follows(EndingTable({}), scene, "completed", "no_partner")


@pytest.mark.parametrize(
    ("table", "end", "why"),
    [
        ({"idle": Ending(code="A"), "left": Ending(code="A")}, last(), "'idle' has too"),
        ({"no_partner": Ending(code="ALL")}, last(code="ALL"), "has too"),
        (
            {"completed": Ending(code="A"), "partner_left": Ending(code="A")},
            last(),
            "'completed' has too",
        ),
        ({"idle": Ending(scenes=["nowhere"])}, last(), "'nowhere', which is the id of no"),
        ({"idle": Ending(code="A")}, EndScene().scene(scene_id="end"), "nobody would get"),
        ({"idle": Ending(code=None, redirect=BACK + "{code}")}, last(), "there is no code"),
    ],
)
def test_a_table_that_cannot_hold_is_refused(table, end, why):
    with pytest.raises(ValueError, match=why):
        EndingTable(table).check([page_scene("a"), end], end)


def test_a_table_that_holds_is_accepted():
    end = EndScene().scene(scene_id="end")
    redirects = {"idle": Ending(code="A", redirect=BACK + "{code}")}
    EndingTable(redirects).check([end], end)
    EndingTable({"idle": Ending(code="A", redirect=BACK + "A")}).check([end], end)
    EndingTable({"idle": Ending(code="A"), "left": Ending(code="B")}).check([], last(code="ALL"))


@pytest.mark.parametrize(
    ("given", "options", "why"),
    [
        ([], {}, "outcomes is"),
        ({"gone": Ending()}, {}, "'gone': give one of completed"),
        ({"idle": "A"}, {}, "give an Ending"),
        ({}, {"currency": 3}, "currency is"),
        ({}, {"reward": -1}, "reward is"),
        ({}, {"hourly_rate": "9"}, "hourly_rate is"),
    ],
)
def test_what_is_no_table_is_refused(given, options, why):
    with pytest.raises(ValueError, match=why):
        EndingTable(given, **options)
