import math
import random
import statistics

import pytest

from interactive_gym.simulation.recommendation import (
    Budget,
    in_time_of,
    in_words,
    mean_interval,
    recommend,
    t_quantile,
)
from interactive_gym.simulation.threshold_forecast import ThresholdForecast
from tests.support.small_studies import small_forecast


def forecast_of(threshold_ms, *studies, people=100):
    """A forecast in which so many of a hundred were matched, each after 10 s, or 100 s."""
    (some, *_) = small_forecast()
    waits = tuple(tuple([10.0] * fast + [100.0] * slow) for fast, slow in studies)
    return ThresholdForecast(
        threshold_ms,
        (some.mean,) * len(studies),
        some.mean,
        (0.0,) * people * len(studies),
        waits,
    )


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (29, 2.045), (1000, 1.962)],
)
def test_quantiles_are_those_of_the_tables(degrees, expected):
    assert t_quantile(degrees) == pytest.approx(expected, rel=0.01 if degrees == 3 else 0.002)


def test_the_interval_covers_the_mean_as_often_as_it_says():
    rng = random.Random(5)
    covered = 0
    for _ in range(2000):
        low, high = mean_interval([rng.gauss(0.9, 0.03) for _ in range(8)])
        covered += low <= 0.9 <= high
    assert 0.94 <= covered / 2000 <= 0.96


def test_only_games_in_time_count_and_shares_stay_shares():
    shares = in_time_of(forecast_of(60, (90, 5), (94, 1), (98, 2)), 60.0)
    assert shares.mean == pytest.approx(0.94)
    assert shares.worst == pytest.approx(0.90)
    reach = t_quantile(2) * statistics.stdev([0.90, 0.94, 0.98]) / math.sqrt(3)
    assert shares.low == pytest.approx(0.94 - reach)
    assert shares.high == 1.0
    assert in_time_of(forecast_of(60, (90, 5), (94, 1)), 100.0).mean == pytest.approx(0.95)


def test_the_lowest_threshold_whose_whole_interval_is_within_the_budget_is_recommended():
    few, unsure = forecast_of(60, (50, 0), (52, 0)), forecast_of(100, (94, 0), (98, 0), (97, 0))
    sure, too_many = forecast_of(150, (97, 0), (97, 0)), forecast_of(200, (100, 0), (100, 0))
    found = recommend([few, unsure, sure, too_many], Budget(0.95, 60.0))
    assert found.threshold_ms == 150
    assert found.sentence == (
        "Recommended: 150 ms, the lowest threshold that matches 95% within 60 s: 97.0% on average "
        "of 2 simulated studies (95% interval 97.0% to 97.0%), 97.0% in the worst."
    )
    assert recommend([too_many, sure], Budget(0.95, 60.0)).threshold_ms == 150


def test_none_is_recommended_if_none_fits_and_the_nearest_is_named():
    found = recommend(
        [forecast_of(60, (50, 40), (52, 40)), forecast_of(100, (80, 20), (84, 16))],
        Budget(0.9, 30.0),
    )
    assert found.threshold_ms is None
    assert found.sentence.startswith(
        "No threshold is recommended, as none is sure to match 90% within 30 s. 100 ms comes "
        "nearest: 82.0% on average"
    )


def test_a_single_study_has_no_interval_and_says_so():
    found = recommend([forecast_of(60, (96, 0))], Budget(0.95, 60.0))
    assert found.threshold_ms == 60
    assert found.sentence.endswith("60 s: 96.0% in the only simulated study.")
    assert in_words(found.in_time[0]) == "96.0%"
