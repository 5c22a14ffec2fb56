"""Active play in real Chromium over emulated networks.

Two of the nine kinds; ``tests/benchmarks/bench_real_networks.py`` plays over all of them.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright

from tests.support.e2e.real_networks import Network, Pair, missed_targets
from tests.support.netlab import NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab, pytest.mark.alone]

NETWORKS = [
    Network(rtt_ms=80, jitter_ms=15, loss=0.05),
    Network(rtt_ms=150, jitter_ms=30, loss=0.15),
]
"""A middling one, and the worst that play must survive."""


@pytest.fixture(scope="module")
def pair(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    with NetworkLab() as lab, Pair(playwright, lab, folder, games=len(NETWORKS)) as both:
        yield both


@pytest.mark.parametrize(
    "network", [NETWORKS[1], pytest.param(NETWORKS[0], marks=pytest.mark.sweep)], ids=str
)
def test_active_play_is_complete_agreed_and_without_stalls(pair: Pair, network: Network) -> None:
    # It also holds the data against the un-networked replay.
    figures = pair.play(network)
    assert not missed_targets(figures), figures
    assert not [person.errors for person in pair.people if person.errors]
