from collections.abc import Iterable

from interactive_gym.netcode.delay_advisor import (
    LOWER_S,
    RAISE_S,
    SETTLING_S,
    SILENCE_MS,
    DelayAdvisor,
)
from interactive_gym.netcode.input_queue import LOWER, RAISE

FPS = 30
SETTLED = round(SETTLING_S * FPS)
SOON = round(RAISE_S * FPS)
LATER = round(LOWER_S * FPS)


def wishes(
    missing: Iterable[int], input_delay: int = 2, advisor: DelayAdvisor | None = None
) -> list[tuple[int, int]]:
    """In which tick after the settling which wish is made; 100 ms are three frames."""
    advisor = advisor or settled()
    made = [advisor.wish(frames, 0, input_delay) for frames in missing]
    return [(tick, wish) for tick, wish in enumerate(made, 1) if wish is not None]


def settled() -> DelayAdvisor:
    advisor = DelayAdvisor(FPS, max_prediction=8)
    for _ in range(SETTLED):
        assert advisor.wish(8, 0, 2) is None
    return advisor


def test_inputs_that_are_late_for_some_time_make_the_delay_longer_step_by_step() -> None:
    assert wishes([1] * 3 * SOON) == [(SOON, RAISE), (2 * SOON, RAISE), (3 * SOON, RAISE)]


def test_a_third_of_late_ticks_is_enough_and_less_is_not() -> None:
    assert wishes([1, 0, 0] * LATER)[:1] == [(SOON, RAISE)]
    assert wishes([1, 0, 0, 0] * LATER) == []
    assert wishes([0] * SOON + [1] * (SOON // 3 - 1) + [0] * LATER) == []


def test_beyond_a_comfortable_delay_only_what_comes_near_the_prediction_limit_counts() -> None:
    assert wishes([4] * LATER, input_delay=3) == []
    assert wishes([5] * SOON, input_delay=3) == [(SOON, RAISE)]


def test_inputs_that_are_early_for_long_make_it_shorter() -> None:
    assert wishes([-2] * 2 * LATER) == [(LATER, LOWER), (2 * LATER, LOWER)]
    assert wishes([-1] * 2 * LATER) == []
    assert wishes([-2] * 2 * LATER, input_delay=1) == []


def test_a_few_late_inputs_in_a_hundred_keep_the_delay() -> None:
    assert wishes(([-2] * 99 + [-1]) * 3)[:1] == [(LATER, LOWER)]
    assert wishes(([-2] * 49 + [-1]) * 60) == []


def test_a_longer_delay_becomes_shorter_if_the_rest_can_be_predicted() -> None:
    assert wishes([2] * LATER, input_delay=5) == [(LATER, LOWER)]
    assert wishes([3] * LATER, input_delay=5) == []
    assert wishes([-1] * LATER, input_delay=3) == []


def test_what_one_step_makes_better_the_other_does_not_take_back() -> None:
    for input_delay in range(1, 12):
        for missing in range(-12, 9):
            if wishes([missing] * SOON, input_delay):
                assert (LATER, LOWER) not in wishes([missing - 1] * LATER, input_delay + 1)
            if (LATER, LOWER) in wishes([missing] * LATER, input_delay):
                assert wishes([missing + 1] * (LATER - 1), input_delay - 1) == []


def test_a_change_of_the_delay_and_a_silence_make_what_was_before_worthless() -> None:
    advisor = settled()
    assert wishes([1] * (SOON - 1), 2, advisor) == []
    assert wishes([1] * (SOON - 1), 1, advisor) == []
    assert advisor.wish(1, SILENCE_MS + 1, 1) is None
    assert wishes([1] * LATER, 1, advisor)[0] == (SETTLED - 1 + SOON, RAISE)


def test_a_silence_of_the_length_of_a_lost_datagram_or_two_is_none() -> None:
    advisor = settled()
    assert wishes([1] * (SOON - 1), 2, advisor) == []
    assert advisor.wish(1, SILENCE_MS, 2) == RAISE
