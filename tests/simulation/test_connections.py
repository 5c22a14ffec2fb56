import math
import random

import pytest

from interactive_gym.simulation.connections import Connections, ConnectionSettings
from interactive_gym.simulation.populations.population import Cohort

COHORT = Cohort((10.0,) * 60, lambda a, b: 100.0)


def connections(**settings: float) -> Connections:
    return Connections(ConnectionSettings(**settings), COHORT, random.Random(1))


def test_by_default_rtts_stay_as_they_are_and_everybody_can_be_connected():
    usual = connections()
    assert {usual.rtt_ms(0, 1, at_s) for at_s in (0.0, 1e5)} == {100.0}
    assert all(usual.can_connect(a, b) for a in range(60) for b in range(a))


def test_rtts_rise_and_fall_slowly_each_pair_at_its_own_time():
    changing = connections(change=0.3, change_period_s=3600.0)
    day_ms = [changing.rtt_ms(3, 8, at_s) for at_s in range(0, 3600, 10)]
    assert min(day_ms) == pytest.approx(100.0 * math.exp(-0.3), rel=1e-3)
    assert max(day_ms) == pytest.approx(100.0 * math.exp(0.3), rel=1e-3)
    assert changing.rtt_ms(8, 3, 40.0) == changing.rtt_ms(3, 8, 40.0)
    assert changing.rtt_ms(3, 8, 40.0) == pytest.approx(changing.rtt_ms(3, 8, 3640.0))
    assert abs(day_ms[1] / day_ms[0] - 1.0) < 0.01
    assert changing.rtt_ms(3, 9, 40.0) != changing.rtt_ms(3, 8, 40.0)
    assert changing.least_rtt_ms(3, 8) <= min(day_ms)


def test_a_share_of_the_pairs_never_connects_in_either_order():
    barred = connections(never_connect_share=0.12)
    pairs = [(a, b) for a in range(60) for b in range(a)]
    never = [pair for pair in pairs if not barred.can_connect(*pair)]
    # Four standard errors of a share.
    assert len(never) / len(pairs) == pytest.approx(0.12, abs=4 * (0.12 * 0.88 / 1770) ** 0.5)
    assert not any(barred.can_connect(b, a) for a, b in never)


@pytest.mark.parametrize(
    "wrong",
    [
        {"change": -0.1},
        {"change_period_s": 0.0},
        {"never_connect_share": 1.2},
        {"silent_leaver_share": -0.1},
        {"silent_after_s": 0.0},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ConnectionSettings(**wrong)
