from dataclasses import replace

from interactive_gym.simulation.simulated_probing import ProbingSettings
from tests.support.small_studies import SETTINGS, small_study


def test_a_study_is_described_in_one_sentence():
    study = small_study()
    assert study.title.startswith("24 participants in groups of 2 from a synthetic population")
    assert study.title.endswith(
        "an arrival every 5 s (Poisson), patience 300 s, FIFOMatchmaker; means of 3 simulated "
        "studies."
    )
    assert replace(study, scene_id="game").title.startswith("Scene game: 24 participants")


def test_how_probes_and_connections_go_is_another_sentence():
    probing = ProbingSettings(accept_s=2.0, reject_s=1.5, failure_share=0.02)
    study = replace(small_study(), settings=replace(SETTINGS, probing=probing))
    assert study.conditions == (
        "A probe takes 2 s, or 1.5 s until rejected; 2% fail, after 15 s; 0% of the pairs never "
        "connect."
    )


def test_what_the_present_threshold_does_is_said_beside_the_recommendation():
    study = replace(small_study(), present_ms=20.0)
    assert len(study.findings) == 2
    assert study.findings[1].startswith("The script has 20 ms, which matches ")
    assert len(small_study().findings) == 1
