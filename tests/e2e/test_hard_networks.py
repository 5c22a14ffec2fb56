"""Groups who play over networks with something bad in them, and whose data are right all the same.

One network is played over in every run. `SWEEPS=all` plays over them all, which takes ten minutes;
``tests/benchmarks/bench_hard_networks.py`` prints how well.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.support.e2e.hard_networks import NETWORKS, Group, HardNetwork, missed_goals
from tests.support.netlab import NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab, pytest.mark.alone]

ALWAYS = "three, one bad link"
SWEPT = [
    pytest.param(
        network, id=network.name, marks=[] if network.name == ALWAYS else pytest.mark.sweep
    )
    for network in NETWORKS
]


@pytest.mark.parametrize("network", SWEPT)
def test_what_is_played_over_a_hard_network_is_complete_and_equal(
    playwright: Playwright, lab: NetworkLab, tmp_path: Path, network: HardNetwork
) -> None:
    with Group(playwright, lab, tmp_path, network, seconds=10) as group:
        # It also holds the data against the un-networked replay.
        figures = group.play()
    assert not figures["errors"]
    if network.name == ALWAYS:
        assert not missed_goals(network, figures), figures
