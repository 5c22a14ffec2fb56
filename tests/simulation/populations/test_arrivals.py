import random
import statistics

import pytest

from interactive_gym.simulation.populations.arrivals import BurstArrivals, PoissonArrivals


def test_poisson_arrivals_have_exponential_gaps_with_the_wanted_mean():
    times = PoissonArrivals(4.0).times_s(20_000, random.Random(1))
    gaps = [after - before for before, after in zip([0.0, *times], times, strict=False)]
    assert min(gaps) > 0.0
    assert statistics.fmean(gaps) == pytest.approx(4.0, rel=0.03)
    assert statistics.stdev(gaps) == pytest.approx(4.0, rel=0.03)


def test_bursts_arrive_together_and_the_last_may_be_smaller():
    assert BurstArrivals(3, 60.0).times_s(7, random.Random(1)) == [0, 0, 0, 60, 60, 60, 120]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: PoissonArrivals(0.0), "mean_gap_s is 0.0: give a positive number of seconds"),
        (lambda: PoissonArrivals(float("nan")), "mean_gap_s is nan"),
        (lambda: BurstArrivals(0, 1.0), "size is 0: give a whole number of at least 1"),
        (lambda: BurstArrivals(2, -1.0), "gap_s is -1.0"),
    ],
)
def test_an_impossible_rule_is_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
