"""Who kept a connection from coming about."""

import pytest

from interactive_gym.server.probing.conduct import Conduct, causes_of_failure

NOTHING = Conduct()
READY = Conduct(is_ready=True)
DESCRIBED = Conduct(is_ready=True, has_described=True)
REACHABLE = Conduct(is_ready=True, has_described=True, has_candidates=True)
UNREACHABLE = Conduct(is_ready=True, has_described=True, has_all_candidates=True)
MEASURED = Conduct(is_ready=True, has_described=True, has_candidates=True, has_measured=True)
FAILED = Conduct(is_ready=True, has_described=True, has_candidates=True, has_failed=True)
CANNOT_ANSWER = Conduct(is_ready=True, has_failed=True)
NONSENSE = Conduct(is_ready=True, has_described=True, has_candidates=True, is_nonsense=True)
NEITHER = ("not_connected", "not_connected")


@pytest.mark.parametrize(
    ("offerer", "answerer", "causes"),
    [
        (READY, NOTHING, (None, "not_ready")),
        (NOTHING, NOTHING, ("not_ready", "not_ready")),
        (READY, READY, ("no_signal", None)),
        (REACHABLE, READY, (None, "no_signal")),
        (REACHABLE, CANNOT_ANSWER, NEITHER),
        (REACHABLE, DESCRIBED, (None, "no_candidates")),
        (DESCRIBED, REACHABLE, ("no_candidates", None)),
        (UNREACHABLE, READY, ("no_candidates", None)),
        (UNREACHABLE, UNREACHABLE, ("no_candidates", "no_candidates")),
        (REACHABLE, REACHABLE, NEITHER),
        (MEASURED, REACHABLE, (None, "no_report")),
        (MEASURED, FAILED, NEITHER),
        (FAILED, FAILED, NEITHER),
        (NONSENSE, REACHABLE, ("bad_report", None)),
        (NOTHING, NONSENSE, (None, "bad_report")),
    ],
)
def test_once_the_time_is_up_the_first_thing_missing_counts(offerer, answerer, causes):
    assert causes_of_failure(offerer, answerer, is_time_up=True) == causes


@pytest.mark.parametrize(
    ("offerer", "answerer", "causes"),
    [
        (CANNOT_ANSWER, NOTHING, NEITHER),
        (FAILED, READY, NEITHER),
        (READY, CANNOT_ANSWER, NEITHER),
        (FAILED, DESCRIBED, NEITHER),
        (MEASURED, FAILED, NEITHER),
        (UNREACHABLE, READY, ("no_candidates", None)),
        (REACHABLE, NONSENSE, (None, "bad_report")),
    ],
)
def test_before_only_what_a_page_did_itself_speaks_against_it(offerer, answerer, causes):
    """Else whoever gives up at once would have the partner blamed, who had no time."""
    assert causes_of_failure(offerer, answerer, is_time_up=False) == causes
