import math
import random

import pytest

from interactive_gym.reporting.exclusion import Seeker
from interactive_gym.reporting.weighting import logistic_fit, weightings_of


def seeker(number, is_matched, server_rtt_ms, plan="p", fate=None) -> Seeker:
    fate = fate or ("matched" if is_matched else "rejected")
    return Seeker("game", f"s{number}", plan, fate, None, server_rtt_ms, 1.0, (), 0, None)


def drawn(count):
    rng = random.Random(4)
    for number in range(count):
        value = rng.gauss(6, 1)
        chance = 1 / (1 + math.exp(-(9 - 1.5 * value)))
        yield number, rng.random() < chance, 2**value


def test_the_regression_finds_what_the_data_were_drawn_from() -> None:
    people = list(drawn(20_000))
    intercept, slope = logistic_fit([math.log2(it[2]) for it in people], [it[1] for it in people])
    assert intercept == pytest.approx(9, abs=0.4)
    assert slope == pytest.approx(-1.5, abs=0.07)


def test_a_perfectly_telling_value_gives_finite_weights() -> None:
    intercept, slope = logistic_fit([1, 2, 3, 4], [True, True, False, False])
    assert math.isfinite(intercept) and slope < 0


def test_the_weighted_matched_are_like_everybody_who_asked() -> None:
    (found,) = weightings_of([seeker(*it) for it in drawn(3000)])
    assert found.reason is None and found.left_out == 0
    assert found.difference_before < -0.2
    assert abs(found.difference_after) < 0.05
    total = sum(weight for *_, weight in found.weights)
    assert total == pytest.approx(found.matched, rel=0.1)
    assert found.effective < found.matched


def test_each_plan_has_its_own_and_too_few_have_none() -> None:
    people = [seeker(*it) for it in drawn(100)]
    people += [seeker(*it, plan="q") for it in drawn(5)]
    people += [seeker(900, False, 50.0, fate="undecided"), seeker(901, True, None)]
    p, q = weightings_of(people)
    assert p.reason is None and p.left_out == 2
    assert "needs 10 of each" in q.reason and q.weights == ()
