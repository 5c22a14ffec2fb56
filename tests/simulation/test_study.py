import pytest

from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.study import StudySettings


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"group_size": 1}, "group_size is 1: give a whole number of at least 2"),
        ({"group_size": 4, "participants": 3}, "at least the group size of 4; got 3"),
        ({"patience_s": 0.0}, "patience_s is 0.0: give a positive number of seconds"),
        ({"mean_dropout_s": -1.0}, "mean_dropout_s is -1.0: .* of seconds, or None for never"),
        ({"mean_dropout_s": float("inf")}, "mean_dropout_s is inf"),
    ],
)
def test_an_impossible_study_is_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        StudySettings(SyntheticPopulation(), PoissonArrivals(10.0), **options)
