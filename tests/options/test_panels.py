import pytest

from interactive_gym.options.panels import ANY_PANEL, PANELS, Recruitment

PROLIFIC, SONA = PANELS["prolific"], PANELS["sona"]
CREDIT = (
    "https://x.sona-systems.com/webstudy_credit.aspx?experiment_id=1&credit_token=2&survey_code="
)


def test_prolific_is_told_the_code_of_who_is_done():
    rules = Recruitment(PROLIFIC)
    back = rules.way_back("C1/A", "5f3c")
    assert back == "https://app.prolific.com/submissions/complete?cc=C1%2FA"
    assert rules.way_back(None, "5f3c") == "https://app.prolific.com/"
    assert rules.way_back("", "5f3c") == "https://app.prolific.com/"


def test_sona_is_told_the_id_of_who_is_done():
    rules = Recruitment(SONA, credit_url=CREDIT)
    assert rules.way_back("", "12 3") == f"{CREDIT}12%203"
    assert rules.way_back(None, "123") == "https://x.sona-systems.com/"
    assert rules.way_back("", None) == "https://x.sona-systems.com/"


def test_without_an_address_nothing_leads_back():
    assert Recruitment(SONA).way_back("", "123") is None
    assert Recruitment().way_back("C", "123") is None


def test_the_parameters_of_ids_are_those_of_the_panel_or_given_ones():
    assert Recruitment(SONA).id_parameters == SONA.id_parameters
    assert Recruitment(SONA, given_id_parameters=("who",)).id_parameters == ("who",)


@pytest.mark.parametrize("typed", [" 5F3C" + "a" * 20, "5f3c" + "A" * 20 + " "])
def test_a_prolific_id_may_be_typed_in_capitals(typed):
    found = PROLIFIC.typed_id(typed)
    assert PROLIFIC.fits(found)
    assert found == "5f3c" + "a" * 20


@pytest.mark.parametrize("typed", ["", "5f3c", "g" * 24, "a" * 25, "me@prolific.com"])
def test_what_has_another_form_is_no_prolific_id(typed):
    assert not PROLIFIC.fits(PROLIFIC.typed_id(typed))


def test_elsewhere_ids_have_any_form():
    assert ANY_PANEL.typed_id(" Ann ") == "Ann"
    assert ANY_PANEL.fits("Ann")
