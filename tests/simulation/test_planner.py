import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.metrics import metrics_of
from interactive_gym.simulation.planner import plan
from interactive_gym.simulation.simulator import simulate
from tests.support.small_studies import SETTINGS, small_plan


@pytest.fixture(scope="module")
def plans():
    return small_plan()


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
