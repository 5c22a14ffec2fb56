"""Runs a state machine of Hypothesis until chance has shown it enough."""

from collections import Counter
from collections.abc import Callable

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

MOST_RUNS = 5


def explore(
    make: Callable[[Counter[str]], RuleBasedStateMachine],
    days: settings,
    is_enough: Callable[[Counter[str]], bool],
) -> Counter[str]:
    """Run a machine, and again with more days while what it has explored is not enough.

    Args:
        make: makes a machine that counts what it explores.
        days: how it is run; every further run has more examples.
        is_enough: whether what was counted in all runs so far is enough.

    Returns:
        What was counted. A test that needs it all still has to say so.
    """
    explored: Counter[str] = Counter()
    for runs in range(1, MOST_RUNS + 1):
        longer = settings(days, max_examples=runs * days.max_examples)
        run_state_machine_as_test(lambda: make(explored), settings=longer)
        if is_enough(explored):
            break
    return explored
