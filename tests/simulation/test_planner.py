import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation import chart as picture
from interactive_gym.simulation.metrics import metrics_of
from interactive_gym.simulation.planner import plan
from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.report import HEADINGS, as_record, as_table, describe_study
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import StudySettings

SETTINGS = StudySettings(
    population=SyntheticPopulation(), arrivals=PoissonArrivals(5.0), participants=24
)


@pytest.fixture(scope="module")
def plans():
    return plan(SETTINGS, FIFOMatchmaker, [20.0, 120.0], studies=3)


def test_a_plan_is_what_simulating_each_study_gives(plans):
    for each in plans:
        expected = tuple(
            metrics_of(simulate(replace(SETTINGS, seed=seed), FIFOMatchmaker(each.threshold_ms)))
            for seed in range(3)
        )
        assert each.studies == expected
        assert each.mean.match_rate == pytest.approx(sum(m.match_rate for m in expected) / 3)
        assert len(each.waits_s) == 72


def test_progress_is_told_study_by_study():
    told = []
    plan(SETTINGS, FIFOMatchmaker, [80.0, 90.0], studies=1, on_progress=lambda *n: told.append(n))
    assert told == [(1, 2), (2, 2)]


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


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_the_same_plan_draws_the_same_picture(plans, tmp_path, suffix, start):
    pictures = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}{suffix}"
        picture.draw_plan(plans, describe_study(SETTINGS, "FIFOMatchmaker", 3), 300.0, path)
        pictures.append(path.read_bytes())
    assert pictures[0].startswith(start)
    assert pictures[0] == pictures[1]


def test_the_picture_tells_every_threshold_with_its_figures(plans, tmp_path):
    picture.draw_plan(plans, "The title", 300.0, tmp_path / "plan.svg")
    text = (tmp_path / "plan.svg").read_text()
    assert "The title" in text
    for each in plans:
        assert f">threshold {each.threshold_ms:g} ms<" in text
        assert f">{each.mean.match_rate * 100:.3g}<" in text
        assert f">{each.mean.probes_per_game:.1f}<" in text


@pytest.mark.parametrize(
    ("name", "sentence"), [("plan.gif", "must end with"), ("missing/plan.svg", "folder")]
)
def test_a_picture_that_cannot_be_drawn_is_refused(tmp_path, name, sentence):
    with pytest.raises(ValueError, match=sentence):
        picture.check_can_draw(tmp_path / name)


def test_without_matplotlib_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ValueError, match=r"pip install 'interactive-gym\[plots\]'"):
        picture.check_can_draw(tmp_path / "plan.svg")


def test_a_plan_does_not_depend_on_the_order_of_hashes():
    arguments = ["plan", "--participants", "40", "--seeds", "2", "--json", "--dropout", "2m"]
    outputs = [
        subprocess.run(
            [sys.executable, "-m", "interactive_gym.cli", *arguments],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0])["thresholds"]
