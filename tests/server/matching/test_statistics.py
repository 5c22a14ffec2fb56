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


def test_the_first_guesses_are_thirty_seconds_and_two_and_count_like_three_observations():
    statistics = MatchingStatistics()
    assert (statistics.typical_wait_s, statistics.typical_probe_s) == (30.0, 2.0)
    statistics.waited(10.0)
    statistics.probed(6.0)
    weight = 3.0 * 0.98 + 1.0
    assert statistics.typical_wait_s == (3.0 * 30.0 * 0.98 + 10.0) / weight
    assert statistics.typical_probe_s == (3.0 * 2.0 * 0.98 + 6.0) / weight


def test_an_older_observation_counts_for_less_with_every_new_one():
    mean = RunningMean(0.0, weight=1.0, keep=0.5)
    for value, expected in ((8.0, 8 / 1.5), (0.0, 4 / 1.75), (4.0, 6 / 1.875)):
        mean.add(value)
        assert mean.value == expected


def test_unless_told_otherwise_a_mean_forgets_a_fiftieth_and_starts_with_the_weight_of_three():
    mean = RunningMean(30.0)
    mean.add(10.0)
    assert mean.value == (30.0 * 3.0 * 0.98 + 10.0) / (3.0 * 0.98 + 1.0)


def test_only_the_latest_arrival_counts():
    statistics = MatchingStatistics()
    for now_s in (1.0, 5.0):
        statistics.arrived(now_s)
    assert statistics.since_arrival_s(5.0) == 0.0
    assert statistics.since_arrival_s(7.5) == 2.5
