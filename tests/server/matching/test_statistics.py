from interactive_gym.server.matching.statistics import MatchingStatistics, RunningMean


def test_a_running_mean_starts_from_its_guess_and_follows_what_is_observed():
    mean = RunningMean(30.0, weight=3.0, keep=0.98)
    assert mean.value == 30
    for _ in range(400):
        mean.add(2.0)
    assert 2 <= mean.value < 2.02


def test_a_few_observations_move_the_mean_by_their_weight():
    mean = RunningMean(30.0, weight=3.0, keep=1.0)
    mean.add(10.0)
    assert mean.value == 25


def test_waits_and_probes_are_kept_apart():
    statistics = MatchingStatistics()
    typical_wait_s, typical_probe_s = statistics.typical_wait_s, statistics.typical_probe_s
    statistics.probed(9.0)
    assert statistics.typical_wait_s == typical_wait_s
    assert statistics.typical_probe_s > typical_probe_s
    statistics.waited(1.0)
    assert statistics.typical_wait_s < typical_wait_s


def test_the_time_since_the_last_arrival_is_never_negative():
    statistics = MatchingStatistics()
    assert statistics.since_arrival_s(5.0) == 0
    statistics.arrived(7.0)
    assert statistics.since_arrival_s(6.0) == 0
    assert statistics.since_arrival_s(9.5) == 2.5
