import pytest

from interactive_gym.configurations.recruitment_options import (
    checked_credit_url,
    checked_free_parameters,
    checked_names,
    checked_panel,
)
from interactive_gym.options.link_parameters import MAX_FREE_PARAMETERS
from interactive_gym.options.panels import PANELS

URL = "https://x.sona-systems.com/webstudy_credit.aspx?experiment_id=12&credit_token=4e4&"


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_is_known_by_its_name(name):
    assert checked_panel(name) is PANELS[name]


def test_an_unknown_panel_is_told_which_there_are():
    with pytest.raises(ValueError, match=r'"prolific" or "sona"'):
        checked_panel("mturk")


@pytest.mark.parametrize("end", ["survey_code=XXXX", "survey_code=XXX", "survey_code=", " "])
def test_the_address_that_sona_shows_is_taken_without_its_placeholder(end):
    if end == " ":
        assert checked_credit_url(f" {URL}survey_code=XXXX ") == f"{URL}survey_code="
    else:
        assert checked_credit_url(URL + end) == f"{URL}survey_code="


@pytest.mark.parametrize(
    "url",
    [
        URL,
        URL + "survey_code=12",
        "https://x.org/other.aspx?experiment_id=1&credit_token=2&survey_code=",
        "https://x.org/webstudy_credit.aspx?experiment_id=1&survey_code=",
        "javascript:/webstudy_credit.aspx?experiment_id=1&credit_token=2&survey_code=",
    ],
)
def test_any_other_address_is_refused_with_an_example(url):
    with pytest.raises(ValueError, match=r"credit_url is .*Completion URL \(client-side\)"):
        checked_credit_url(url)


def test_a_study_keeps_a_bounded_number_of_free_parameters():
    names = [f"p{number}" for number in range(MAX_FREE_PARAMETERS)]
    assert checked_free_parameters(names) == tuple(names)
    with pytest.raises(ValueError, match="parameters has 11 names: give at most 10"):
        checked_free_parameters([*names, "more"])


def test_names_of_parameters_are_a_list():
    assert checked_names("id_parameters", ["a"], "x") == ("a",)
    with pytest.raises(ValueError, match=r"id_parameters is 'a': give a list .*\[\"x\"\]"):
        checked_names("id_parameters", "a", "x")
