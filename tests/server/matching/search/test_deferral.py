import pytest

from interactive_gym.server.matching.search.deferral import LEAST_P, SURE_P, Deferral
from interactive_gym.server.matching.statistics import MatchingStatistics


def statistics(
    *, wait_s: float, probe_s: float, arrived_at_s: float | None = None
) -> MatchingStatistics:
    """Of a scene in which waits and probes have long taken so many seconds."""
    told = MatchingStatistics()
    for _ in range(2000):
        told.waited(wait_s)
        told.probed(probe_s)
    if arrived_at_s is not None:
        told.arrived(arrived_at_s)
    return told


def test_a_probe_costs_as_many_seconds_of_waiting_as_it_takes_times_its_price():
    assert Deferral(probe_price=4.0, age_weight=1.0).price(statistics(wait_s=9, probe_s=2)) == (
        pytest.approx(8.0)
    )


def test_the_wait_still_expected_grows_with_age_and_with_the_time_since_anybody_came():
    deferral = Deferral(probe_price=1.0, age_weight=0.5)
    quiet = statistics(wait_s=20, probe_s=1, arrived_at_s=100.0)
    assert deferral.wait_s(quiet, now_s=100.0, mean_age_s=0.0) == pytest.approx(20.0)
    assert deferral.wait_s(quiet, now_s=100.0, mean_age_s=30.0) == pytest.approx(35.0)
    assert deferral.wait_s(quiet, now_s=107.0, mean_age_s=30.0) == pytest.approx(42.0)


def test_a_proposal_is_worth_its_probe_from_the_price_on():
    deferral, usual = Deferral(probe_price=8.0, age_weight=1.0), statistics(wait_s=40, probe_s=2)
    price_s, wait_s = deferral.price(usual), deferral.wait_s(usual, 0.0, 10.0)
    p = price_s / wait_s
    assert LEAST_P < p < SURE_P
    assert deferral.is_worth_it(p + 1e-9, usual, 0.0, mean_age_s=10.0)
    assert not deferral.is_worth_it(p - 1e-9, usual, 0.0, mean_age_s=10.0)


def test_exactly_at_the_price_it_is_worth_it():
    # The first guesses: a wait of 30 s and a probe of 2 s.
    deferral = Deferral(probe_price=8.0, age_weight=1.0)
    assert 0.25 * deferral.wait_s(MatchingStatistics(), 0.0, 34.0) == deferral.price(
        MatchingStatistics()
    )
    assert deferral.is_worth_it(0.25, MatchingStatistics(), 0.0, mean_age_s=34.0)


def test_what_is_nearly_sure_is_never_deferred_however_quickly_people_are_matched():
    deferral, quick = Deferral(probe_price=8.0, age_weight=1.0), statistics(wait_s=0.1, probe_s=2)
    assert deferral.is_worth_it(0.75 + 1e-9, quick, 0.0, mean_age_s=0.0)
    assert not deferral.is_worth_it(0.75 - 1e-3, quick, 0.0, mean_age_s=0.0)


@pytest.mark.parametrize("p", [0.0, 1e-9, LEAST_P])
def test_every_deferral_ends_within_the_same_time_however_hopeless(p):
    deferral, quick = Deferral(probe_price=4.0, age_weight=1.0), statistics(wait_s=1, probe_s=1)
    bound_s = 4.0 / LEAST_P - 4.0 / SURE_P
    assert not deferral.is_worth_it(p, quick, 0.0, mean_age_s=0.99 * bound_s)
    assert deferral.is_worth_it(p, quick, 0.0, mean_age_s=1.01 * bound_s)


def test_at_the_defaults_of_then_every_deferral_ends_within_four_minutes():
    quick = statistics(wait_s=1, probe_s=1)
    deferral = Deferral(probe_price=2.0, age_weight=0.6)
    assert deferral.is_worth_it(0.0, quick, 0.0, mean_age_s=240.0)
    assert not deferral.is_worth_it(0.0, quick, 0.0, mean_age_s=120.0)
