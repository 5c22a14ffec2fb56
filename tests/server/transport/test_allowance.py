import math

import pytest

from interactive_gym.server.transport.allowance import (
    BEFORE_SIGN_IN,
    PATIENCE_S,
    SIGNED_IN,
    Allowance,
    Limits,
    Rate,
)


@pytest.fixture
def allowance():
    return Allowance(Limits(Rate(10, 2), Rate(1000, 100), max_message=500), 0.0)


def test_a_burst_comes_through_at_once_and_then_as_much_as_is_granted(allowance):
    assert [allowance.charge(0.0, messages=1) for _ in range(10)] == [0.0] * 10
    assert allowance.charge(0.0, messages=1) == 0.5
    assert allowance.charge(0.0, messages=1) == 1.0
    assert allowance.charge(1.0, messages=1) == 0.5


def test_bytes_are_counted_like_messages(allowance):
    assert allowance.charge(0.0, messages=1, size=1000) == 0.0
    assert allowance.charge(0.0, messages=1, size=500) == 5.0


def test_who_was_silent_for_long_has_no_more_than_the_burst(allowance):
    assert allowance.charge(10_000.0, messages=12) == 1.0


def test_who_presses_on_although_slowed_is_spent_after_a_while(allowance):
    now_s = 0.0
    while not allowance.is_spent(now_s):
        now_s += allowance.charge(now_s, messages=1)
        assert now_s < 100
    assert PATIENCE_S < now_s < PATIENCE_S + 1


def test_who_waits_for_answers_is_slowed_but_never_spent(allowance):
    now_s = 0.0
    for _ in range(200):
        now_s += allowance.charge(now_s, messages=1)
        assert not allowance.is_spent(now_s)
        allowance.waited()
    assert math.isclose(now_s, 95)


def test_nobody_is_spent_before_they_send_too_much(allowance):
    allowance.charge(0.0, messages=10)
    assert not allowance.is_spent(1e9)


def test_a_page_that_plays_is_never_slowed():
    allowance = Allowance(SIGNED_IN, 0.0)
    for half_second in range(2 * 3600):
        assert allowance.charge(half_second / 2, messages=3, size=20_000) == 0.0


def test_a_sign_in_fits_into_what_may_come_before_it():
    assert Allowance(BEFORE_SIGN_IN, 0.0).charge(0.0, messages=5, size=2_000) == 0.0
