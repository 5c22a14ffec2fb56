import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.server.ledger.schema import ProbeLine
from interactive_gym.server.probing.report import MAX_RTT_MS, MIN_RTT_MS
from interactive_gym.simulation.audit.probe_account import faults_of, report_of
from tests.support.audited_study import report_of as reported
from tests.support.matching_fakes import StartedProbe

SAMPLES = st.lists(st.floats(MIN_RTT_MS, MAX_RTT_MS), min_size=1, max_size=12)


def line(rtt_ms=90.0):
    report = reported(StartedProbe("p", "a", "b", print), rtt_ms)
    return msgspec.convert(msgspec.to_builtins(report.as_record()), ProbeLine)


@pytest.mark.parametrize("rtt_ms", [90.0, None])
def test_an_honest_account_has_no_faults(rtt_ms):
    assert faults_of(line(rtt_ms)) == []


@given(SAMPLES, SAMPLES)
def test_any_other_samples_are_noticed_unless_all_follows_from_them_as_well(one, other):
    told = line()
    sides = [dict(told.sides[0], samples_ms=one), dict(told.sides[1], samples_ms=other)]
    forged = msgspec.structs.replace(told, sides=sides)
    again = report_of(forged)
    same = (again.rtt_ms, again.disagreement) == (told.rtt_ms, told.disagreement)
    sums = [(side.median_ms, side.minimum_ms, side.jitter_ms) for side in again.sides]
    same &= sums == [(s["median_ms"], s["minimum_ms"], s["jitter_ms"]) for s in told.sides]
    assert bool(faults_of(forged)) != same


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"rtt_ms": 20.0}, "its rtt_ms is 20.0, where 90.0 follows"),
        ({"disagreement": True}, "its disagreement is True"),
        ({"failure_reason": "a cable"}, "its rtt_ms is 90.0, where None follows"),
        ({"answerer": "c"}, "its sides are not those"),
        ({"causes": {"a": "not_ready"}}, "it names causes"),
        ({"sides": [{}]}, "a side of it is no account"),
    ],
)
def test_what_contradicts_the_samples_is_named(changes, fault):
    assert any(fault in said for said in faults_of(msgspec.structs.replace(line(), **changes)))


@pytest.mark.parametrize("name", ["median_ms", "minimum_ms", "jitter_ms"])
def test_what_a_side_sums_up_must_follow_from_its_own_samples(name):
    told = line()
    forged = msgspec.structs.replace(told, sides=[told.sides[0], {**told.sides[1], name: 3.0}])
    (fault,) = faults_of(forged)
    assert fault.startswith(f"its {name} of b is 3.0, where ")
