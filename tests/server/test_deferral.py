from __future__ import annotations

from interactive_gym.server.deferral import LEAST_P, SURE_P, Deferral
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching_pace import MatchingPace

PACE = MatchingPace()
"""A game after 30 s and a probe of 2 s, and nobody has arrived yet."""


def test_the_price_is_that_of_a_typical_probe() -> None:
    assert Deferral(probe_price=3.0, age_weight=0.5).price(PACE) == 6.0


def test_the_wait_still_expected_grows_with_age_and_with_the_time_since_somebody_came() -> None:
    rule = Deferral(probe_price=3.0, age_weight=0.5)
    assert rule.wait_s(PACE, 100.0, 0.0) == 30.0
    assert rule.wait_s(PACE, 100.0, 40.0) == 50.0
    pace = MatchingPace()
    pace.arrived(93.0)
    assert rule.wait_s(pace, 100.0, 40.0) == 57.0


def test_however_short_waits_are_a_sure_pair_is_worth_its_probe() -> None:
    dear = Deferral(probe_price=30.0, age_weight=0.5)
    assert dear.wait_s(PACE, 100.0, 0.0) == 60.0 / SURE_P
    assert dear.is_worth_it(SURE_P, PACE, 100.0, 0.0)
    assert not dear.is_worth_it(SURE_P - 0.001, PACE, 100.0, 0.0)


def test_a_proposal_is_worth_a_probe_from_the_very_price_on() -> None:
    rule = Deferral(probe_price=3.0, age_weight=0.5)
    assert rule.is_worth_it(0.2, PACE, 100.0, 0.0)
    assert not rule.is_worth_it(0.1999, PACE, 100.0, 0.0)
    assert rule.is_worth_it(0.1, PACE, 100.0, 60.0)
    assert not rule.is_worth_it(0.1, PACE, 100.0, 59.9)


def test_every_deferral_ends_as_nothing_is_less_likely_than_it_may_be() -> None:
    rule = Deferral(probe_price=3.0, age_weight=0.5)
    ends_s = (6.0 / LEAST_P - 30.0) / 0.5
    for p in (0.0, LEAST_P / 2, LEAST_P):
        assert rule.is_worth_it(p, PACE, 100.0, ends_s + 0.001)
        assert not rule.is_worth_it(p, PACE, 100.0, ends_s - 0.001)


def test_at_the_defaults_and_with_probes_of_a_second_deferrals_end_in_four_minutes() -> None:
    pace = MatchingPace()
    for _ in range(2000):
        pace.probed(1.0)
        pace.waited(0.0)
    strategy = LatencyMatchmaker(100)
    rule = Deferral(strategy.probe_price, strategy.age_weight)
    assert rule.is_worth_it(0.0, pace, 0.0, 220.0)
    assert not rule.is_worth_it(0.0, pace, 0.0, 215.0)
