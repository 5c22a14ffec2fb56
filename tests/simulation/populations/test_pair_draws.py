import statistics

from interactive_gym.simulation.populations.pair_draws import PairDraws


def test_a_pair_has_one_draw_in_either_order_and_whenever_it_is_asked():
    draws = PairDraws(7)
    assert draws.uniform(3, 9) == draws.uniform(9, 3) == PairDraws(7).uniform(3, 9)


def test_other_pairs_and_other_keys_have_other_draws():
    draws = PairDraws(7)
    values = {draws.uniform(a, b) for a in range(60) for b in range(a)}
    assert len(values) == 60 * 59 // 2
    assert PairDraws(8).uniform(3, 9) not in values


def test_normal_draws_have_the_moments_of_the_standard_normal():
    draws = PairDraws(1)
    values = [draws.normal(a, b) for a in range(200) for b in range(a)]
    assert abs(statistics.fmean(values)) < 0.03
    assert abs(statistics.stdev(values) - 1.0) < 0.03
