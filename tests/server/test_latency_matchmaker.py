import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.pool import Standing
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from tests.support.changing_pools import EVENTS, THRESHOLD_MS, changing_pools, not_both_odd
from tests.support.pool_fakes import all_pairs, names, people, pool_of


def proposed(matchmaker, candidates, **settings):
    return names(matchmaker.propose(pool_of(candidates, matchmaker, **settings)))


def test_without_a_prober_groups_start_as_they_come():
    assert proposed(LatencyMatchmaker(60), people(a=5.0, b=300.0), is_probing=False) == ["ab"]


def test_asked_alone_it_takes_the_nearest_and_among_equals_the_longest_waiting():
    strategy = LatencyMatchmaker(60)
    far, first, second, arriving = people(far=300.0, first=10.0, second=10.0, arriving=12.0)
    assert strategy.find_match(arriving, [far, first, second], 2) == [first, arriving]
    assert strategy.find_match(arriving, [far, first, second], 3) == [first, second, arriving]
    assert strategy.find_match(arriving, [far], 2) == [far, arriving]
    assert strategy.find_match(arriving, [far], 3) is None


def test_it_needs_a_threshold():
    with pytest.raises(ValueError, match=r"LatencyMatchmaker needs a threshold.*FIFOMatchmaker"):
        LatencyMatchmaker(None)


@pytest.mark.parametrize("name", ["probe_price", "age_weight"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "1", True, None])
def test_its_parameters_are_positive_numbers(name, value):
    with pytest.raises(ValueError, match=f"{name} is .*: give a positive number"):
        LatencyMatchmaker(60, **{name: value})


@pytest.mark.parametrize("value", [0, 5, 1.5, "2", True, None])
def test_how_many_probes_one_participant_has_at_a_time_is_a_small_whole_number(value):
    expected = r"max_concurrent_probes is .*: give a whole number from 1 to 4\."
    with pytest.raises(ValueError, match=expected):
        LatencyMatchmaker(60, max_concurrent_probes=value)
    assert LatencyMatchmaker(60).max_concurrent_probes == 2
    assert FIFOMatchmaker(60).max_concurrent_probes == 1


@pytest.mark.parametrize("rules", [0, 3, "2", None])
def test_its_rules_are_those_that_there_are(rules):
    with pytest.raises(ValueError, match=r"rules must be 2, or 1 to replay an earlier ledger"):
        LatencyMatchmaker(60, rules=rules)


@pytest.mark.parametrize("group_size", [2, 3, 4])
@pytest.mark.parametrize("expansions", [(), ((20, 90), (60, 400))])
@pytest.mark.parametrize("expand_by", ["oldest", "newest"])
@given(events=EVENTS, seed=st.integers(0, 999), reunion=st.booleans())
@settings(max_examples=80)
def test_proposals_are_disjoint_groups_of_free_candidates_without_a_blocked_pair(
    group_size, expansions, expand_by, events, seed, reunion
):
    settings_ = {
        "rtt_expansions": expansions,
        "expand_by": expand_by,
        "compatible": not_both_odd,
    }
    strategy = LatencyMatchmaker(THRESHOLD_MS, **settings_)
    if reunion:
        strategy = GroupReunionMatchmaker(
            THRESHOLD_MS, fallback=strategy, reunion_timeout_s=15, **settings_
        )
    for pool, groups in changing_pools(strategy, events, seed, group_size=group_size):
        assert not pool.faults
        members = [member.subject_id for group in groups for member in group]
        assert len(set(members)) == len(members)
        for group in groups:
            assert len(group) == group_size
            for a, b in all_pairs(group):
                assert pool.candidate(a.subject_id) is a
                assert pool.candidate(b.subject_id) is b
                assert pool.standing(a, b, group) is not Standing.BLOCKED
