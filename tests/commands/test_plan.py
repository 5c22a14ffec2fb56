import json

import pytest

from interactive_gym import cli
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import StudySettings

SMALL = ["--participants", "30", "--seeds", "2"]


def planned(capsys, *options):
    assert cli.main(["plan", *SMALL, "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys, *options):
    assert cli.main(["plan", *SMALL, *options]) == 2
    return capsys.readouterr().err


def test_without_options_a_synthetic_study_is_planned(capsys):
    plan = planned(capsys)
    assert plan["population"].startswith("a synthetic population")
    assert [each["threshold_ms"] for each in plan["thresholds"]] == [60, 100, 150, 200]
    assert plan["thresholds"][0]["match_rate"] <= plan["thresholds"][3]["match_rate"]


def test_the_table_says_what_was_simulated_and_what_its_columns_mean(capsys):
    assert cli.main(["plan", *SMALL, "--thresholds", "80", "--arrivals", "5x1m"]) == 0
    text = capsys.readouterr().out
    assert "30 participants in groups of 2" in text
    assert "5 at once every 60 s" in text
    assert "   80 ms" in text
    assert "excluded " in text.splitlines()[-1]


def test_options_reach_the_study(capsys):
    plan = planned(
        capsys,
        *["--arrivals", "3s", "--group-size", "3", "--patience", "2m", "--dropout", "10m"],
        *["--probe-failures", "5%", "--thresholds", "150", "--matchmaker", "fifo"],
    )
    assert plan["arrivals"] == "an arrival every 3 s (Poisson)"
    assert (plan["group_size"], plan["patience_s"], plan["mean_dropout_s"]) == (3, 120, 600)
    assert plan["probing"]["failure_share"] == 0.05
    assert plan["matchmaker"] == "FIFOMatchmaker"
    assert len(plan["thresholds"][0]["studies"]) == 2


def test_a_matrix_decides_how_many_people_there_are(capsys, tmp_path):
    path = tmp_path / "rtts.csv"
    rows = [[abs(a - b) * 20 for b in range(20)] for a in range(20)]
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    assert cli.main(["plan", "--rtt", str(path), "--seeds", "1", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["population"], plan["participants"]) == ("rtts.csv (20 hosts)", 19)
    assert planned(capsys, "--rtt", str(path))["participants"] == 30


def test_an_earlier_study_is_planned_again_from_its_ledger(capsys, tmp_path):
    path = tmp_path / "matching.jsonl"
    settings = StudySettings(
        population=SyntheticPopulation(),
        arrivals=PoissonArrivals(2.0),
        participants=60,
        probing=ProbingSettings(accept_s=2.5, reject_s=2.5, failure_share=0.1),
    )
    simulate(settings, FIFOMatchmaker(120), ledger=path)
    plan = planned(capsys, "--ledger", str(path))
    assert "60 people" in plan["population"]
    assert 0.0 < plan["probing"]["failure_share"] < 0.3
    assert plan["probing"]["accept_s"] == pytest.approx(2.5)
    assert plan["probing"]["reject_s"] == pytest.approx(2.5)
    assert (
        planned(capsys, "--ledger", str(path), "--probe-failures", "0")["probing"]["failure_share"]
        == 0.0
    )
    assert "give one of them" in refused(capsys, "--ledger", str(path), "--rtt", "synthetic")


def test_a_picture_is_drawn_beside_the_table(capsys, tmp_path):
    path = tmp_path / "plan.svg"
    assert cli.main(["plan", *SMALL, "--plot", str(path)]) == 0
    assert path.read_text().startswith("<?xml")
    assert "threshold" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--rtt", "missing.csv"], "missing.csv cannot be read"),
        (["--ledger", "missing.jsonl"], "missing.jsonl cannot be read"),
        (["--group-size", "1"], "group_size is 1: give a whole number of at least 2"),
        (["--group-size", "31"], "at least the group size of 31; got 30"),
        (["--plot", "plan.gif"], "must end with .pdf, .png, .svg"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_one_sentence(capsys, options, sentence):
    error = refused(capsys, *options)
    assert sentence in error
    assert len(error.splitlines()) == 1


def test_an_option_that_cannot_be_read_is_refused_by_its_name(capsys):
    error = refused(capsys, "--arrivals", "often")
    assert "Invalid value for '--arrivals': 'often' is not a positive time" in error
