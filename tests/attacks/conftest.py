"""What all attacks need: a live server, and two honest participants who play on it meanwhile."""

import pytest

from tests.support.honest_game import HonestGame
from tests.support.raw_client import RawClient
from tests.support.served_experiment import ServedExperiment


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A served experiment: a start page, a game for two, a completion code."""
    experiment = ServedExperiment(tmp_path_factory.mktemp("attacked"))
    yield experiment
    log = experiment.log
    experiment.stop()
    assert "Traceback" not in log, log


@pytest.fixture
def honest(served):
    """Two who play during the test. In the end their data must be complete and right."""
    with HonestGame(served) as game:
        yield game


@pytest.fixture
def attacker(served):
    """Opens connections of Engine.IO's, and closes them after the test."""
    opened = []

    def connect(**options):
        opened.append(RawClient(served.port, **options))
        return opened[-1]

    yield connect
    for client in opened:
        client.close()
