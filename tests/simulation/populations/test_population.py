import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.simulation.populations.population import Cohort, percentile


def test_a_cohort_is_as_large_as_it_has_people():
    assert len(Cohort((10.0, 20.0, 30.0), lambda a, b: 0.0)) == 3


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 10.0), (0.25, 17.5), (0.5, 25.0), (2 / 3, 30.0), (1.0, 40.0)]
)
def test_a_percentile_lies_between_the_two_nearest_values(share, value):
    assert percentile([40.0, 10.0, 30.0, 20.0], share) == pytest.approx(value)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95, 1.0])
def test_every_percentile_of_one_value_is_that_value(share):
    assert percentile([7.0], share) == 7.0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_the_fiftieth_percentile_is_the_median(values):
    assert percentile(values, 0.5) == pytest.approx(statistics.median(values))


def test_there_is_no_percentile_of_nothing():
    with pytest.raises(ValueError, match="no percentile of nothing"):
        percentile([], 0.5)
