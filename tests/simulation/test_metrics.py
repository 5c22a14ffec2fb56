from dataclasses import replace

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.metrics import mean_metrics, metrics_of
from interactive_gym.simulation.oracle import simulate_oracle
from interactive_gym.simulation.simulator import simulate
from tests.support.small_studies import known_study


def test_the_figures_of_a_small_study_are_those_worked_out_by_hand():
    result = simulate_oracle(known_study([0.0, 1.0, 2.0, 5.0], [(0, 3), (1, 2)]), 100.0)
    result = replace(result, probes=5)
    metrics = metrics_of(result)
    # The waits are 6, 2, 1 and 1 s.
    assert metrics.match_rate == 1.0
    assert metrics.median_wait_s == 1.5
    assert metrics.p95_wait_s == pytest.approx(5.4)
    assert metrics.probes_per_game == 2.5
    assert metrics.median_game_rtt_ms == metrics.p95_game_rtt_ms == 50.0


def test_who_waits_in_vain_counts_with_all_their_patience():
    result = simulate_oracle(known_study([0.0, 1.0, 2.0], [(0, 1)], patience_s=120.0), 100.0)
    metrics = metrics_of(result)
    assert metrics.match_rate == pytest.approx(2 / 3)
    assert (metrics.median_wait_s, metrics.p95_wait_s) == (2.0, pytest.approx(108.2))


def test_without_a_game_there_are_no_figures_of_games():
    metrics = metrics_of(simulate_oracle(known_study([0.0, 1.0], []), 100.0))
    assert metrics.probes_per_game is metrics.median_game_rtt_ms is None
    assert metrics.excluded_share == 1.0


def test_excluded_is_only_who_could_not_be_matched_with_anybody_who_came_at_any_time():
    # 0 and 3 never wait together, but the threshold does not exclude them; it excludes 1 and 2.
    result = simulate_oracle(known_study([0.0, 1.0, 2.0, 5000.0], [(0, 3)]), 100.0)
    assert metrics_of(result).match_rate == 0.0
    assert metrics_of(result).excluded_share == 0.5


def test_excluded_from_groups_is_who_is_in_no_complete_group():
    near = [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4)]
    result = simulate_oracle(known_study([0.0] * 5, near, group_size=3), 100.0)
    assert metrics_of(result).excluded_share == pytest.approx(2 / 5)


def test_means_leave_out_studies_without_the_figure():
    played = metrics_of(simulate_oracle(known_study([0.0, 1.0], [(0, 1)]), 100.0))
    empty = metrics_of(simulate_oracle(known_study([0.0, 1.0], []), 100.0))
    mean = mean_metrics([played, empty])
    assert mean.match_rate == 0.5
    assert mean.median_game_rtt_ms == 50.0
    assert mean_metrics([empty]).probes_per_game is None


def test_the_poorest_fifth_are_those_with_the_fewest_acceptable_partners():
    near = [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (0, 3), (3, 4)]
    result = simulate(known_study([0.0, 1.0, 2.0, 3.0, 4.0], near), FIFOMatchmaker(100))
    figures = metrics_of(result)
    assert figures.poorest_fifth_rate == float(result.participants[4].fate == "matched")
    waits_s = [p.wait_s for p in result.participants]
    assert figures.mean_wait_s == pytest.approx(sum(waits_s) / 5)
