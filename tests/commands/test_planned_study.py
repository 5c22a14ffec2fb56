import pytest

from interactive_gym.commands.experiment_script import ScriptScene
from interactive_gym.commands.planned_study import (
    FAILURE_SHARE,
    NEEDING_A_RELAY_SHARE,
    PROBE_S,
    PlannedStudy,
)
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.populations.arrivals import PoissonArrivals

OPTIONS = {
    "rtt": None,
    "ledger": None,
    "arrivals": PoissonArrivals(10.0),
    "group_size": 2,
    "participants": None,
    "patience_s": 300.0,
    "dropout_s": None,
    "probe_s": None,
    "probe_failures": None,
    "never_connecting": None,
}
SCENE = ScriptScene("game", 3, 90.0, FIFOMatchmaker(110), has_relay=False)


def planned(*given, **options):
    return PlannedStudy.of({**OPTIONS, **options}, {*given, *options})


def test_without_options_the_defaults_count():
    study = planned().for_scene(None)
    assert (study.participants, study.group_size, study.patience_s) == (300, 2, 300.0)
    assert (study.probing.accept_s, study.probing.failure_share) == (PROBE_S, FAILURE_SHARE)
    assert study.connections.never_connect_share == 0.0


def test_a_scene_says_what_no_option_does():
    study = planned().for_scene(SCENE)
    assert (study.group_size, study.patience_s) == (3, 90.0)
    assert study.connections.never_connect_share == NEEDING_A_RELAY_SHARE
    assert planned().thresholds_ms([60, 150], SCENE) == [60, 110, 150]
    study = planned(group_size=4, patience_s=20.0, never_connecting=0.1).for_scene(SCENE)
    assert (study.group_size, study.patience_s) == (4, 20.0)
    assert study.connections.never_connect_share == 0.1
    assert planned("thresholds").thresholds_ms([60, 150], SCENE) == [60, 150]


def test_what_could_not_be_simulated_is_noted():
    (note,) = planned().notes(SCENE, planned().for_scene(SCENE))
    assert "names no TURN server" in note
    endless = ScriptScene("game", 2, None, FIFOMatchmaker(9, compatible=print), has_relay=True)
    notes = planned().notes(endless, planned().for_scene(endless))
    assert ["compatible" in notes[0], "no limit of waiting" in notes[1]] == [True, True]


def test_two_sources_of_rtts_are_refused():
    with pytest.raises(ValueError, match="give one of them"):
        planned(rtt="synthetic", ledger="matching.jsonl")
