import itertools

from interactive_gym.environment_checks.checks.cost import Cost, Timing, in_words, measure
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.environment_checks.running.trial import Trial
from tests.support.paths import BROKEN


def timed(step_ms: float) -> Cost:
    """A cost whose parts take 1 ms, and a step another time."""
    one = Timing(1.0, 2.0)
    return Cost(step=Timing(step_ms, 9.0), save=one, load=one, render=one, rollback=one)


def test_the_worst_frame_rolls_back_steps_saves_and_draws() -> None:
    assert timed(4.0).worst_frame_ms == 7.0
    assert timed(4.0).times(2).worst_frame_ms == 14.0
    assert Cost.from_record(timed(4.0).as_record()) == timed(4.0)


def test_the_budget_is_that_of_the_frame_rate() -> None:
    assert in_words(timed(30.0), 30, "here")[0]
    assert not in_words(timed(31.0), 30, "here")[0]
    fits, text = in_words(timed(30.0), 60, "here")
    assert not fits
    assert "takes 33.00 ms here and does not fit into the 16.7 ms of a frame at 60 fps" in text
    assert "step 30.00 (9.00)" in text


def test_every_part_is_timed_by_the_given_clock() -> None:
    # The clock goes on by a tick between the two readings around each part, and by more while
    # everything is still warming up, which is not to count.
    ticks = itertools.accumulate(itertools.chain([1.0] * 200, itertools.repeat(0.001)))
    trial = Trial(("left", "right"), (0, 1, 2), ("steady",), frames=90)
    with EnvironmentSource(f"{BROKEN}:Sound") as source:
        cost = measure(source.load(), trial, lambda: next(ticks))
    assert set(vars(cost).values()) == {Timing(1.0, 1.0)}


def test_percentiles_are_those_of_the_times() -> None:
    timing = Timing.of([number / 1000 for number in range(1, 101)])
    assert (timing.p50_ms, round(timing.p95_ms)) == (50.5, 96)
