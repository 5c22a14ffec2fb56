"""Equal latency, in real Chromium over an emulated network.

One network of three; ``tests/benchmarks/bench_equal_latency.py`` measures over all of them, beside
games without equal latency.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.support.e2e.equal_play import EqualPair, missed_targets
from tests.support.e2e.real_networks import Network
from tests.support.netlab import NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab, pytest.mark.alone]

TARGET_MS = 120


@pytest.mark.parametrize(
    "network",
    [
        Network(100, 16, 0),
        pytest.param(Network(60, 10, 0), marks=pytest.mark.sweep),
        pytest.param(Network(20, 4, 0), marks=pytest.mark.sweep),
    ],
    ids=str,
)
def test_a_key_is_seen_on_the_partners_screen_after_the_target_on_both_sides(
    playwright: Playwright, lab: NetworkLab, tmp_path: Path, network: Network
) -> None:
    # It also holds the data against the un-networked replay.
    with EqualPair(playwright, lab, tmp_path, target_ms=TARGET_MS, seconds=8) as pair:
        figures = pair.play(network)
        assert figures["input_delay"] == 4
        assert figures["latency"]["max_rtt_ms"] == 160
        assert not missed_targets(figures), figures
        assert not [person.errors for person in pair.people if person.errors]
