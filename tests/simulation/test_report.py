import json

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.planner import plan
from interactive_gym.simulation.report import HEADINGS, as_record, as_table, describe_study
from tests.support.small_studies import SETTINGS, small_plan


@pytest.fixture(scope="module")
def plans():
    return small_plan()


def test_the_table_has_a_line_for_every_threshold_under_its_headings(plans):
    lines = as_table(plans).splitlines()
    assert all(heading in lines[0] for heading in HEADINGS)
    assert [line.split()[:2] for line in lines[2:]] == [["20", "ms"], ["120", "ms"]]
    assert f"{plans[1].mean.match_rate:.1%}" in lines[3]
    assert len({len(line) for line in lines}) == 1


def test_a_threshold_nobody_meets_is_shown_without_figures_of_games():
    (hopeless,) = plan(SETTINGS, FIFOMatchmaker, [0.5], studies=1)
    assert hopeless.mean.excluded_share == 1.0
    assert as_table([hopeless]).splitlines()[2].split()[-4:] == ["–", "–", "–", "100.0%"]


def test_the_record_holds_the_settings_and_every_study(plans):
    record = json.loads(json.dumps(as_record(SETTINGS, "FIFOMatchmaker", plans)))
    assert record["participants"] == 24
    assert record["probing"]["accept_s"] == SETTINGS.probing.accept_s
    assert [len(each["studies"]) for each in record["thresholds"]] == [3, 3]
    assert record["thresholds"][1]["match_rate"] == plans[1].mean.match_rate


def test_a_study_is_described_in_one_sentence():
    sentence = describe_study(SETTINGS, "FIFOMatchmaker", 3)
    assert sentence.startswith("24 participants in groups of 2 from a synthetic population")
    assert sentence.endswith(
        "an arrival every 5 s (Poisson), patience 300 s, FIFOMatchmaker; means of 3 simulated "
        "studies."
    )
    assert describe_study(SETTINGS, "FIFOMatchmaker", 1).endswith("means of 1 simulated study.")
