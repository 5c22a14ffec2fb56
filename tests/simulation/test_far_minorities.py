"""What only a whole study shows: who learns must not give up those who were never tried."""

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.simulation.metrics import metrics_of
from interactive_gym.simulation.oracle import simulate_oracle
from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.synthetic_population import Region, SyntheticPopulation
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import StudySettings

THRESHOLD_MS = 57.0

TWO_CONTINENTS = SyntheticPopulation(
    regions=[Region("one", 0.6, 0.0, 0.0, 15.0), Region("other", 0.4, 150.0, 0.0, 15.0)]
)


@pytest.mark.parametrize("seed", [0, 3, 7])
def test_a_far_continent_is_matched_among_itself_whatever_was_learnt_of_the_near_one(
    seed: int,
) -> None:
    settings = StudySettings(
        population=TWO_CONTINENTS,
        arrivals=PoissonArrivals(2.0),
        probing=ProbingSettings(accept_s=3.0, reject_s=3.0),
        seed=seed,
    )
    matched = metrics_of(simulate(settings, LatencyMatchmaker(THRESHOLD_MS))).match_rate
    possible = metrics_of(simulate_oracle(settings, THRESHOLD_MS)).match_rate
    assert matched > possible - 0.05
