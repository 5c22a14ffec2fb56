import json

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.forecast import forecast
from interactive_gym.simulation.recommendation import Budget, in_words, recommend
from interactive_gym.simulation.report import as_record, as_table, as_text, headings
from interactive_gym.simulation.study_forecast import StudyForecast
from tests.support.small_studies import SETTINGS, small_study


@pytest.fixture(scope="module")
def study():
    return small_study()


def test_the_table_has_a_line_for_every_threshold_under_its_headings(study):
    lines = as_table(study).splitlines()
    assert all(heading in lines[0] for heading in headings(study))
    assert [line.split()[:2] for line in lines[2:]] == [["20", "ms"], ["120", "ms"]]
    assert f"{study.thresholds[1].mean.match_rate:.1%}" in lines[3]
    assert in_words(study.recommendation.in_time[1]) in lines[3]
    assert len({len(line) for line in lines}) == 1


def test_a_threshold_nobody_meets_is_shown_without_figures_of_games():
    hopeless = forecast(SETTINGS, FIFOMatchmaker, [0.5], studies=1)
    assert hopeless[0].mean.excluded_share == 1.0
    study = StudyForecast(SETTINGS, "FIFOMatchmaker", hopeless, recommend(hopeless, Budget()))
    assert as_table(study).splitlines()[2].split()[-4:] == ["–", "–", "–", "100.0%"]


def test_the_text_says_what_was_simulated_what_was_noted_and_what_follows(study):
    lines = as_text(study).splitlines()
    assert lines[:3] == [study.title, study.conditions, "note: A note."]
    assert lines[-1].startswith("Recommended: 120 ms, the lowest threshold that matches 50%")


def test_the_record_holds_the_settings_every_study_and_all_that_the_text_says(study):
    record = json.loads(json.dumps(as_record(study), allow_nan=False))
    assert record["participants"] == 24
    assert record["probing"]["accept_s"] == SETTINGS.probing.accept_s
    assert [len(each["studies"]) for each in record["thresholds"]] == [3, 3]
    assert record["thresholds"][1]["match_rate"] == study.thresholds[1].mean.match_rate
    assert record["recommended_threshold_ms"] == 120
    assert record["thresholds"][1]["matched_in_time"]["low"] <= 1.0
    assert (record["notes"], record["findings"]) == (["A note."], study.findings)
