import json
import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from interactive_gym import cli
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import StudySettings
from tests.support.researchers_scripts import SCRIPT_HEAD

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
    assert "\nexcluded " in text
    assert "recommended" in text.splitlines()[-1].lower()


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


def test_predictions_begin_from_earlier_ledgers(capsys, tmp_path):
    path = tmp_path / "matching.jsonl"
    population = SyntheticPopulation()
    settings = StudySettings(population=population, participants=60, arrivals=PoissonArrivals(2.0))
    simulate(settings, FIFOMatchmaker(80), ledger=path)
    cold, warm = (
        planned(capsys, "--thresholds", "80", *prior) for prior in ([], ["--prior", str(path)])
    )
    assert warm["thresholds"] != cold["thresholds"]


def test_a_prior_that_is_none_is_refused(capsys, tmp_path):
    assert "cannot be read" in refused(capsys, "--prior", str(tmp_path / "absent.jsonl"))
    text = refused(capsys, "--prior", __file__, "--matchmaker", "fifo")
    assert "needs a LatencyMatchmaker, but FIFOMatchmaker is planned" in text


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


SCRIPT = """
{head}
games = [
    game("first", LatencyMatchmaker(110), "ab"),
    game("second", FIFOMatchmaker(70), "abc"),
]
run(study(*games))
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "my_study.py"
    path.write_text(SCRIPT.format(head=SCRIPT_HEAD))
    return str(path)


def test_a_script_says_threshold_patience_group_size_and_matchmaker_of_every_scene(capsys, script):
    first, second = planned(capsys, script)["scenes"]
    assert (first["scene_id"], first["group_size"], first["patience_s"]) == ("first", 2, 90)
    assert (first["matchmaker"], first["present_threshold_ms"]) == ("LatencyMatchmaker", 110)
    assert [each["threshold_ms"] for each in first["thresholds"]] == [60, 100, 110, 150, 200]
    assert (second["matchmaker"], second["group_size"]) == ("FIFOMatchmaker", 3)
    assert any(finding.startswith("The script has 110 ms") for finding in first["findings"])
    assert first["connections"]["never_connect_share"] == 0.22
    assert any("names no TURN server" in note for note in first["notes"])


def test_options_go_before_what_a_script_says(capsys, script):
    (plan,) = planned(
        capsys,
        script,
        "--scene",
        "second",
        *["--thresholds", "80", "--patience", "30s", "--group-size", "2"],
        *["--matchmaker", "latency", "--never-connecting", "5%"],
    )["scenes"]
    assert (plan["scene_id"], plan["group_size"], plan["patience_s"]) == ("second", 2, 30)
    assert plan["matchmaker"] == "LatencyMatchmaker"
    assert [each["threshold_ms"] for each in plan["thresholds"]] == [80]
    assert plan["connections"]["never_connect_share"] == 0.05


def test_a_scene_is_chosen_by_its_id(capsys, script, tmp_path):
    assert "none of the game scenes" in refused(capsys, script, "--scene", "third")
    assert "--scene first needs the SCRIPT" in refused(capsys, "--scene", "first")
    picture = str(tmp_path / "plan.svg")
    assert "--plot draws one scene" in refused(capsys, script, "--plot", picture)
    assert cli.main(["plan", *SMALL, script, "--scene", "first", "--plot", picture]) == 0


def test_a_threshold_is_recommended_for_the_stated_budget(capsys):
    options = ["--thresholds", "60,150,300", "--within", "90s"]
    plan = planned(capsys, *options, "--matched", "50%")
    assert plan["budget"] == {"matched_share": 0.5, "within_s": 90}
    assert plan["recommended_threshold_ms"] in (60, 150, 300)
    assert plan["findings"][0].startswith("Recommended: ")
    for each in plan["thresholds"]:
        in_time = each["matched_in_time"]
        assert in_time["low"] <= in_time["mean"] <= in_time["high"]
        assert in_time["mean"] <= each["match_rate"]
    nothing = planned(capsys, *options, "--matched", "100%", "--patience", "1s", "--within", "1s")
    assert nothing["recommended_threshold_ms"] is None
    assert nothing["findings"][0].startswith("No threshold is recommended")


def test_probe_time_failures_and_pairs_that_never_connect_are_options_with_defaults(capsys):
    plan = planned(capsys, "--thresholds", "150")
    assert (plan["probing"]["accept_s"], plan["probing"]["reject_s"]) == (2.0, 2.0)
    assert plan["probing"]["failure_share"] == 0.02
    assert plan["connections"]["never_connect_share"] == 0.0
    options = ["--probe-time", "3s", "--probe-failures", "10%", "--never-connecting", "60%"]
    worse = planned(capsys, "--thresholds", "150", *options)
    assert (worse["probing"]["accept_s"], worse["probing"]["failure_share"]) == (3.0, 0.1)
    assert worse["thresholds"][0]["match_rate"] < plan["thresholds"][0]["match_rate"]


def test_how_a_matrix_was_understood_is_said_in_one_line(capsys, tmp_path):
    path = tmp_path / "rtts.csv"
    rows = [[abs(a - b) * 20 for b in range(20)] for a in range(20)]
    rows[3][5] = rows[5][3] = -1
    rows[7][2] = ""
    header = ";".join(["", *(f"h{host}" for host in range(20))])
    lines = [f"h{a};" + ";".join(map(str, row)) for a, row in enumerate(rows)]
    path.write_text("\n".join([header, *lines]) + "\n")
    note = (
        "rtts.csv: its first row and column are names; separated by semicolons; 1 pair known in "
        "one direction only, which counts for both; 1 pair not measured and filled in by way of "
        "other hosts."
    )
    assert planned(capsys, "--rtt", str(path))["notes"] == [note, "30 participants share 19 hosts."]
    assert cli.main(["plan", *SMALL, "--rtt", str(path)]) == 0
    assert f"note: {note}" in capsys.readouterr().out.splitlines()


def test_progress_with_the_time_left_is_shown_on_a_terminal_and_nowhere_else():
    command = [sys.executable, "-m", "interactive_gym.cli", "plan", *SMALL]
    ours, theirs = pty.openpty()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    shown = b""
    with suppress(OSError):
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    assert b"simulating" in shown and b"8/8" in shown
    assert b"simulating" not in done.stdout
    quiet = subprocess.run(command, capture_output=True, check=True)
    assert quiet.stderr == b""
